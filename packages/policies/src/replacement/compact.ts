import type {
  ReplacementHost,
  ReplacementOptions,
  ReplacementProblem,
  ReplacementServer,
} from './problem.ts';

/** Rows of different length, one behind the other: row `i` is items[starts[i]] to items[starts[i + 1]]. */
export type Rows = { starts: Int32Array; items: Int32Array };

/**
 * The problem with numbers for names. A leg is a pair of servers in neighbouring hops; its weight is the share of the
 * chain's traffic that passes between the two.
 */
export type Compact = {
  problem: ReplacementProblem;
  options: ReplacementOptions;
  hosts: readonly ReplacementHost[];
  servers: readonly ReplacementServer[];
  /** Where each server stands before any move. */
  home: Int32Array;
  /** CPU that a server is reckoned to bring and to take away, cores. */
  arriveCores: Float64Array;
  leaveCores: Float64Array;
  /** Whether a server must not go to a host, wherever else it may. */
  avoids(server: number, host: number): boolean;
  /** Servers that may leave. */
  movable: Int32Array;
  /** By server: the other ends of its legs; `legWeights` goes with the items. */
  legs: Rows;
  legWeights: Float64Array;
  /** By chain: its servers. */
  chainMembers: Rows;
  /** By server: the chains that it is in. */
  chainsOf: Rows;
  /** By server: its groups; by group: its members. */
  groupsOf: Rows;
  groups: Rows;
  grid: Float64Array;
  /** By host and step of the grid; NaN where unknown. */
  risks: Float64Array;
  /** Delay between two hosts, milliseconds; the assumed one where nobody knows it. */
  delayMs(from: number, to: number): number;
  isAssumed(from: number, to: number): boolean;
};

type Leg = { a: number; b: number; weight: number };

export function compact(problem: ReplacementProblem, options: ReplacementOptions): Compact {
  const { hosts } = problem;
  const hostIndex = new Map(hosts.map(({ id }, at) => [id, at]));
  const servers = problem.servers.filter(({ hostId }) => hostIndex.has(hostId));
  const serverIndex = new Map(servers.map(({ id }, at) => [id, at]));
  const legsOfServer: Leg[][] = servers.map(() => []);
  const members: number[][] = [];
  const chainsOf: number[][] = servers.map(() => []);
  for (const [chain, { hops }] of problem.chains.entries()) {
    const known = hops.map(({ memberIds }) => indices(memberIds, serverIndex));
    members.push([...new Set(known.flat())]);
    for (const server of members[chain] ?? []) chainsOf[server]?.push(chain);
    for (const leg of legsOf(known)) {
      legsOfServer[leg.a]?.push(leg);
      legsOfServer[leg.b]?.push({ a: leg.b, b: leg.a, weight: leg.weight });
    }
  }
  const groups = problem.apart.map(({ memberIds }) => [
    ...new Set(indices(memberIds, serverIndex)),
  ]);
  const groupsOf: number[][] = servers.map(() => []);
  for (const [group, inGroup] of groups.entries()) {
    for (const server of inGroup) groupsOf[server]?.push(group);
  }
  const assumedCores = ({ vcpus, cpuPercent }: ReplacementServer, unknown: number) =>
    cpuPercent === 'unknown' ? unknown : (cpuPercent * vcpus) / 100;
  return {
    problem,
    options,
    hosts,
    servers,
    home: Int32Array.from(servers, ({ hostId }) => hostIndex.get(hostId) ?? 0),
    // Unknown is not zero: it may bring all of its vCPUs, and nobody can promise that it takes any away.
    arriveCores: Float64Array.from(servers, (server) => assumedCores(server, server.vcpus)),
    leaveCores: Float64Array.from(servers, (server) => assumedCores(server, 0)),
    movable: Int32Array.from(servers.flatMap(({ fixed }, at) => (fixed === null ? [at] : []))),
    legs: rowsOf(legsOfServer.map((legs) => legs.map(({ b }) => b))),
    legWeights: Float64Array.from(legsOfServer.flat(), ({ weight }) => weight),
    chainMembers: rowsOf(members),
    chainsOf: rowsOf(chainsOf),
    groupsOf: rowsOf(groupsOf),
    groups: rowsOf(groups),
    grid: Float64Array.from(problem.riskGridPercent),
    risks: risksOf(problem),
    avoids: avoidance(servers, hostIndex),
    ...delays(problem, options.assumedDelayMs),
  };
}

