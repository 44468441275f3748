import { autoregressive, hashText, uniform, wandering } from '../seed.ts';
import type { ChainTraffic, HostSpec, ServerLoadSpec, StressEpisode } from '../spec.ts';
import { type Station, solveClosedChain } from './closed-chain.ts';
import { slowdown } from './contention.ts';
import { type CompiledEpisode, compileEpisode, stressAt } from './stress.ts';

/** A server as the load model knows it. */
export interface LoadServer {
  readonly id: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly load: ServerLoadSpec;
}

/** A member of a hop and its share of the hop's traffic. */
export interface LoadMember {
  readonly serverId: string;
  readonly share: number;
}

/** A chain with traffic on it. */
export interface LoadChain {
  readonly id: string;
  readonly traffic: ChainTraffic;
  readonly hops: readonly (readonly LoadMember[])[];
}

/** What a chain's path is like over the span that is asked for. */
export interface PathCondition {
  /** Share of requests that reach no member, 0–1. */
  readonly lostShare: number;
  /** Share of the span in which nothing passed at all, 0–1. */
  readonly downShare: number;
  /** First hop that is steered past; the number of hops if none. */
  readonly bypassFrom: number;
}

/** Where things are and how they are at the instant that is asked for. */
export interface LoadView {
  /** The host that a server burns CPU on, or `nowhere`. */
  hostOf(serverId: string): string | 'nowhere';
  isUp(host: string): boolean;
  /** CPU that live migrations cost the host, in cores. */
  migrationCores(host: string): number;
  path(chainId: string): PathCondition;
}

/** A host's load. */
export interface HostLoad {
  readonly host: string;
  readonly up: boolean;
  readonly demandCores: number;
  /** 0–100, whole host, noise included: 100 − idle as collectd would tell. */
  readonly cpuPercent: number;
  /** CPU demanded by servers, stress and the host itself, as shares of the busy part. */
  readonly slowdown: number;
  readonly memPercent: number;
  readonly netRxBytesPerSecond: number;
  readonly netTxBytesPerSecond: number;
  readonly diskReadBytesPerSecond: number;
  readonly diskWriteBytesPerSecond: number;
}

/** A server's load as it sees itself. */
export interface ServerLoad {
  readonly id: string;
  readonly host: string;
  /** 0–100 of its own vCPUs, time stolen by contention included. */
  readonly cpuPercent: number;
  readonly memPercent: number;
  readonly netRxBytesPerSecond: number;
  readonly netTxBytesPerSecond: number;
  readonly diskReadBytesPerSecond: number;
  readonly diskWriteBytesPerSecond: number;
}

/** A chain's service as its clients see it. */
export interface ChainLoad {
  readonly id: string;
  readonly requestsPerSecond: number;
  /** `unknown` while nothing is answered. */
  readonly responseTimeMs: number | 'unknown';
  readonly lostPerSecond: number;
  readonly bypassedPerSecond: number;
}

/** The whole cloud's load at one instant. */
export interface LoadSnapshot {
  readonly timeMs: number;
  readonly hosts: readonly HostLoad[];
  readonly servers: readonly ServerLoad[];
  readonly chains: readonly ChainLoad[];
}

/** The load of a cloud as a function of time and view; what it consists of may change between calls. */
export interface LoadModel {
  setServer(server: LoadServer): void;
  removeServer(id: string): void;
  setChains(chains: readonly LoadChain[]): void;
  addStress(episode: StressEpisode): void;
  /** Load at an instant; `spanMs` is the length of the span that the view's shares are of. */
  at(timeMs: number, spanMs: number, view: LoadView): LoadSnapshot;
}

const OUTER_ROUNDS = 5;
const REQUEST_BYTES = 600;
const ANSWER_BYTES = 4096;
const TAU_MS = 1000;

interface HostRow {
  readonly spec: HostSpec;
  readonly stream: number;
  readonly episodes: CompiledEpisode[];
  up: boolean;
  stressCores: number;
  fixedCores: number;
  serverCores: number;
  memoryMiB: number;
  requests: number;
  slow: number;
}

interface ServerRow {
  readonly server: LoadServer;
  readonly stream: number;
  host: HostRow | undefined;
  baseCores: number;
  busyCores: number;
  requests: number;
}

interface ChainRow {
  readonly chain: LoadChain;
  readonly members: readonly { row: ServerRow; hop: number; share: number }[];
  condition: PathCondition;
  served: number;
  offered: number;
  responseMs: number;
}

const clampPercent = (value: number): number => Math.min(100, Math.max(0, value));

