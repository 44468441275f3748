/** A compute host of the emulated cloud. */
export interface HostSpec {
  /** Nova's host name, also collectd's host name. */
  readonly name: string;
  readonly cores: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
  /** CPU that the host itself uses whatever its servers do, in cores. */
  readonly backgroundCores: number;
  /** Standard deviation of the noise on the host's measured CPU, in points of 0–100. */
  readonly noisePercent: number;
  /** What live migrations of this host share among them, in each direction. */
  readonly migrationMiBPerSecond: number;
  /** Placement's overcommit of VCPU; 1 means none. */
  readonly cpuAllocationRatio: number;
  /** Placement's overcommit of MEMORY_MB; 1 means none. */
  readonly ramAllocationRatio: number;
  /** Availability zone; `nova` if not given. */
  readonly zone?: string;
  /** Placement traits besides those that every host has. */
  readonly traits?: readonly string[];
}

/** A Nova flavor. */
export interface FlavorSpec {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
  readonly extraSpecs?: Readonly<Record<string, string>>;
}

/** How a server uses what its flavor gives it. */
export interface ServerLoadSpec {
  /** CPU used without any request, in cores. */
  readonly baseCores: number;
  /** CPU time that one request of a chain costs this server on an idle host. */
  readonly cpuMsPerRequest: number;
  /** How fast its memory changes while it is being copied (Clark et al., NSDI 2005). */
  readonly dirtyMiBPerSecond: number;
  /** The writable working set: the most that can be dirty at the end of a copy round. */
  readonly workingSetMiB: number;
  /** Memory in use as a share of the flavor's, 0–1. */
  readonly memoryRatio: number;
}

/** A server that exists when the cloud starts. */
export interface ServerSpec extends ServerLoadSpec {
  readonly name: string;
  /** Flavor id. */
  readonly flavor: string;
  /** Name of the host that it starts on. */
  readonly host: string;
  readonly metadata?: Readonly<Record<string, string>>;
  /** Boots from a volume: a dead host takes nothing of it along. False if not given. */
  readonly volumeBacked?: boolean;
  readonly tags?: readonly string[];
  /** Name of the project that it belongs to; the admin's if not given. */
  readonly project?: string;
  readonly locked?: boolean;
  /** Of its ports; `normal` if not given. */
  readonly vnicType?: string;
}

/** The closed loop of clients that loads a chain: each waits for its answer, thinks, asks again. */
export interface ChainTraffic {
  readonly clients: number;
  readonly thinkMs: number;
  /** How long a client waits for an answer that does not come. */
  readonly timeoutMs: number;
}

/** One hop: the servers among which its traffic is spread. */
export interface HopSpec {
  readonly name: string;
  /** Server names, at least one. */
  readonly servers: readonly string[];
}

/** A port chain that exists when the cloud starts, and the traffic on it. */
export interface ChainSpec {
  readonly name: string;
  readonly hops: readonly HopSpec[];
  /** Host of the client port where the traffic enters. */
  readonly sourceHost: string;
  /** Host of the client port where the traffic leaves. */
  readonly destinationHost: string;
  readonly traffic: ChainTraffic;
}

/** The drop of a host's own load ahead of an episode: a queue drains, then the batch starts. */
export interface Lull {
  readonly cores: number;
  readonly leadMs: number;
}

/** Load injected on a host from outside its servers, as stress-ng does. */
export interface StressEpisode {
  readonly host: string;
  /** CPU demanded, in cores; may exceed what the host has. */
  readonly cores: number;
  /** Unix time of the first (or, with a period, of any one) start. */
  readonly startMs: number;
  readonly durationMs: number;
  /** With it the episode recurs for ever, before startMs too. */
  readonly periodMs?: number;
  /** Standard deviation of each start, drawn anew per occurrence. */
  readonly jitterMs?: number;
  /** Time to rise and to fall; 2 s if not given. */
  readonly rampMs?: number;
  /** Share of occurrences that do not happen, 0–1; the one at startMs always does. */
  readonly skipRatio?: number;
  readonly lull?: Lull;
}

/** A Nova server group. */
export interface ServerGroupSpec {
  readonly name: string;
  readonly policy: 'affinity' | 'anti-affinity' | 'soft-affinity' | 'soft-anti-affinity';
  /** Server names. */
  readonly members: readonly string[];
}

/** A host aggregate of Nova's. */
export interface AggregateSpec {
  readonly name: string;
  /** Host names. */
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

/** Everything that an emulated cloud consists of when it starts; equal specs give equal clouds. */
export interface CloudSpec {
  readonly name: string;
  readonly seed: number;
  readonly region: string;
  /** Regions that the catalogue also lists, and that answer nothing. */
  readonly otherRegions?: readonly string[];
  readonly hosts: readonly HostSpec[];
  readonly flavors: readonly FlavorSpec[];
  readonly servers: readonly ServerSpec[];
  readonly chains: readonly ChainSpec[];
  readonly stress: readonly StressEpisode[];
  readonly serverGroups?: readonly ServerGroupSpec[];
  readonly aggregates?: readonly AggregateSpec[];
  /** Of the image that all servers are made of. */
  readonly imageProperties?: Readonly<Record<string, string>>;
  /** What a chain made through the API carries, unless its name is one of `chains`. */
  readonly defaultTraffic: ChainTraffic;
  /** What a server made through the API does. */
  readonly defaultServerLoad: ServerLoadSpec;
  /** False: Neutron without networking-sfc. */
  readonly networkingSfc?: boolean;
}
