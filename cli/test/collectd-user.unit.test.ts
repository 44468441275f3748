import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeCollectdUser } from '../src/collectd-user.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'collectd-user-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('an installation’s agents sign as one user, whose password stays and only this account can read', () => {
  const made = makeCollectdUser(folder);

  expect(made.password).toMatch(/^[\w-]{32}$/);
  expect(statSync(made.usersFile).mode & 0o077).toBe(0);
  expect(makeCollectdUser(folder)).toEqual(made);
});

test('a list that names nobody is refused with its name', () => {
  const { usersFile } = makeCollectdUser(folder);
  writeFileSync(usersFile, '# nobody\n');

  expect(() => makeCollectdUser(folder)).toThrow(usersFile);
});
