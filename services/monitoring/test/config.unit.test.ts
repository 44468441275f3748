import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testTokens } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoringSettings, retentionOf } from '../src/config.ts';
import { parseUsers } from '../src/domain/users-file.ts';

let folder: string;
let base: Record<string, string>;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  writeFileSync(join(folder, 'tokens'), JSON.stringify(testTokens));
  writeFileSync(join(folder, 'secret'), 's3cret\n');
  writeFileSync(join(folder, 'users'), '# agents\nnfvmon: s3cret\nother : with: colon \n');
  writeFileSync(join(folder, 'types'), 'own_type a:GAUGE:0:U, b:DERIVE:0:U\n');
  writeFileSync(join(folder, 'bad'), 'own_type a:ROD:0:U\n');
  const link = { id: 'l1', node1_id: 'a', node2_id: 'b', delay_us: 5, max_bw_mbps: null };
  writeFileSync(join(folder, 'links'), JSON.stringify([link]));
  base = {
    OS_AUTH_URL: 'http://127.0.0.1:5000/v3',
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_TOKENS_FILE: join(folder, 'tokens'),
    SIDESTEP_SERVICE_TOKEN_FILE: join(folder, 'secret'),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));

const read = (over: Record<string, string> = {}) => monitoringSettings({ ...base, ...over });

test('what is not set has its default: loopback, embedded store, seven days', () => {
  const config = read();

  expect(config).toMatchObject({
    SIDESTEP_BIND: '127.0.0.1',
    SIDESTEP_MONITORING_PORT: 8601,
    SIDESTEP_COLLECTD_PORT: 25826,
    SIDESTEP_COLLECTD_SECURITY: 'none',
    SIDESTEP_STORE: 'embedded',
  });
  expect(retentionOf(config)).toEqual({
    samplesMs: 7 * 86_400_000,
    rollupsMs: 30 * 86_400_000,
    minutesMs: 400 * 86_400_000,
  });
});

test('users, types and links come from files', () => {
  const config = read({
    SIDESTEP_COLLECTD_SECURITY: 'signed',
    SIDESTEP_COLLECTD_USERS_FILE: join(folder, 'users'),
    SIDESTEP_TYPES_DB: join(folder, 'types'),
    SIDESTEP_LINKS_FILE: join(folder, 'links'),
  });

  expect(config.SIDESTEP_COLLECTD_USERS_FILE?.get('nfvmon')).toBe('s3cret');
  expect(config.SIDESTEP_COLLECTD_USERS_FILE?.get('other')).toBe('with: colon');
  expect(config.SIDESTEP_TYPES_DB?.get('own_type')).toHaveLength(2);
  expect(config.SIDESTEP_LINKS_FILE).toEqual([
    { id: 'l1', node1Id: 'a', node2Id: 'b', delayUs: 5, maxBwMbps: null },
  ]);
});

test.each([
  ['SIDESTEP_TYPES_DB', 'bad', /line 1: a:ROD:0:U is no data source/],
  ['SIDESTEP_TYPES_DB', 'nowhere', /no such file/],
  ['SIDESTEP_COLLECTD_USERS_FILE', 'secret', /line 1 is no "user: password"/],
  ['SIDESTEP_LINKS_FILE', 'half-links', /0\/node2_id /],
])('a bad file of %s is told with what is wrong in it', (name, file, fault) => {
  const half = { id: 'l1', node1_id: 'a', delay_us: 5, max_bw_mbps: null };
  writeFileSync(join(folder, 'half-links'), JSON.stringify([half]));

  expect(() => read({ SIDESTEP_COLLECTD_SECURITY: 'none', [name]: join(folder, file) })).toThrow(
    fault,
  );
});

test.each([
  ['SIDESTEP_COLLECTD_PORT', '70000'],
  ['SIDESTEP_STORE', 'paper'],
  ['SIDESTEP_TYPES_DB', 'bad'],
  ['SIDESTEP_LINKS_FILE', 'secret'],
  ['SIDESTEP_COLLECTD_USERS_FILE', 'secret'],
  ['SIDESTEP_SAMPLES_KEPT_DAYS', '0'],
  ['SIDESTEP_OPEN_NETWORKS', '192.0.2.0/24,nowhere/8'],
  ['SIDESTEP_OPEN_NETWORKS', '192.0.2.0/33'],
  ['SIDESTEP_COLLECTD_SECURITY', 'signed'],
])('%s = %s stops the start and is named', (name, value) => {
  const isFile = name.endsWith('_FILE') || name === 'SIDESTEP_TYPES_DB';

  expect(() => read({ [name]: isFile ? join(folder, value) : value })).toThrow(
    name === 'SIDESTEP_COLLECTD_SECURITY' ? /USERS_FILE/ : new RegExp(name),
  );
});

test('a line without a colon is no user', () => {
  expect(() => parseUsers('nonsense')).toThrow();
});

test('a certificate without its key is refused', () => {
  expect(() => read({ SIDESTEP_TLS_CERT_FILE: import.meta.filename })).toThrow(/TLS_KEY_FILE/);
});
