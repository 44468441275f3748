import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@sidestep/cli';
import { afterAll, expect, test } from 'vitest';

const temporary = mkdtempSync(join(tmpdir(), 'sidestep-interrupted-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

test('a demo interrupted while it starts leaves no folder behind', async () => {
  const main = new URL('../../cli/src/main.ts', import.meta.url).pathname;
  const port = (await freePort()) % 60_000;
  const demo = spawn(
    process.execPath,
    [
      '--disable-warning=ExperimentalWarning',
      main,
      'demo',
      '--port-base',
      String(port),
      '--collectd-port',
      String(port + 4),
    ],
    { env: { ...process.env, TMPDIR: temporary }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<number | null>((resolve) => demo.once('close', resolve));
  await new Promise((resolve) => demo.stdout.once('data', resolve));

  demo.kill('SIGINT');

  expect(await ended).toBe(130);
  expect(readdirSync(temporary)).toEqual([]);
});
