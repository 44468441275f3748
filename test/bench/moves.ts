import { decodeDatagram } from '@sidestep/collectd';
import { answer } from '@sidestep/contracts';
import { type Emulator, realClock, startEmulator } from '@sidestep/emulator';
import { type BenchStack, freeUdpPort, pause, until, withStack } from './bench-stack.ts';
import { benchCloud } from './recorded-fleet.ts';
import { type Spread, spreadOf } from './statistics.ts';

/** How long it takes from the sample that completes an alarm to Nova's live-migration call, over many moves. */
export type MovesResult = {
  policy: string;
  /** From the datagram with that sample leaving the emulator. */
  sinceSent: Spread;
  /** From the sample's own time, which is the alarm's `raisedAt`. */
  sinceSampled: Spread;
  /** Hosts that were made hot without a move that counts, each with why. */
  missed: readonly string[];
};

export type MovesOptions = {
  policies: readonly string[];
  movesPerPolicy: number;
  latency: { fixedMs: number; jitterMs: number };
  say(line: string): void;
};

/** Moves may overlap, but none waits for another: the limit is beyond what the pace brings about. */
const CONCURRENT_MOVES = 32;
/** Between two hosts' stress: not a whole number of samples, so that the alarms fall on all parts of a second. */
const PACE_MS = 1_130;
// The rule that ships judges the mean of 10 s for 20 s; the stress outlasts both and ends before the host may be looked at again.
const STRESS_MS = 37_000;
const STRESS_CORES = 60;
const WARM_UP_MS = 45_000;
const LAST_CALL_MS = 15_000;
const INTERVAL_MS = 1_000;

type Sent = { sampleMs: number; sentMs: number };

/** The whole stack, live on the emulated fleet at 1 s; hosts go hot one after another. */
export async function measureMoves(options: MovesOptions): Promise<MovesResult[]> {
  const collectdPort = await freeUdpPort();
  const sent = sentLog();
  // The emulator's own clock stamps samples and calls alike: it times the datagrams too.
  const clock = realClock();
  const spec = { ...benchCloud(1), stress: [] };
  const cloud = await startEmulator(spec, {
    clock,
    latency: options.latency,
    collectd: { address: '127.0.0.1', port: collectdPort, intervalMs: INTERVAL_MS },
    onDatagram: (datagram) => sent.note(datagram, clock.nowMs()),
  });
  const settings = {
    SIDESTEP_MODE: 'auto',
    SIDESTEP_POLICY: options.policies[0] ?? 'least-risk',
    SIDESTEP_MAX_CONCURRENT_MOVES: String(CONCURRENT_MOVES),
    SIDESTEP_PREDICTION_TRAINS_ITSELF: 'false',
  };
  try {
    return await withStack(cloud, { collectdPort, settings }, async (stack) => {
      const results: MovesResult[] = [];
      const hosts = spec.hosts.map(({ name }) => name);
      await pause(WARM_UP_MS - STRESS_MS);
      for (const [turn, policy] of options.policies.entries()) {
        await answer(
          'migration',
          stack.migration.PUT('/settings', { body: { mode: 'auto', policy } }),
        );
        const first = turn * options.movesPerPolicy;
        const hot = hosts.slice(first, first + options.movesPerPolicy);
        results.push(await movesOf(policy, hot, cloud, stack, sent, options));
      }
      return results;
    });
  } finally {
    await cloud.close();
  }
}

async function movesOf(
  policy: string,
  hosts: readonly string[],
  cloud: Emulator,
  stack: BenchStack,
  sent: ReturnType<typeof sentLog>,
  { say }: MovesOptions,
): Promise<MovesResult> {
  const alarms = new Map<string, number>();
  for (const host of hosts) {
    const startMs = cloud.clock.nowMs();
    cloud.addStress({ host, cores: STRESS_CORES, startMs, durationMs: STRESS_MS, rampMs: 1 });
    await noteAlarms(stack, alarms);
    await pause(PACE_MS);
  }
  await until(
    'the last host was hot',
    STRESS_MS + LAST_CALL_MS,
    async () => {
      await noteAlarms(stack, alarms);
      const operations = await operationsFrom(stack, hosts);
      return hosts.every((host) => operations.has(host)) ? true : undefined;
    },
    500,
  ).catch(() => undefined);
  await pause(1_000);

  const operations = await operationsFrom(stack, hosts);
  const calls = callsByServer(cloud);
  const missed: string[] = [];
  const sinceSent: number[] = [];
  const sinceSampled: number[] = [];
  for (const host of hosts) {
    const operation = operations.get(host);
    const raisedMs = alarms.get(host);
    const call = operation === undefined ? undefined : calls.get(operation.serverId);
    const completing = raisedMs === undefined ? undefined : sent.of(host, raisedMs);
    if (raisedMs === undefined) missed.push(`${host}: no alarm`);
    else if (operation === undefined) missed.push(`${host}: ${await whyNot(stack, host)}`);
    else if (call === undefined)
      missed.push(`${host}: operation ${operation.state} without a call`);
    else if (completing === undefined) missed.push(`${host}: no datagram of ${raisedMs}`);
    else {
      sinceSent.push(call - completing.sentMs);
      sinceSampled.push(call - completing.sampleMs);
    }
  }
  say(`${policy}: ${sinceSent.length} moves${missed.map((each) => `; ${each}`).join('')}`);
  return {
    policy,
    sinceSent: spreadOf(sinceSent),
    sinceSampled: spreadOf(sinceSampled),
    missed,
  };
}

/** When each host's newest alarm was raised: the time of the sample that completed it. */
async function noteAlarms({ monitoring }: BenchStack, alarms: Map<string, number>): Promise<void> {
  const query = { state: 'raised' as const, limit: 1_000 };
  const page = await answer('monitoring', monitoring.GET('/alarms', { params: { query } }));
  for (const { metric, raisedAt, resource } of page.alarms) {
    if (metric !== 'host.cpuPercent' || raisedAt === null) continue;
    // The first of each host: later ones are not of the stress that is measured.
    if (!alarms.has(resource)) alarms.set(resource, Date.parse(raisedAt));
  }
}

/** The first operation away from each host. */
async function operationsFrom({ migration }: BenchStack, hosts: readonly string[]) {
  const found = new Map<string, { serverId: string; state: string }>();
  const query = { limit: 200 };
  const { operations } = await answer(
    'migration',
    migration.GET('/operations', { params: { query } }),
  );
  for (const { serverId, sourceHostId, state } of operations) {
    if (hosts.includes(sourceHostId)) found.set(sourceHostId, { serverId, state });
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

/** Which datagram with a host's CPU left when: the emulator hands each over right after it has sent it. */
function sentLog() {
  const byHost = new Map<string, Sent[]>();
  return {
    note: (datagram: Uint8Array, sentMs: number): void => {
      const [first] = decodeDatagram(datagram).valueLists;
      if (first?.plugin !== 'cpu' || !first.host.startsWith('compute')) return;
      const sampleMs = Math.floor(first.timeMs);
      const log = byHost.get(first.host) ?? [];
      byHost.set(first.host, log);
      log.push({ sampleMs, sentMs });
    },
    of: (host: string, sampleMs: number): Sent | undefined =>
      byHost.get(host)?.find((each) => each.sampleMs === sampleMs),
  };
}
