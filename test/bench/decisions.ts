import { availableParallelism, cpus, loadavg } from 'node:os';
import { fleetCloud } from '@sidestep/emulator';
import { chainsPerHost, serversPerHost } from './decision-fleet.ts';
import { measureSize, measureStorm, type SizeResult, type StormResult } from './decision-sizes.ts';
import { moveRow } from './move-row.ts';
import { measureMoves } from './moves.ts';
import { partsAsked } from './parts.ts';
import { measureGap } from './replacement-gap.ts';
import { milliseconds, type Row, tableOf, whole } from './table.ts';

const DECISIONS = 200;
const STORM_ALARMS = 300;
const STORM_LIMIT_MS = 5_000;
/** Limits that let a storm through, so that many moves begin: what is replayed then is not the limits' emptiness. */
const wide = {
  cooldown: { firstMs: 0 },
  budgets: {
    cluster: { perHour: 1_000, burst: 200 },
    hostIn: { perHour: 100, burst: 50 },
    hostOut: { perHour: 100, burst: 50 },
  },
  concurrentMoves: 100,
};

/** The live run: the service processes on an emulated fleet of this size. */
const LIVE_HOSTS = 1_000;
const LIVE_MOVES = 100;
const SERVER_INTERVAL_MS = 10_000;
const latency = { fixedMs: 20, jitterMs: 10 };

const startedAt = performance.now();
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
const say = (line: string): void => {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  process.stderr.write(`bench ${seconds} s: ${line} (load ${load()})\n`);
};

function sizeRow(result: SizeResult, targetMs: number | undefined): Row {
  const { chains, cpu, decided, hosts, pairsADecision, regret, servers } = result;
  return {
    what: `decision p50 / p99, ${whole(hosts)} hosts, ${whole(servers)} VNFs, ${whole(chains)} chains`,
    figure: `${milliseconds(decided.p50)} / ${milliseconds(decided.p99)}`,
    ...(targetMs === undefined ? {} : { target: `p99 ≤ ${targetMs} ms` }),
    how: `${decided.count} hosts hot one after another, from the wake-up to the decision on disk; CPU for one ${milliseconds(cpu.p50)} / ${milliseconds(cpu.p99)}; ${whole(pairsADecision)} pairs scored of ${whole(8 * hosts)}; regret of that against all hosts: mean ${regret.mean.toFixed(4)}, worst ${regret.worst.toFixed(4)} of risk, none in ${regret.none} of ${regret.of}`,
  };
}

function stormRow(name: string, storm: StormResult): Row {
  const { alarms, begun, breaches, decided, hosts, ms } = storm;
  const first = breaches[0];
  return {
    what: `${alarms} alarms at once, ${whole(hosts)} hosts, ${name}`,
    figure: `${milliseconds(ms)}, ${breaches.length} guardrails broken`,
    target: `≤ ${whole(STORM_LIMIT_MS)} ms, 0`,
    how: `one look in auto; ${decided} hosts have a decision, ${begun} moves begun; the records replayed by other reckonings than those that let the moves through${first === undefined ? '' : `: ${first.detail}`}`,
  };
}

async function live(): Promise<Row[]> {
  const size = { servers: LIVE_HOSTS * serversPerHost, chains: LIVE_HOSTS * chainsPerHost };
  const fleet = fleetCloud({ hosts: LIVE_HOSTS, ...size, seed: 1 });
  const results = await measureMoves({
    // With room for what moves here: twenty VNFs keep 32 cores three quarters busy.
    fleet: { ...fleet, hosts: fleet.hosts.map((host) => ({ ...host, cores: 64 })) },
    policies: ['least-risk'],
    movesPerPolicy: LIVE_MOVES,
    paceMs: 830,
    serverIntervalMs: SERVER_INTERVAL_MS,
    settleMs: 40_000,
    latency,
    say,
  });
  const named = `${whole(LIVE_HOSTS)} hosts, ${whole(size.servers)} VNFs, ${whole(size.chains)} chains`;
  const more = `, VNFs and chains every ${SERVER_INTERVAL_MS / 1000} s`;
  return results.map((result) => moveRow(result, { latency, fleet: named, more }));
}

/** Which parts are to run; what names none is one clear line, and the end. */
function partsOrExit(): readonly string[] {
  const parsed = partsAsked(Object.keys(parts), process.argv.slice(2));
  if (typeof parsed !== 'string') return parsed;
  process.stderr.write(`bench: ${parsed}\n`);
  process.exit(2);
}

/** A part of the bench by its name; `--only live` runs that part alone. */
const parts: Readonly<Record<string, () => Promise<Row[]>>> = {
  sizes: async () => {
    const rows: Row[] = [];
    for (const [hosts, targetMs] of [[100], [1_000, 50], [3_000], [10_000, 250]] as const) {
      const result = await measureSize(hosts, DECISIONS);
      rows.push(sizeRow(result, targetMs));
      say(`${whole(hosts)} hosts: p99 ${milliseconds(result.decided.p99)}`);
    }
    return rows;
  },
  // A machine too busy for the live run is no reason to lose the other rows.
  live: () =>
    live().catch((error: unknown): Row[] => [
      {
        what: `alarm's completing sample sent → live-migration call, ${whole(LIVE_HOSTS)} hosts`,
        figure: 'not measured',
        how: error instanceof Error ? error.message : String(error),
      },
    ]),
  storm: async () => {
    const rows: Row[] = [];
    for (const [name, limits] of [
      ['default guardrails', {}],
      ['wide guardrails', wide],
    ] as const) {
      const storm = await measureStorm(1_000, STORM_ALARMS, limits);
      rows.push(stormRow(name, storm));
      say(`storm, ${name}: ${milliseconds(storm.ms)}, ${storm.begun} begun`);
    }
    return rows;
  },
  gap: async () => {
    const rows: Row[] = [];
    for (const size of [
      { hosts: 4, servers: 8, chains: 4 },
      { hosts: 5, servers: 12, chains: 6 },
      { hosts: 6, servers: 15, chains: 8 },
    ]) {
      const { asGood, fleets, meanGap, withoutOrder, worstGap } = await measureGap(size, 15);
      rows.push({
        what: `re-placement against the exact optimum, ${size.hosts} hosts, ${size.servers} VNFs, ${size.chains} chains`,
        figure: `${asGood} of ${fleets} as good`,
        how: `random fleets, objective within 1e-6 of the optimum that HiGHS proves; gap mean ${(100 * meanGap).toFixed(3)} %, worst ${(100 * worstGap).toFixed(3)} %; in ${withoutOrder} the optimum has no order of moves, which HiGHS does not ask for`,
      });
      say(`gap, ${size.hosts} hosts: ${asGood} of ${fleets}`);
    }
    return rows;
  },
};

const asked = partsOrExit();
const loadBefore = load();
const rows: Row[] = [];
for (const part of asked) rows.push(...((await parts[part]?.()) ?? []));
process.stdout.write(
  `${tableOf(rows)}\n\nThe service in one process, its records on disk, its readings in memory; ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load average ${loadBefore} before and ${load()} after, Node ${process.version}\n`,
);
