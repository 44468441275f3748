import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { compose } from '../src/compose.ts';
import { monitoringSettings } from '../src/config.ts';
import { freePort } from './daemons.ts';

let folder: string;
let vim: Server;
let answers = true;
let asked = 0;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'closing-'));
  writeFileSync(join(folder, 'tokens'), JSON.stringify(testTokens));
  writeFileSync(join(folder, 'secret'), 's3cret\n');
  answers = true;
  asked = 0;
  // Refuses every request, then takes every one and answers none.
  vim = createServer((_request, response) => {
    if (answers) response.writeHead(401).end();
    else asked += 1;
  });
  await new Promise<void>((resolve) => vim.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  vim.closeAllConnections();
  await new Promise((resolve) => vim.close(resolve));
  rmSync(folder, { recursive: true });
});

const composed = async (port: number, over: Record<string, string> = {}) =>
  compose(
    monitoringSettings({
      OS_AUTH_URL: `http://127.0.0.1:${(vim.address() as AddressInfo).port}/v3`,
      OS_USERNAME: 'sidestep',
      OS_PROJECT_NAME: 'sidestep',
      OS_PASSWORD_FILE: join(folder, 'secret'),
      SIDESTEP_DATA_DIR: join(folder, 'data'),
      SIDESTEP_TOKENS_FILE: join(folder, 'tokens'),
      SIDESTEP_SERVICE_TOKEN_FILE: join(folder, 'secret'),
      // Nobody is there.
      SIDESTEP_REDIS_URL: 'redis://127.0.0.1:1',
      SIDESTEP_MONITORING_PORT: String(port),
      SIDESTEP_COLLECTD_PORT: String(await freePort()),
      SIDESTEP_LOG_LEVEL: 'silent',
      SIDESTEP_INVENTORY_EVERY_MS: '500',
      SIDESTEP_INVENTORY_TIMEOUT_MS: '600000',
      ...over,
    }),
  );

test('a VIM that does not answer does not hold up the end', async () => {
  const port = await freePort();
  const running = await composed(port);
  await running.start();
  const problem = async () => {
    const headers = { authorization: `Bearer ${testToken('viewer')}` };
    const answer = await fetch(`http://127.0.0.1:${port}/fleet`, { headers });
    return String(((await answer.json()) as { problem: unknown }).problem);
  };
  await expect.poll(problem, { timeout: 10_000 }).not.toContain('not been read yet');
  // The first reading is over: the next one is the ticker's, which waits for it.
  answers = false;
  await expect.poll(() => asked, { timeout: 10_000 }).toBeGreaterThan(0);

  await running.close();
});

test('a login that cannot be used is refused at the start', async () => {
  const running = await composed(await freePort(), {
    OS_AUTH_URL: 'http://admin:secret@127.0.0.1:5000/v3',
  });

  await expect(running.start()).rejects.toThrow('authUrl holds credentials');
  await running.close();
});
