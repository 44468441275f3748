import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@sidestep/service-kit';
import { afterAll, expect, test } from 'vitest';
import { migrationConfig } from '../src/config.ts';
import { settingsIn } from './fakes/served.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is not said is safe: it recommends, and by risk', () => {
  const { SIDESTEP_POLICY: _policy, ...env } = settingsIn(folder);

  expect(migrationConfig(env)).toMatchObject({
    SIDESTEP_MODE: 'recommend',
    SIDESTEP_POLICY: 'least-risk',
    SIDESTEP_SERVER_REST_MS: 1_800_000,
    SIDESTEP_DECISION_EXPIRY_MS: 600_000,
    SIDESTEP_RECONCILE_MS: 10_000,
  });
});

test('every fault is told at once, and none becomes a default', () => {
  const read = () =>
    migrationConfig({
      ...settingsIn(folder),
      SIDESTEP_MODE: 'reckless',
      SIDESTEP_POLICY: 'best',
      SIDESTEP_POLL_MS: 'soon',
      SIDESTEP_MONITORING_URL: 'monitoring',
    });

  expect(read).toThrow(ConfigError);
  for (const name of ['MODE', 'POLICY', 'POLL_MS', 'MONITORING_URL']) {
    expect(read).toThrow(`SIDESTEP_${name}`);
  }
});
