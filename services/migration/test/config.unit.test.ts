import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError } from '@sidestep/service-kit';
import { afterAll, expect, test } from 'vitest';
import { migrationConfig } from '../src/config.ts';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import { settingsIn } from './fakes/served.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-config-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('what is not said is safe: it recommends, and by risk', () => {
  const { SIDESTEP_POLICY: _policy, ...env } = settingsIn(folder);

  expect(migrationConfig(env)).toMatchObject({
    SIDESTEP_MODE: 'recommend',
    SIDESTEP_POLICY: 'least-risk',
    SIDESTEP_GUARDRAILS: safeLimits,
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
      SIDESTEP_LINK_MIGRATION_SLOTS: '0',
      SIDESTEP_HOST_MIGRATION_SLOTS: '65',
      SIDESTEP_GUARDRAILS: '{"concurrentMoves":0,"brakes":1}',
      SIDESTEP_MONITORING_URL: 'monitoring',
    });

  expect(read).toThrow(ConfigError);
  for (const name of [
    'MODE',
    'POLICY',
    'POLL_MS',
    'LINK_MIGRATION_SLOTS',
    'HOST_MIGRATION_SLOTS',
    'GUARDRAILS',
    'MONITORING_URL',
  ]) {
    expect(read).toThrow(`SIDESTEP_${name}`);
  }
});

test('limits of the guardrails that are not said are the safe ones; contradictions are told', () => {
  const read = (limits: object) =>
    migrationConfig({ ...settingsIn(folder), SIDESTEP_GUARDRAILS: JSON.stringify(limits) });

  const { SIDESTEP_GUARDRAILS } = read({ budgets: { hostIn: { burst: 9 } }, concurrentMoves: 8 });

  expect(SIDESTEP_GUARDRAILS).toEqual({
    ...safeLimits,
    concurrentMoves: 8,
    budgets: { ...safeLimits.budgets, hostIn: { ...safeLimits.budgets.hostIn, burst: 9 } },
  });
  expect(() => read({ cooldown: { firstMs: 1_000, maxMs: 10, quietMs: 20_000 } })).toThrow(
    '/cooldown/maxMs must not be less than firstMs',
  );
});

test('the defaults that the page on operations tells are those in force', () => {
  const page = readFileSync(new URL('../../../docs/operations.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `(SIDESTEP_\w+)` \| `?([\w ]+?)`? \|/gm)];
  const config: Record<string, unknown> = { ...migrationConfig(settingsIn(folder)) };

  expect(rows.length).toBeGreaterThan(5);
  for (const [, name = '', told = ''] of rows) {
    expect([name, told.replaceAll(' ', '')]).toEqual([name, String(config[name])]);
  }
});
