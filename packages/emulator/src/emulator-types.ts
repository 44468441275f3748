import type { Clock } from './clock.ts';
import type { ApiLatency, Faults } from './faults.ts';
import type { ChainLoad, LoadSnapshot } from './load/load-model.ts';
import type { DataPath, FlowRule } from './sfc/flow-rules.ts';
import type { CloudSpec, StressEpisode } from './spec.ts';

/** Where the collectd packets go. */
export interface CollectdTarget {
  readonly address: string;
  readonly port: number;
  /** Cloud time between two packets of a host; 1,000 if not given. */
  readonly intervalMs?: number;
  /** False: servers and chains stay silent, hosts report. */
  readonly servers?: boolean;
  /**
   * Cloud time between two packets of a server or chain, a multiple of `intervalMs`, which it is if not given: a
   * share of them reports with each tick of the hosts.
   */
  readonly serverIntervalMs?: number;
  readonly security?: {
    readonly level: 'sign' | 'encrypt';
    readonly user: string;
    readonly password: string;
  };
}

/** How long Nova's steps take, in cloud time; the defaults are those of a quiet Zed lab. */
export interface NovaTimings {
  /** From the 202 until the server reads MIGRATING. */
  readonly statusVisibleMs: number;
  /** From the 202 until the migration record can be listed. */
  readonly recordVisibleMs: number;
  /** From the 202 until the scheduler has refused or accepted the target. */
  readonly schedulingMs: number;
  /** The two pre-checks on source and destination. */
  readonly precheckMs: number;
  /** From the pre-checks to the `preparing` record and the inactive port bindings. */
  readonly preparingMs: number;
  /** From `preparing` to `running`. */
  readonly runningMs: number;
  /** From the copy's start until the record shows byte counts. */
  readonly progressMs: number;
  /** From the switch of the port bindings to the server reading ACTIVE on the target. */
  readonly postMs: number;
  /** From the server reading ACTIVE to the record reading `completed`. */
  readonly completedMs: number;
  /** Nova's rpc_response_timeout. */
  readonly rpcTimeoutMs: number;
  /** How long a dead nova-compute still reads `up` (service_down_time less the last report). */
  readonly serviceDownMs: number;
  /** How long a dead L2 agent still reads alive. */
  readonly agentDownMs: number;
  /** Create and delete of a server. */
  readonly buildMs: number;
  readonly deleteMs: number;
  /** What an agent needs to act on a flow rule cast to it. */
  readonly agentApplyMs: number;
  /** Downtime beyond which QEMU goes on copying instead of switching over. */
  readonly downtimeLimitMs: number;
}

/** What is around the cloud: listening address, clock, limits, receivers. */
export interface EmulatorOptions {
  /** 0 (default) takes a free port. */
  readonly port?: number;
  /** 127.0.0.1 if not given. */
  readonly address?: string;
  /** Real time if not given. */
  readonly clock?: Clock;
  /** Nova's highest microversion: 2.90 (Xena … Zed) if not given; Victoria ends at 2.87. */
  readonly maxMicroversion?: string;
  readonly collectd?: CollectdTarget;
  /** Receives every collectd datagram, beside or instead of the network. */
  readonly onDatagram?: (datagram: Uint8Array) => void;
  /** The cloud lives this often; 1,000 if not given. */
  readonly tickMs?: number;
  readonly timings?: Partial<NovaTimings>;
  /** How long each API call takes at first; none if not given. */
  readonly latency?: ApiLatency;
  /** Life of a Keystone token; one hour if not given. */
  readonly tokenLifetimeMs?: number;
  /** Bearer token of /emulator/…; drawn at random if not given. */
  readonly controlToken?: string;
}

/** What a client needs to log in to the cloud. */
export interface EmulatorCredentials {
  readonly authUrl: string;
  readonly username: string;
  readonly password: string;
  readonly userDomainName: string;
  readonly projectName: string;
  readonly projectDomainName: string;
  readonly regionName: string;
  readonly applicationCredentialId: string;
  readonly applicationCredentialSecret: string;
}

/** One plain sample of the emulated past or present. */
export interface EmulatorSample {
  /** Host name, server UUID or port chain id. */
  readonly resource: string;
  /** Canonical metric, such as `host.cpuPercent`. */
  readonly metric: string;
  readonly timestampMs: number;
  readonly value: number;
}

/** One request that changed or tried to change something, as the cloud saw it. */
export interface ApiCall {
  readonly atMs: number;
  readonly service: string;
  readonly method: string;
  readonly path: string;
  /** 0: never answered. */
  readonly status: number;
  readonly requestId: string;
  readonly body: unknown;
}

/** The flow rules of all hosts and what the traffic makes of them. */
export interface FlowReport {
  /** What each host's agent was last told. */
  readonly rules: Readonly<Record<string, readonly FlowRule[]>>;
  readonly chains: readonly DataPath[];
  /** Each instant at which a host was told an empty next hop for a hop that is not the last. */
  readonly emptyNextHops: readonly EmptyNextHop[];
  /** Times in which a chain lost or bypassed something; an open one has no end. */
  readonly gaps: readonly ChainGap[];
}

/** A host told to steer past a hop. */
export interface EmptyNextHop {
  readonly atMs: number;
  readonly chainId: string;
  readonly host: string;
  /** Index of the hop that has nobody. */
  readonly hop: number;
}

/** A time in which a chain was not whole. */
export interface ChainGap {
  readonly chainId: string;
  readonly kind: 'loss' | 'bypass';
  readonly hop: number;
  /** Share of the chain's requests concerned, 0–1. */
  readonly share: number;
  readonly reason: 'member-elsewhere' | 'member-dead' | 'downtime' | 'empty-hop' | 'unplugged';
  readonly fromMs: number;
  readonly toMs: number | 'open';
}

/** Requests of a chain since the start. */
export interface ChainTally {
  readonly served: number;
  readonly lost: number;
  readonly bypassed: number;
}

/** A running cloud. */
export interface Emulator {
  /** Keystone's v3 URL. */
  readonly authUrl: string;
  readonly baseUrl: string;
  readonly port: number;
  readonly credentials: EmulatorCredentials;
  readonly controlToken: string;
  readonly clock: Clock;
  readonly faults: Faults;
  /** Flow rules, effective paths, and the log of gaps. */
  flows(): FlowReport;
  /** The load of the last tick. */
  load(): LoadSnapshot;
  /** Load of one chain in the last tick. */
  chainLoad(chainId: string): ChainLoad | 'unknown';
  tallies(): ReadonlyMap<string, ChainTally>;
  /** Adds an episode of stress from now on. */
  addStress(episode: StressEpisode): void;
  /** The mutating calls so far (the last 10,000), oldest first. */
  calls(): readonly ApiCall[];
  /** Where each server runs now, by server id. */
  placements(): ReadonlyMap<string, string>;
  /** Samples of any time span, from `fromMs` to before `toMs`, means over each step. */
  history(fromMs: number, toMs: number, stepMs: number): Iterable<EmulatorSample>;
  close(): Promise<void>;
}

/** Starts a cloud in this process: its APIs listen, its hosts report, its clients ask. */
export type StartEmulator = (spec: CloudSpec, options?: EmulatorOptions) => Promise<Emulator>;