/** Builds the load model of some hosts; servers and chains are added to it. */
export function createLoadModel(options: {
  seed: number;
  hosts: readonly HostSpec[];
  stress: readonly StressEpisode[];
}): LoadModel {
  const { seed } = options;
  const hosts = new Map<string, HostRow>();
  for (const spec of options.hosts)
    hosts.set(spec.name, {
      spec,
      stream: hashText(seed, `host/${spec.name}`),
      episodes: [],
      up: true,
      stressCores: 0,
      fixedCores: 0,
      serverCores: 0,
      memoryMiB: 0,
      requests: 0,
      slow: 1,
    });
  const servers = new Map<string, ServerRow>();
  let chainSpecs: readonly LoadChain[] = [];
  let chains: ChainRow[] | undefined;
  let episodes = 0;

  const addStress = (episode: StressEpisode): void => {
    hosts.get(episode.host)?.episodes.push(compileEpisode(seed, episode, episodes));
    episodes += 1;
  };
  for (const episode of options.stress) addStress(episode);

  const chainRows = (): ChainRow[] => {
    chains ??= chainSpecs.map((chain) => ({
      chain,
      members: chain.hops.flatMap((hop, index) =>
        hop.flatMap(({ serverId, share }) => {
          const row = servers.get(serverId);
          return row === undefined ? [] : [{ row, hop: index, share }];
        }),
      ),
      condition: { lostShare: 0, downShare: 0, bypassFrom: chain.hops.length },
      served: 0,
      offered: 0,
      responseMs: 0,
    }));
    return chains;
  };

  function placeHosts(timeMs: number, view: LoadView): void {
    for (const host of hosts.values()) {
      const { spec, stream } = host;
      host.up = view.isUp(spec.name);
      const stress = stressAt(host.episodes, timeMs);
      host.stressCores = stress.cores;
      const wander = 1 + 0.15 * wandering(stream, timeMs, 20_000);
      const own = Math.max(0.02 * spec.cores, spec.backgroundCores * wander - stress.lullCores);
      host.fixedCores = own + stress.cores + view.migrationCores(spec.name);
      host.serverCores = 0;
      host.memoryMiB = 0;
      host.requests = 0;
      host.slow = slowdown(host.fixedCores, spec.cores);
    }
  }

  function placeServers(timeMs: number, view: LoadView): void {
    for (const row of servers.values()) {
      const { server } = row;
      const host = hosts.get(view.hostOf(server.id));
      row.host = host?.up === true ? host : undefined;
      row.baseCores = server.load.baseCores * (1 + 0.2 * wandering(row.stream, timeMs, 5000));
      row.busyCores = row.baseCores;
      row.requests = 0;
      if (row.host === undefined) continue;
      row.host.memoryMiB += server.ramMiB * server.load.memoryRatio;
    }
  }

  /** One round towards the balance of throughput and contention. */
  function balance(round: number): void {
    for (const host of hosts.values()) host.serverCores = 0;
    for (const row of servers.values()) {
      const wanted = row.baseCores + (row.requests * row.server.load.cpuMsPerRequest) / 1000;
      row.busyCores = Math.min(row.server.vcpus, wanted);
      if (row.host !== undefined) row.host.serverCores += row.busyCores;
    }
    for (const host of hosts.values()) {
      const target = slowdown(host.fixedCores + host.serverCores, host.spec.cores);
      // Throughput and contention pull against each other: halving the step makes them settle.
      host.slow = round === 0 ? target : (host.slow + target) / 2;
    }
    for (const row of servers.values()) row.requests = 0;
    for (const row of chainRows()) solveChain(row);
  }

  function solveChain(row: ChainRow): void {
    const { chain, condition } = row;
    const stations: Station[] = [];
    for (const { row: server, hop, share } of row.members) {
      if (hop >= condition.bypassFrom) break;
      // Work that is not this chain's leaves it less of the server.
      const own = Math.min(1, (row.served * share * server.server.load.cpuMsPerRequest) / 1000);
      const free = Math.max(0.1, 1 - Math.max(0, server.busyCores - own) / server.server.vcpus);
      stations.push({
        visitShare: share,
        serviceMs: (server.server.load.cpuMsPerRequest * (server.host?.slow ?? 1)) / free,
        cores: server.server.vcpus,
      });
    }
    const solved = solveClosedChain(stations, { ...chain.traffic, lostShare: condition.lostShare });
    row.served = solved.servedPerSecond;
    row.offered = solved.offeredPerSecond;
    row.responseMs = solved.responseMs;
    const passing = solved.servedPerSecond * (1 - condition.downShare);
    for (const { row: server, hop, share } of row.members)
      if (hop < condition.bypassFrom) server.requests += passing * share;
  }

  function hostLoad(host: HostRow, timeMs: number): HostLoad {
    const { spec, stream } = host;
    const demandCores = host.up ? host.fixedCores + host.serverCores : 0;
    const cpu = (100 * demandCores) / spec.cores;
    const noise = spec.noisePercent * autoregressive(stream, timeMs);
    const cpuPercent = host.up ? clampPercent(Math.min(100, cpu) + noise) : 0;
    // Work reaches the network card a second before it reaches the CPU.
    const arriving = stressAt(host.episodes, timeMs + TAU_MS).cores;
    const second = Math.floor(timeMs / 1000);
    const rough = (salt: number): number => 0.9 + 0.2 * uniform(stream ^ salt, second);
    const memoryMiB = 0.12 * spec.ramMiB + host.memoryMiB;
    const stressMemory = 0.1 * Math.min(1, host.stressCores / spec.cores);
    return {
      host: spec.name,
      up: host.up,
      demandCores,
      cpuPercent,
      slowdown: host.slow,
      memPercent: clampPercent(100 * (memoryMiB / spec.ramMiB + stressMemory)),
      netRxBytesPerSecond: (4e4 + 2e5 * arriving + host.requests * 5000) * rough(1),
      netTxBytesPerSecond: (3e4 + 5e4 * arriving + host.requests * 5000) * rough(2),
      diskReadBytesPerSecond: (2e4 + 3e3 * cpuPercent) * rough(3),
      diskWriteBytesPerSecond: (5e4 + 8e3 * cpuPercent) * rough(4),
    };
  }

  function serverLoad(row: ServerRow, timeMs: number): ServerLoad {
    const { server } = row;
    const second = Math.floor(timeMs / 1000);
    const rough = (salt: number): number => 0.9 + 0.2 * uniform(row.stream ^ salt, second);
    const running = row.host !== undefined;
    const busy = running ? row.busyCores * (row.host?.slow ?? 1) : 0;
    const rate = running ? row.requests : 0;
    return {
      id: server.id,
      host: row.host?.spec.name ?? 'nowhere',
      cpuPercent: running ? clampPercent((100 * busy * rough(0)) / server.vcpus) : 0,
      memPercent: running ? clampPercent(100 * server.load.memoryRatio * rough(5)) : 0,
      netRxBytesPerSecond: (200 + rate * (REQUEST_BYTES + ANSWER_BYTES)) * rough(1),
      netTxBytesPerSecond: (200 + rate * (REQUEST_BYTES + ANSWER_BYTES)) * rough(2),
      diskReadBytesPerSecond: (100 + 10 * rate) * rough(3),
      diskWriteBytesPerSecond: (500 + 200 * rate) * rough(4),
    };
  }

  function chainLoad(row: ChainRow, spanMs: number): ChainLoad {
    const { chain, condition } = row;
    const upShare = 1 - condition.downShare;
    const requestsPerSecond = row.served * upShare;
    const downMs = condition.downShare * spanMs;
    const servedInSpan = (requestsPerSecond * spanMs) / 1000;
    // Whoever asked during the outage waits for its end; at most every client once.
    const stalled = Math.min(1, chain.traffic.clients / Math.max(1, servedInSpan));
    const stallMs = stalled * Math.min(downMs, chain.traffic.timeoutMs);
    const retriesPerSecond = (chain.traffic.clients * 1000) / chain.traffic.timeoutMs;
    return {
      id: chain.id,
      requestsPerSecond,
      responseTimeMs: requestsPerSecond > 0 ? row.responseMs + stallMs : 'unknown',
      lostPerSecond: (row.offered - row.served) * upShare + retriesPerSecond * condition.downShare,
      bypassedPerSecond: condition.bypassFrom < chain.hops.length ? requestsPerSecond : 0,
    };
  }

  return {
    setServer(server) {
      servers.set(server.id, {
        server,
        stream: hashText(seed, `server/${server.id}`),
        host: undefined,
        baseCores: 0,
        busyCores: 0,
        requests: 0,
      });
      chains = undefined;
    },
    removeServer(id) {
      servers.delete(id);
      chains = undefined;
    },
    setChains(next) {
      chainSpecs = next;
      chains = undefined;
    },
    addStress,
    at(timeMs, spanMs, view) {
      placeHosts(timeMs, view);
      placeServers(timeMs, view);
      for (const row of chainRows()) {
        row.condition = view.path(row.chain.id);
        // Equal instants give equal answers: nothing is carried over from the call before.
        row.served = 0;
        row.offered = 0;
      }
      for (let round = 0; round < OUTER_ROUNDS; round += 1) balance(round);
      for (const row of servers.values())
        if (row.host !== undefined) row.host.requests += row.requests;
      return {
        timeMs,
        hosts: Array.from(hosts.values(), (host) => hostLoad(host, timeMs)),
        servers: Array.from(servers.values(), (row) => serverLoad(row, timeMs)),
        chains: chainRows().map((row) => chainLoad(row, spanMs)),
      };
    },
  };
}
