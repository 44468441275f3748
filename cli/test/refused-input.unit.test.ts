import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bench } from '../src/commands/bench.ts';
import { demandFleet } from '../src/commands/evaluate.ts';
import { demandLogin } from '../src/commands/start.ts';
import { UsageError } from '../src/usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-input-'));
const secret = join(folder, 'secret');
writeFileSync(secret, 's3cret\n', { mode: 0o600 });
afterAll(() => rmSync(folder, { recursive: true }));

const login = {
  OS_AUTH_URL: 'http://192.0.2.1:5000/v3',
  OS_USERNAME: 'u',
  OS_PASSWORD_FILE: secret,
  OS_PROJECT_NAME: 'p',
};

test('a login that every service can read is let through', () => {
  expect(() => demandLogin(login)).not.toThrow();
});

test('each value of OS_… that cannot be used is a line of its own', () => {
  const refused = () =>
    demandLogin({
      ...login,
      OS_AUTH_URL: 'not an address',
      OS_INTERFACE: 'secret',
      OS_PASSWORD_FILE: join(folder, 'nowhere'),
    });

  expect(refused).toThrow(UsageError);
  expect(refused).toThrow(/^OS_AUTH_URL: .*\nOS_PASSWORD_FILE: .*\nOS_INTERFACE: [^\n]*$/);
});

test('what is no folder of traces is refused before anything is made for it', () => {
  expect(() => demandFleet(join(folder, 'nowhere'))).toThrow(UsageError);
  expect(() => demandFleet(secret)).toThrow(/secret is no folder$/);
  expect(() => demandFleet(folder)).toThrow(/it has no meta\.json/);
  writeFileSync(join(folder, 'meta.json'), '{}');
  expect(() => demandFleet(folder)).not.toThrow();
});

test('parts are asked of a benchmark that has them; of another they are refused before it runs', async () => {
  await expect(bench('main', 'live')).rejects.toThrow('--only is of decisions, not of main');
});
