import type { Known } from './units.ts';

/** The compute host's name, Nova's `host`. */
export type HostId = string;
/** The UUID of Nova's compute instance. */
export type ServerId = string;
/** The UUID of a port chain. */
export type ChainId = string;

/** What a host can hold and holds, by Placement. */
export type Capacity = {
  vcpus: number;
  vcpusUsed: number;
  ramMiB: number;
  ramUsedMiB: number;
  diskGiB: number;
  diskUsedGiB: number;
};

/** Monitoring's verdict on what a host reports: whether decisions may rest on it. */
export type DataQuality = 'good' | 'suspect' | 'unknown';

/** A compute host at one moment. */
export type Host = {
  id: HostId;
  /** Of its compute service. */
  state: 'up' | 'down';
  status: 'enabled' | 'disabled';
  zone: string | null;
  aggregates: readonly string[];
  /** Metadata of Nova's aggregates that it is in: each key with its values; absent where none has any. */
  aggregateMetadata?: Readonly<Record<string, readonly string[]>>;
  /** Physical cores: what cpuPercent is a share of. */
  cores: number;
  capacity: Capacity;
  /** Mean CPU of the whole host over the alarm's window, 0–100; unknown when stale. */
  cpuPercent: Known<number>;
  /** Probability of crossing the threshold within the horizon, as it stands, 0–1. */
  risk: Known<number>;
  quality: DataQuality;
  /** Whether all that it reports came signed, or unsigned reports are allowed. */
  trusted: boolean;
};

/** What a server is and demands beyond its size. */
export type ServerFacts = {
  /** Nova refuses to move a locked server. */
  locked: boolean;
  /** Whether it has a disk on its host, not only volumes. */
  localDisk: boolean;
  /** Of its flavor, e.g. `hw:cpu_policy`. */
  extraSpecs: Readonly<Record<string, string>>;
  /** Of its image, e.g. `hw_cpu_policy`; absent where that ties it to nothing. */
  imageProperties?: Readonly<Record<string, string>>;
  /** Of its ports: `normal`, `direct`, … */
  vnicTypes: readonly string[];
};

/** A VNF's server at one moment. */
export type Server = {
  id: ServerId;
  name: string;
  hostId: HostId | null;
  /** Nova's server status. */
  status: string;
  taskState: string | null;
  vcpus: number;
  ramMiB: number;
  diskGiB: number;
  tags: readonly string[];
  /** Keystone's project that it belongs to; absent where it is not known. */
  projectId?: string;
  /** Availability zone that it is in, and stays in; null where it is in none. */
  zone: string | null;
  /** Absent where nothing out of the ordinary is known of it. */
  facts?: ServerFacts;
  /** Of its own vCPUs, 0–100. */
  cpuPercent: Known<number>;
  /** Whether all that it reports came signed, or unsigned reports are allowed. */
  trusted: boolean;
};

/** Nova's server group: members that must (not) share a host. */
export type ServerGroup = {
  id: string;
  policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';
  memberIds: readonly ServerId[];
};

/** How much an interruption of a chain hurts of which nobody has said it: from 1, hardly, to 5. */
export const usualCriticality = 3;

/** What a chain promises, and how much an interruption of it hurts. */
export type ChainPromise = {
  /** One way, all hops; null: nothing is promised. */
  delayMs: number | null;
  bandwidthMbps: number | null;
  /** From 1, hardly, to 5. */
  criticality: number;
};

/** A service function chain as hops of servers that share a hop's load. */
export type Chain = {
  id: ChainId;
  name: string;
  hops: readonly { memberIds: readonly ServerId[] }[];
  /** Absent where the chain was made by somebody who promised nothing. */
  promise?: ChainPromise;
};

/** A link between two nodes (hosts or switches), the same in both directions. */
export type Link = {
  id: string;
  ends: readonly [string, string];
  delayMs: Known<number>;
  bandwidthMbps: Known<number>;
};

/** The risk of a host with a server's load added to it. */
export type PairRisk = {
  serverId: ServerId;
  hostId: HostId;
  risk: Known<number>;
  /** Highest CPU expected within the horizon with the load added, 0–100 and above. */
  predictedMaxCpuPercent: Known<number>;
  /** Why, in words. */
  reasons: readonly string[];
};

/** How much a classifier takes a host for the one of the lowest maximum to come. */
export type HostClass = {
  hostId: HostId;
  /** Distance from the class's hyperplane, the higher the better; no probability. */
  margin: Known<number>;
  /** Why it is unknown; empty where it is known. */
  why: string;
};

/** A move that is planned or in flight: until it is over its server counts where it is and where it goes. */
export type UnderWay = { serverId: ServerId; to: HostId };

/** Everything that a policy may know: frozen, of one moment. */
export type FleetView = {
  /** Milliseconds since the epoch. */
  atMs: number;
  hosts: readonly Host[];
  servers: readonly Server[];
  serverGroups: readonly ServerGroup[];
  chains: readonly Chain[];
  /** Moves that have a place already; absent where there are none. */
  underWay?: readonly UnderWay[];
  /** The topology, as far as it is declared. */
  links: readonly Link[];
  /** Scored pairs; a pair that is not here was not scored. */
  pairRisks: readonly PairRisk[];
  /** Hosts as the classifier sees them; absent where nobody asked it. */
  hostClasses?: readonly HostClass[];
  /** Version of the model behind the risks; null when a fallback or nothing answered. */
  modelVersion: string | null;
};

/** A server's load in percent of a host's CPU: what leaves a source, or arrives at a destination. */
export function cpuSharePercent(server: Server, host: Pick<Host, 'cores'>): Known<number> {
  if (server.cpuPercent === 'unknown' || host.cores <= 0) return 'unknown';
  return (server.cpuPercent * server.vcpus) / host.cores;
}

/** Freezes a view to its leaves, so that no policy can change what the next one sees. */
export function freezeView(view: FleetView): FleetView {
  deepFreeze(view);
  return view;
}

/** The value, frozen to its leaves. */
export function frozen<T>(value: T): T {
  deepFreeze(value);
  return value;
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
}
