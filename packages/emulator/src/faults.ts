/** The APIs of the cloud. */
export type ServiceName = 'identity' | 'compute' | 'placement' | 'network' | 'image';

/** What an API does instead of its work. */
export interface ApiFault {
  /** All services if not given. */
  readonly service?: ServiceName;
  /** All methods if not given. */
  readonly method?: string;
  /** A regular expression tried on the path within the service; all paths if not given. */
  readonly path?: string;
  /**
   * A number: answer this status and do nothing. `timeout`: do nothing and never answer. `reset`: do
   * nothing and cut the connection. `answer-lost`: do the work, and then never answer.
   */
  readonly effect: number | 'timeout' | 'reset' | 'answer-lost';
  /** Concerns this many requests and then ends; for ever if not given. */
  readonly count?: number;
  /** Ends after this much cloud time; never if not given. */
  readonly forMs?: number;
  /** Share of the requests concerned, 0–1, drawn from the seed; all if not given. */
  readonly share?: number;
}

/** What goes wrong with live migrations of a host, as source or destination. */
export interface MigrationFault {
  /** The copy stalls and never ends by itself. */
  readonly hang?: boolean;
  /** The hypervisor fails half-way: record `failed`, all events Success. */
  readonly fail?: boolean;
  /** The conductor never takes the request up: the server stays `migrating`, with no record and no event. */
  readonly conductorSilent?: boolean;
  /** The source fails half-way and cannot take the server back, for this reason: it is left in ERROR there. */
  readonly rollbackFail?: string;
  /** The destination cannot finish what has arrived, for this reason: the server is left in ERROR there, its record completed. */
  readonly postFail?: string;
  /** The destination's pre-check refuses with this text. */
  readonly precheckFail?: string;
  /** The destination cannot rebuild what is evacuated to it, for this reason: the server ends in ERROR. */
  readonly rebuildFail?: string;
}

/** How long each API call takes, in cloud time. */
export interface ApiLatency {
  readonly fixedMs: number;
  /** Up to this much more, drawn from the seed. */
  readonly jitterMs: number;
}

/** Everything that can be broken and mended while the cloud runs. */
export interface Faults {
  /** The whole machine dies: nova-compute, L2 agent, collectd, its servers' work. */
  hostDown(host: string): void;
  hostUp(host: string): void;
  /** Only nova-compute dies; the servers go on. */
  computeDown(host: string): void;
  computeUp(host: string): void;
  /** The L2 agent dies: ports cannot be bound there and no flow rule arrives. */
  agentDown(host: string): void;
  agentUp(host: string): void;
  /** collectd of a host or server (by id) stops sending. */
  telemetryDown(resource: string): void;
  telemetryUp(resource: string): void;
  /** Sets or (null) removes what goes wrong with live migrations; `*` is every host. */
  liveMigration(host: string, fault: MigrationFault | null): void;
  /** Adds an API fault; the answer removes it. */
  api(fault: ApiFault): () => void;
  latency(latency: ApiLatency): void;
  /** Every token given out so far stops working. */
  expireTokens(): void;
  /** Mends everything. */
  reset(): void;
}
