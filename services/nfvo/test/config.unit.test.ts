import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@sidestep/service-kit';
import { expect, onTestFinished, test } from 'vitest';
import { readNfvoConfig } from '../src/config.ts';

function environment(): Record<string, string> {
  const folder = mkdtempSync(join(tmpdir(), 'nfvo-config-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  return {
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_TOKENS_FILE: file('tokens', '[]'),
    SIDESTEP_SERVICE_TOKEN_FILE: file('token', 'token'),
    OS_AUTH_URL: 'http://127.0.0.1:5000/v3',
    OS_USERNAME: 'sidestep',
    OS_PASSWORD_FILE: file('password', 'secret\n'),
    OS_PROJECT_NAME: 'admin',
  };
}

test('a password is read from its file, and defaults are filled in', () => {
  const { settings, openstack } = readNfvoConfig(environment());

  expect(settings.SIDESTEP_NFVO_PORT).toBe(8604);
  expect(openstack).toEqual({
    authUrl: 'http://127.0.0.1:5000/v3',
    interface: 'public',
    timeoutMs: 30_000,
    auth: {
      kind: 'password',
      username: 'sidestep',
      password: 'secret',
      projectName: 'admin',
      userDomainName: 'Default',
      projectDomainName: 'Default',
    },
  });
});

test('an application credential goes before a password', () => {
  const env = environment();
  const { openstack } = readNfvoConfig({
    ...env,
    OS_APPLICATION_CREDENTIAL_ID: 'ac',
    OS_APPLICATION_CREDENTIAL_SECRET_FILE: env.OS_PASSWORD_FILE,
    OS_REGION_NAME: 'RegionTwo',
  });

  expect(openstack).toMatchObject({
    region: 'RegionTwo',
    auth: { kind: 'application-credential', id: 'ac', secret: 'secret' },
  });
});

test.each([
  ['monitoring.example:25826', { host: 'monitoring.example', port: 25_826 }],
  ['[fd00::9]:25826', { host: 'fd00::9', port: 25_826 }],
])('VNFs report to %s', (address, target) => {
  const { settings } = readNfvoConfig({
    ...environment(),
    SIDESTEP_NFVO_VNF_MONITORING: address,
  });

  expect(settings.SIDESTEP_NFVO_VNF_MONITORING).toEqual(target);
});

test('VNFs sign as the user of the settings', () => {
  const given = environment();
  const { monitoring } = readNfvoConfig({
    ...given,
    SIDESTEP_NFVO_VNF_MONITORING: 'monitoring.example:25826',
    SIDESTEP_NFVO_VNF_MONITORING_USER: 'vnf',
    SIDESTEP_NFVO_VNF_MONITORING_PASSWORD_FILE: given.OS_PASSWORD_FILE,
  });

  expect(monitoring).toEqual({
    host: 'monitoring.example',
    port: 25_826,
    signer: { user: 'vnf', password: 'secret' },
  });
  expect(readNfvoConfig(given).monitoring).toBeNull();
});

test.each([
  [{ SIDESTEP_NFVO_VNF_MONITORING_USER: 'vnf' }, ['SIDESTEP_NFVO_VNF_MONITORING_PASSWORD_FILE']],
  [{ SIDESTEP_NFVO_VNF_MONITORING_USER: '"$(id)' }, ['SIDESTEP_NFVO_VNF_MONITORING_USER']],
  [{ SIDESTEP_NFVO_VNF_MONITORING: '$(id):1' }, ['SIDESTEP_NFVO_VNF_MONITORING']],
  [{ SIDESTEP_NFVO_VNF_MONITORING: 'host:70000' }, ['SIDESTEP_NFVO_VNF_MONITORING']],
  [{ SIDESTEP_NFVO_PROBES_FILE: '/nowhere' }, ['SIDESTEP_NFVO_PROBES_FILE']],
  [{ OS_USERNAME: undefined, OS_PROJECT_NAME: undefined }, ['OS_USERNAME', 'OS_PROJECT_NAME']],
  [{ OS_APPLICATION_CREDENTIAL_ID: 'ac' }, ['OS_APPLICATION_CREDENTIAL_SECRET_FILE']],
  [{ OS_AUTH_URL: 'keystone', SIDESTEP_NFVO_PORT: 'http' }, ['OS_AUTH_URL', 'SIDESTEP_NFVO_PORT']],
])('%j stops the start, every fault named', (change, names) => {
  let message = '';
  try {
    readNfvoConfig({ ...environment(), ...change });
  } catch (error) {
    if (error instanceof ConfigError) message = error.message;
  }

  for (const name of names) expect(message).toContain(name);
  expect(message).not.toContain('secret\n');
});
