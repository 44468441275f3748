import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { endOfLog } from '../src/end-of-log.ts';
import { ownProcesses } from '../src/processes.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the last words of a process that has ended are in its log, however much it said', async () => {
  const processes = ownProcesses();
  const said = 200_000;
  const script = `
    const words = Array.from({ length: ${said} }, (_, at) => 'word ' + at).join('\\n');
    process.stdout.write(words + '\\n', () => process.exit(3));`;

  const logFile = join(folder, 'talker.log');
  const talker = processes.start({
    name: 'talker',
    command: process.execPath,
    args: ['--eval', script],
    logFile,
  });

  expect(await talker.ended).toBe(3);
  await talker.logged;
  expect(endOfLog(logFile, 0).split('\n').at(-1)).toBe(`word ${said - 1}`);
});

test('a program that is not there says so in its log', async () => {
  const logFile = join(folder, 'missing.log');
  const missing = ownProcesses().start({
    name: 'missing',
    command: join(folder, 'no-such-program'),
    args: [],
    logFile,
  });

  expect(await missing.ended).toBe(127);
  await missing.logged;
  expect(endOfLog(logFile, 0)).toMatch(/ENOENT/);
});
