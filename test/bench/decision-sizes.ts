import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Breach,
  composeMigration,
  type Move,
  migrationConfig,
  replay,
} from '@sidestep/migration';
import { type Records, silentLog, sqliteRecords, systemClock } from '@sidestep/service-kit';
import { memoryJobs, testToken, testTokens } from '@sidestep/service-kit/testing';
import {
  chainsPerHost,
  type DecisionFleet,
  decisionFleet,
  serversPerHost,
} from './decision-fleet.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** What decisions cost at one size of fleet. */
export type SizeResult = {
  hosts: number;
  servers: number;
  chains: number;
  /** From the wake-up to the decision on disk, one hot host at a time. */
  decided: Spread;
  /** CPU of the process for each, milliseconds: what neighbours on the machine change least. */
  cpu: Spread;
  regret: Regret;
  pairsADecision: number;
};

/** Risk at the chosen host less the least at any host, the VNF on it. */
export type Regret = { worst: number; mean: number; none: number; of: number };

/** Many hosts hot in one second. */
export type StormResult = {
  hosts: number;
  alarms: number;
  ms: number;
  decided: number;
  begun: number;
  breaches: readonly Breach[];
};

/** First looks compile and fill: they are not what a running service takes. */
const warmUp = 10;
const admin = { authorization: `Bearer ${testToken('admin')}` };

type Decided = { hostId: string; serverId: string | null; destinationHostId: string | null };
type Service = {
  fleet: DecisionFleet;
  records: Records;
  config: ReturnType<typeof migrationConfig>;
  /** Alarms on these hosts, seen and decided. */
  look(hot: readonly string[]): Promise<number>;
  decisions(query: string): Promise<Decided[]>;
  toAuto(): Promise<void>;
};

/** The service with its records on disk; what it reads is in memory, so that its own work is what is measured. */
async function withService<T>(
  hosts: number,
  settings: Record<string, string>,
  work: (service: Service) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-bench-'));
  const tokens = join(folder, 'tokens.json');
  const secret = join(folder, 'secret');
  writeFileSync(tokens, JSON.stringify(testTokens));
  writeFileSync(secret, testToken('admin'));
  const fleet = decisionFleet(hosts, 1);
  const config = migrationConfig({
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_TOKENS_FILE: tokens,
    SIDESTEP_SERVICE_TOKEN_FILE: secret,
    SIDESTEP_LOG_LEVEL: 'silent',
    SIDESTEP_MIGRATION_PORT: '0',
    SIDESTEP_POLICY: 'least-risk',
    // Only what is measured looks at the alarms.
    SIDESTEP_RECONCILE_MS: '86400000',
    OS_AUTH_URL: 'http://127.0.0.1:9/v3',
    OS_APPLICATION_CREDENTIAL_ID: 'id',
    OS_APPLICATION_CREDENTIAL_SECRET_FILE: secret,
    ...settings,
  });
  const records = sqliteRecords(join(folder, 'migration.sqlite'), systemClock);
  // Operations are begun on record, and not worked: their cloud is not part of this.
  const jobs = memoryJobs();
  const migration = composeMigration(config, { ...fleet.parts, records, jobs, log: silentLog });
  await migration.start();
  try {
    const url = migration.address()?.url ?? '';
    return await work({
      fleet,
      records,
      config,
      look: async (hot) => {
        fleet.raise(hot);
        const startedAt = performance.now();
        await migration.reconcile();
        return performance.now() - startedAt;
      },
      toAuto: async () => {
        const response = await fetch(`${url}/settings`, {
          method: 'PUT',
          headers: { ...admin, 'content-type': 'application/json' },
          body: JSON.stringify({ mode: 'auto', policy: 'least-risk' }),
        });
        if (!response.ok) throw new Error(await response.text());
      },
      decisions: async (query) => {
        const response = await fetch(`${url}/decisions?${query}`, { headers: admin });
        return ((await response.json()) as { decisions: Decided[] }).decisions;
      },
    });
  } finally {
    await migration.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One hot host after another. */
export function measureSize(hosts: number, decisions: number): Promise<SizeResult> {
  return withService(hosts, {}, async ({ decisions: asked, fleet, look }) => {
    const hot = everyNth(fleet.hostIds, decisions + warmUp);
    const took: number[] = [];
    const losses: number[] = [];
    const cpuMs: number[] = [];
    for (const [at, host] of hot.entries()) {
      const before = process.cpuUsage();
      const ms = await look([host]);
      const { system, user } = process.cpuUsage(before);
      if (at < warmUp) continue;
      took.push(ms);
      cpuMs.push((system + user) / 1_000);
      const [decision] = await asked(`hostId=${host}&limit=1`);
      const loss = decision === undefined ? undefined : lossOf(decision, fleet);
      if (loss !== undefined) losses.push(loss);
    }
    return {
      hosts,
      servers: hosts * serversPerHost,
      chains: hosts * chainsPerHost,
      decided: spreadOf(took),
      cpu: spreadOf(cpuMs),
      regret: {
        worst: Math.max(0, ...losses),
        mean: losses.reduce((sum, loss) => sum + loss, 0) / Math.max(1, losses.length),
        none: losses.filter((loss) => loss < 1e-9).length,
        of: losses.length,
      },
      pairsADecision: fleet.pairsAsked() / hot.length,
    };
  });
}

/** Many hosts hot at once, in `auto`: decided in one look, and what was begun held against the guardrails afterwards. */
export function measureStorm(
  hosts: number,
  alarms: number,
  guardrails: Record<string, unknown>,
): Promise<StormResult> {
  const settings = { SIDESTEP_GUARDRAILS: JSON.stringify(guardrails) };
  return withService(
    hosts,
    settings,
    async ({ config, decisions, fleet, look, records, toAuto }) => {
      for (const host of everyNth(fleet.hostIds, warmUp)) await look([host]);
      await look([]);
      await toAuto();
      const ms = await look(everyNth(fleet.hostIds, alarms));
      const decided = await decisions('limit=1000');
      const { items } = await records.list<Move>('move', { limit: 10_000 });
      const moves = items.map(({ value }) => value);
      return {
        hosts,
        alarms,
        ms,
        decided: new Set(decided.map(({ hostId }) => hostId)).size,
        begun: moves.length,
        breaches: replay({ moves, limits: config.SIDESTEP_GUARDRAILS }),
      };
    },
  );
}

function everyNth(hostIds: readonly string[], count: number): string[] {
  const most = Math.min(count, hostIds.length);
  return Array.from(
    { length: most },
    (_, at) => hostIds[Math.floor((at * hostIds.length) / most)] ?? '',
  );
}

function lossOf(
  { hostId, serverId, destinationHostId }: Decided,
  fleet: DecisionFleet,
): number | undefined {
  if (serverId === null || destinationHostId === null) return undefined;
  const loadCores = fleet.loadOf(serverId);
  const riskAt = (id: string) => fleet.riskOf(id, (100 * loadCores) / fleet.coresOf(id));
  const others = fleet.hostIds.filter((id) => id !== hostId);
  return riskAt(destinationHostId) - Math.min(...others.map(riskAt));
}
