import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigError, openStackLoginOf } from '../src/index.ts';

let folder: string;
let secretFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  secretFile = join(folder, 'secret');
  writeFileSync(secretFile, 's3cret\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const login = (env: Record<string, string>) =>
  openStackLoginOf({ OS_AUTH_URL: 'http://127.0.0.1:5000/v3', ...env });

test('a user with a password logs in to a project', () => {
  const env = { OS_USERNAME: 'u', OS_PASSWORD_FILE: secretFile, OS_PROJECT_NAME: 'p' };

  expect(login({ ...env, OS_REGION_NAME: 'r1' })).toEqual({
    authUrl: 'http://127.0.0.1:5000/v3',
    region: 'r1',
    interface: 'public',
    auth: {
      kind: 'password',
      username: 'u',
      password: 's3cret',
      projectName: 'p',
      userDomainName: 'Default',
      projectDomainName: 'Default',
    },
  });
});

test('an application credential goes before a password', () => {
  const env = {
    OS_USERNAME: 'u',
    OS_PASSWORD_FILE: secretFile,
    OS_PROJECT_NAME: 'p',
    OS_APPLICATION_CREDENTIAL_ID: 'id',
    OS_APPLICATION_CREDENTIAL_SECRET_FILE: secretFile,
  };

  expect(login(env).auth).toEqual({ kind: 'application-credential', id: 'id', secret: 's3cret' });
});

test('half a login is a fault of the settings', () => {
  expect(() => login({ OS_USERNAME: 'u' })).toThrow(ConfigError);
  const password = { OS_USERNAME: 'u', OS_PASSWORD_FILE: secretFile, OS_PROJECT_NAME: 'p' };
  expect(() => login({ ...password, OS_APPLICATION_CREDENTIAL_ID: 'id' })).toThrow('go together');
});
