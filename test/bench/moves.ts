import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCollectdUser, signedOnly, signingAs } from '@sidestep/cli';
import { answer } from '@sidestep/contracts';
import { type CloudSpec, type Emulator, realClock, startEmulator } from '@sidestep/emulator';
import { wideGuardrails } from '../e2e/guardrails.ts';
import { type BenchStack, freeUdpPort, pause, until, withStack } from './bench-stack.ts';
import { cpuSecondsOf, waitedSecondsOf } from './proc.ts';
import { headOf } from './recorded-fleet.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** How long it takes from the sample that completes an alarm to Nova's live-migration call, over many moves. */
export type MovesResult = {
  policy: string;
  took: Took | 'nothing';
  /** Hosts that were made hot without a move that counts, each with why. */
  missed: readonly string[];
  /** Cores that each process was busy with meanwhile; `emulator` is this one. */
  cores: ReadonlyMap<string, number>;
  /** Seconds that Monitoring could have run and had no core: the neighbours' part in it. */
  waitedForCpuSeconds: number;
};

type Took = {
  /** From the datagram with that sample leaving the emulator. */
  sinceSent: Spread;
  /** From the sample's own time, which is the alarm's `raisedAt`. */
  sinceSampled: Spread;
  /** The part of `sinceSent` until the decision and its operation were on record. */
  untilDecided: Spread;
};

export type MovesOptions = {
  /** The fleet, without stress of its own. */
  fleet: CloudSpec;
  policies: readonly string[];
  movesPerPolicy: number;
  /** Between two hosts' stress: not a whole number of samples, so that the alarms fall on all parts of a second. */
  paceMs: number;
  /** Between two samples of a server or chain; of a host there is one each second. */
  serverIntervalMs: number;
  /** Before the first host's stress: the fleet is read, and every host has reported for a while. */
  settleMs: number;
  latency: { fixedMs: number; jitterMs: number };
  say(line: string): void;
};

/** Moves may overlap, but none waits for another: the limit is beyond what the pace brings about. */
const CONCURRENT_MOVES = 64;
// The rule that ships judges the mean of 10 s for 20 s; the stress outlasts both and ends before the host may be looked at again.
const STRESS_MS = 37_000;
const STRESS_CORES = 60;
const LAST_CALL_MS = 15_000;
const INVENTORY_LIMIT_MS = 120_000;
/** Between two samples of a host. */
export const INTERVAL_MS = 1_000;
/** Slower than the aim is told move by move: an interval and a quarter of a second. */
export const SLOW_MS = INTERVAL_MS + 250;

/** Long enough for the alarm to clear, and over before the host's turn under the next policy. */
const HOST_REST_MS = 20_000;
/** What the hosts that go hot have to do besides, in cores: by it they are nobody's first choice as a destination. */
const EXTRA_CORES = 6;

type Sent = { sampleMs: number; sentMs: number };
type Move = Sent & { host: string; decidedMs: number; calledMs: number };

/**
 * The fleet without stress of its own. A host that is about to go hot takes part in no other move, or its own would have to
 * wait for that one: each move is independent.
 */
function cloudOf(fleet: CloudSpec, hotHosts: number): CloudSpec {
  const hosts = fleet.hosts.map((host, at) =>
    at < hotHosts ? { ...host, backgroundCores: host.backgroundCores + EXTRA_CORES } : host,
  );
  return { ...fleet, hosts, stress: [] };
}

