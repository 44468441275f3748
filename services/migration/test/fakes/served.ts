import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@sidestep/service-kit';
import { type MemoryJobs, memoryJobs, testToken, testTokens } from '@sidestep/service-kit/testing';
import { composeMigration, type Migration, type MigrationParts } from '../../src/compose.ts';
import { migrationConfig } from '../../src/config.ts';
import { type FakeChains, fakeChains } from './fake-chains.ts';
import { type FakeCompute, fakeCompute } from './fake-compute.ts';
import { type FakeForecasts, fakeForecasts } from './fake-forecasts.ts';
import { type FakeHosts, fakeHosts } from './fake-hosts.ts';
import { type FakePlaces, fakePlaces } from './fake-places.ts';
import { fakeSurroundings } from './fake-surroundings.ts';
import { type FakeTelemetry, fakeTelemetry } from './fake-telemetry.ts';
import { localOptimizer } from './local-optimizer.ts';
import { hotHost } from './world.ts';

export type Asked = { status: number; body: unknown; location: string | null; type: string | null };
export type Served = {
  migration: Migration;
  jobs: MemoryJobs;
  compute: FakeCompute;
  hosts: FakeHosts;
  telemetry: FakeTelemetry;
  forecasts: FakeForecasts;
  places: FakePlaces;
  chains: FakeChains;
  ask(method: string, path: string, body?: unknown, role?: 'viewer' | 'admin'): Promise<Asked>;
  close(): Promise<void>;
};

/** The settings of a service whose files are in a folder of their own. */
export function settingsIn(folder: string): Record<string, string> {
  const tokens = join(folder, 'tokens.json');
  const secret = join(folder, 'secret');
  writeFileSync(tokens, JSON.stringify(testTokens));
  writeFileSync(secret, testToken('operator'));
  return {
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_TOKENS_FILE: tokens,
    SIDESTEP_SERVICE_TOKEN_FILE: secret,
    SIDESTEP_LOG_LEVEL: 'silent',
    SIDESTEP_MIGRATION_PORT: '0',
    SIDESTEP_POLICY: 'least-cpu',
    SIDESTEP_CONTROL_SHARE: '0',
    SIDESTEP_POLL_MS: '50',
    SIDESTEP_SETTLE_MS: '50',
    SIDESTEP_RETRY_MS: '10',
    OS_AUTH_URL: 'http://127.0.0.1:9/v3',
    OS_APPLICATION_CREDENTIAL_ID: 'id',
    OS_APPLICATION_CREDENTIAL_SECRET_FILE: secret,
  };
}

/** The whole service on fakes, listening; every answer is checked against the contract. */
export async function served(
  settings: Record<string, string> = {},
  parts: MigrationParts = {},
): Promise<Served> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-migration-'));
  // The folder's clock is the real one: what a view says it was made at has to be near it.
  const view = { ...hotHost(), atMs: Date.now() };
  const made = {
    jobs: memoryJobs(),
    compute: fakeCompute(),
    hosts: fakeHosts(view.hosts.map(({ id }) => id)),
    telemetry: fakeTelemetry(view),
    forecasts: fakeForecasts({ h2: 0.3, h3: 0.01 }),
    places: fakePlaces(),
    chains: fakeChains(),
  };
  const surroundings = fakeSurroundings(made.telemetry);
  const migration = composeMigration(migrationConfig({ ...settingsIn(folder), ...settings }), {
    ...made,
    optimizer: localOptimizer({ ...made, surroundings, now: () => Date.now() }),
    surroundings,
    log: silentLog,
    checkReplies: true,
    ...parts,
  });
  await migration.start();
  const url = migration.address()?.url ?? '';
  return {
    ...made,
    migration,
    ask: async (method, path, body, role) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${testToken(role ?? 'operator')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      const type = response.headers.get('content-type');
      return {
        status: response.status,
        body: type?.includes('json') ? JSON.parse(text) : text,
        location: response.headers.get('location'),
        type,
      };
    },
    close: async () => {
      await migration.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