function avoidance(
  servers: readonly ReplacementServer[],
  hostIndex: ReadonlyMap<string, number>,
): Compact['avoids'] {
  const bySet = new Map<ReadonlySet<string>, Uint8Array>();
  const rows = servers.map(({ avoids }) => {
    if (avoids === undefined) return undefined;
    let row = bySet.get(avoids);
    if (row === undefined) {
      row = new Uint8Array(hostIndex.size);
      for (const host of indices([...avoids], hostIndex)) row[host] = 1;
      bySet.set(avoids, row);
    }
    return row;
  });
  return (server, host) => rows[server]?.[host] === 1;
}

function indices(ids: readonly string[], indexOf: ReadonlyMap<string, number>): number[] {
  return ids.flatMap((id) => indexOf.get(id) ?? []);
}

/** The legs of a chain; hops without a known server are passed over. */
export function legsOf(hops: readonly (readonly number[])[]): Leg[] {
  const filled = hops.filter((hop) => hop.length > 0);
  return filled.slice(1).flatMap((to, at) => {
    const from = filled[at] ?? [];
    const weight = 1 / (from.length * to.length);
    return from.flatMap((a) => to.flatMap((b) => (a === b ? [] : [{ a, b, weight }])));
  });
}

function rowsOf(rows: readonly (readonly number[])[]): Rows {
  const starts = new Int32Array(rows.length + 1);
  for (const [at, row] of rows.entries()) starts[at + 1] = (starts[at] ?? 0) + row.length;
  return { starts, items: Int32Array.from(rows.flat()) };
}

/** The items of a row. */
export function rowOf({ starts, items }: Rows, at: number): Int32Array {
  return items.subarray(starts[at] ?? 0, starts[at + 1] ?? 0);
}

/** More load never makes a host safer: what a model's noise says otherwise is levelled. */
function risksOf({ hosts, riskGridPercent }: ReplacementProblem): Float64Array {
  const steps = riskGridPercent.length;
  const risks = new Float64Array(hosts.length * steps).fill(NaN);
  for (const [host, { risks: known }] of hosts.entries()) {
    if (known === 'unknown') continue;
    let worst = 0;
    for (let step = 0; step < steps; step++) {
      worst = Math.max(worst, known[step] ?? worst);
      risks[host * steps + step] = worst;
    }
  }
  return risks;
}

/** Delays by pair, asked for once a row: a fleet has more pairs than a search ever looks at. */
function delays(
  { hosts, delayBetween }: ReplacementProblem,
  assumedDelayMs: number,
): Pick<Compact, 'delayMs' | 'isAssumed'> {
  const rows: (Float64Array | undefined)[] = new Array(hosts.length);
  const rowFrom = (from: number): Float64Array => {
    const known = rows[from];
    if (known !== undefined) return known;
    const fromId = hosts[from]?.id ?? '';
    const row = Float64Array.from(hosts, ({ id }, to) => {
      if (to === from) return 0;
      const delay = delayBetween(fromId, id);
      return delay === 'unknown' ? NaN : delay;
    });
    rows[from] = row;
    return row;
  };
  return {
    delayMs: (from, to) => {
      const delay = rowFrom(from)[to] ?? NaN;
      return Number.isNaN(delay) ? assumedDelayMs : delay;
    },
    isAssumed: (from, to) => Number.isNaN(rowFrom(from)[to] ?? NaN),
  };
}