/** The whole stack, live on an emulated fleet at 1 s; hosts go hot one after another. */
export async function measureMoves(options: MovesOptions): Promise<MovesResult[]> {
  const collectdPort = await freeUdpPort();
  // The emulator's own clock stamps samples and calls alike: it times the datagrams too.
  const clock = realClock();
  const spec = cloudOf(options.fleet, options.movesPerPolicy);
  const hosts = spec.hosts.slice(0, options.movesPerPolicy).map(({ name }) => name);
  const sent = sentLog(new Set(hosts));
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-bench-user-'));
  const signer = makeCollectdUser(folder);
  const cloud = await startEmulator(spec, {
    clock,
    latency: options.latency,
    collectd: {
      address: '127.0.0.1',
      port: collectdPort,
      intervalMs: INTERVAL_MS,
      serverIntervalMs: options.serverIntervalMs,
      security: signingAs(signer),
    },
    onDatagram: (datagram) => sent.note(datagram, clock.nowMs()),
  });
  const settings = {
    ...signedOnly,
    SIDESTEP_COLLECTD_USERS_FILE: signer.usersFile,
    SIDESTEP_MODE: 'auto',
    SIDESTEP_POLICY: options.policies[0] ?? 'least-risk',
    SIDESTEP_GUARDRAILS: wideGuardrails({ concurrentMoves: CONCURRENT_MOVES }),
    SIDESTEP_WORKERS: String(CONCURRENT_MOVES),
    SIDESTEP_HOST_REST_MS: String(HOST_REST_MS),
    SIDESTEP_PREDICTION_TRAINS_ITSELF: 'false',
    // On a busy machine a large fleet's first reading is slow; it is over before anything is measured.
    SIDESTEP_INVENTORY_TIMEOUT_MS: String(INVENTORY_LIMIT_MS),
  };
  try {
    return await withStack(cloud, { collectdPort, settings }, async (stack) => {
      const results: MovesResult[] = [];
      await until('the inventory', INVENTORY_LIMIT_MS, async () => {
        const { observedAt } = await answer('monitoring', stack.monitoring.GET('/fleet'));
        return observedAt === null ? undefined : true;
      });
      options.say(`the fleet was read`);
      await pause(options.settleMs);
      for (const policy of options.policies) {
        await answer(
          'migration',
          stack.migration.PUT('/settings', { body: { mode: 'auto', policy } }),
        );
        results.push(await movesOf(policy, hosts, cloud, stack, sent, options));
      }
      return results;
    });
  } finally {
    await cloud.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function movesOf(
  policy: string,
  hosts: readonly string[],
  cloud: Emulator,
  stack: BenchStack,
  sent: ReturnType<typeof sentLog>,
  { paceMs, say }: MovesOptions,
): Promise<MovesResult> {
  const alarms = new Map<string, number>();
  const hotSince = new Map<string, number>();
  const busy = busySince(stack);
  for (const host of hosts) {
    const startMs = cloud.clock.nowMs();
    cloud.addStress({ host, cores: STRESS_CORES, startMs, durationMs: STRESS_MS, rampMs: 1 });
    hotSince.set(host, startMs);
    await noteAlarms(stack, hotSince, alarms);
    await pause(paceMs);
  }
  await until(
    'the last host was hot',
    STRESS_MS + LAST_CALL_MS,
    async () => {
      await noteAlarms(stack, hotSince, alarms);
      const operations = await operationsFrom(stack, hotSince);
      return hosts.every((host) => operations.has(host)) ? true : undefined;
    },
    500,
  ).catch(() => undefined);
  await pause(1_000);
  const { cores, waitedForCpuSeconds } = busy();

  const operations = await operationsFrom(stack, hotSince);
  const calls = callsByServer(cloud);
  const missed: string[] = [];
  const moves: Move[] = [];
  for (const host of hosts) {
    const operation = operations.get(host);
    const raisedMs = alarms.get(host);
    const calledMs = operation === undefined ? undefined : calls.get(operation.serverId);
    const completing = raisedMs === undefined ? undefined : sent.of(host, raisedMs);
    if (raisedMs === undefined) missed.push(`${host}: no alarm`);
    else if (operation === undefined) missed.push(`${host}: ${await whyNot(stack, host)}`);
    else if (calledMs === undefined)
      missed.push(`${host}: operation ${operation.state} without a call`);
    else if (completing === undefined) missed.push(`${host}: no datagram of ${raisedMs}`);
    else moves.push({ host, ...completing, decidedMs: operation.decidedMs, calledMs });
  }
  say(`${policy}: ${moves.length} moves${missed.map((each) => `; ${each}`).join('')}`);
  for (const { host, sentMs, decidedMs, calledMs } of moves) {
    if (calledMs - sentMs <= SLOW_MS) continue;
    say(`slow: ${host}, decided ${decidedMs - sentMs} ms and called ${calledMs - sentMs} ms after`);
  }
  return {
    policy,
    took: moves.length === 0 ? 'nothing' : tookOf(moves),
    missed,
    cores,
    waitedForCpuSeconds,
  };
}

const tookOf = (moves: readonly Move[]): Took => ({
  sinceSent: spreadOf(moves.map(({ calledMs, sentMs }) => calledMs - sentMs)),
  sinceSampled: spreadOf(moves.map(({ calledMs, sampleMs }) => calledMs - sampleMs)),
  untilDecided: spreadOf(moves.map(({ decidedMs, sentMs }) => decidedMs - sentMs)),
});

/** From now on: what the processes have used when it is asked. */
function busySince({ pids }: BenchStack) {
  const startedAt = performance.now();
  const all = new Map<string, number>([...pids, ['emulator', process.pid]]);
  const used = () =>
    new Map([...all].map(([name, pid]): [string, number] => [name, cpuSecondsOf(pid)]));
  const waited = () => waitedSecondsOf(pids.get('monitoring') ?? 0);
  const before = { used: used(), waited: waited() };
  return () => {
    const seconds = (performance.now() - startedAt) / 1000;
    const coresOf = ([name, cpu]: [string, number]) =>
      [name, (cpu - (before.used.get(name) ?? 0)) / seconds] as const;
    return {
      cores: new Map([...used()].map(coresOf)),
      waitedForCpuSeconds: waited() - before.waited,
    };
  };
}

/** When each host's alarm was raised since it went hot: the time of the sample that completed it. */
async function noteAlarms(
  { monitoring }: BenchStack,
  hotSince: ReadonlyMap<string, number>,
  alarms: Map<string, number>,
): Promise<void> {
  const query = { state: 'raised' as const, limit: 1_000 };
  const page = await answer('monitoring', monitoring.GET('/alarms', { params: { query } }));
  for (const { metric, raisedAt, resource } of page.alarms) {
    const sinceMs = hotSince.get(resource);
    if (metric !== 'host.cpuPercent' || raisedAt === null || sinceMs === undefined) continue;
    const raisedMs = Date.parse(raisedAt);
    if (raisedMs >= sinceMs && !alarms.has(resource)) alarms.set(resource, raisedMs);
  }
}

/** The first operation away from each host since it went hot. */
async function operationsFrom(
  { migration }: BenchStack,
  hotSince: ReadonlyMap<string, number>,
): Promise<Map<string, { serverId: string; state: string; decidedMs: number }>> {
  const found = new Map<string, { serverId: string; state: string; decidedMs: number }>();
  const query = { limit: 200 };
  const { operations } = await answer(
    'migration',
    migration.GET('/operations', { params: { query } }),
  );
  // The newest come first: what stays is the oldest of each host.
  for (const { createdAt, serverId, sourceHostId, state } of operations) {
    const decidedMs = Date.parse(createdAt);
    const sinceMs = hotSince.get(sourceHostId);
    if (sinceMs === undefined || decidedMs < sinceMs) continue;
    found.set(sourceHostId, { serverId, state, decidedMs });
  }
  return found;
}

async function whyNot({ migration }: BenchStack, host: string): Promise<string> {
  const query = { limit: 200 };
  const { decisions } = await answer(
    'migration',
    migration.GET('/decisions', { params: { query } }),
  );
  const decision = decisions.find(({ hostId }) => hostId === host);
  return decision === undefined ? 'no decision' : `${decision.state} (${decision.stayReason})`;
}

/** When Nova took the first live-migration call of each server, by the cloud's own log. */
function callsByServer(cloud: Emulator): Map<string, number> {
  const calls = new Map<string, number>();
  for (const { atMs, body, method, path, service } of cloud.calls()) {
    const [, serverId] = /^\/servers\/([^/]+)\/action$/.exec(path) ?? [];
    if (service !== 'compute' || method !== 'POST' || serverId === undefined) continue;
    const asked = typeof body === 'object' && body !== null && 'os-migrateLive' in body;
    if (asked && !calls.has(serverId)) calls.set(serverId, atMs);
  }
  return calls;
}

/** When the datagrams with hosts' CPU left: the emulator hands each over right after it has sent it; a host's CPU is in its first. */
function sentLog(hosts: ReadonlySet<string>) {
  const byHost = new Map([...hosts].map((host) => [host, new Map<number, number>()]));
  return {
    note: (datagram: Uint8Array, sentMs: number): void => {
      const { host, timeMs } = headOf(datagram);
      const log = byHost.get(host);
      if (log !== undefined && !log.has(timeMs)) log.set(timeMs, sentMs);
    },
    of: (host: string, sampleMs: number): Sent | undefined => {
      const sentMs = byHost.get(host)?.get(sampleMs);
      return sentMs === undefined ? undefined : { sampleMs, sentMs };
    },
  };
}
