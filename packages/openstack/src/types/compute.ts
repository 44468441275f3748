/** What Nova calls the state of a compute service: does its host answer? */
export type ServiceState = 'up' | 'down';
/** Whether an operator lets the scheduler use the host. */
export type ServiceStatus = 'enabled' | 'disabled';

/** A compute host as Nova's `os-hypervisors/detail` shows it (capacity is Placement's: Nova ≥ 2.88 gives none). */
export type Hypervisor = {
  readonly id: string;
  /** Nova's name of the compute host: the name that `host` means everywhere else. */
  readonly host: string;
  readonly hypervisorHostname: string;
  readonly state: ServiceState;
  readonly status: ServiceStatus;
  readonly type: string;
  readonly hostIp: string | null;
  readonly serviceId: string;
  readonly disabledReason: string | null;
  /** Servers on the host; `null` when they were not asked for. */
  readonly servers: readonly { readonly id: string; readonly name: string }[] | null;
};

/** One row of `os-services`. */
export type ComputeService = {
  readonly id: string;
  readonly binary: string;
  readonly host: string;
  readonly zone: string;
  readonly state: ServiceState;
  readonly status: ServiceStatus;
  readonly disabledReason: string | null;
  readonly forcedDown: boolean;
  /** ISO 8601, UTC; `null` before the first report. */
  readonly updatedAt: string | null;
};

/** The flavor a server was made with, as embedded in the server (Nova ≥ 2.47). */
export type ServerFlavor = {
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
  readonly ephemeralGiB: number;
  readonly swapMiB: number;
  readonly extraSpecs: Readonly<Record<string, string>>;
};

/** A flavor of the catalogue. */
export type Flavor = ServerFlavor & { readonly id: string };

/** What to create a flavor from; public. */
export type FlavorSpec = {
  /** Default: Nova draws one. */
  readonly id?: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
};

/** One address of a server. */
export type ServerAddress = {
  readonly network: string;
  readonly address: string;
  readonly version: 4 | 6;
  readonly macAddress: string | null;
  readonly type: 'fixed' | 'floating' | null;
};

/** State of the host under a server; `UNKNOWN` also when Nova does not tell us. */
export type HostStatus = 'UP' | 'DOWN' | 'MAINTENANCE' | 'UNKNOWN';

/** A Nova server. */
export type Server = {
  readonly id: string;
  readonly name: string;
  /** Nova's status: ACTIVE, BUILD, ERROR, MIGRATING, SHUTOFF, VERIFY_RESIZE, … */
  readonly status: string;
  readonly vmState: string;
  /** `null` = no task is running on the server. */
  readonly taskState: string | null;
  /** Compute host; `null` before it is scheduled. */
  readonly host: string | null;
  readonly hostStatus: HostStatus;
  readonly projectId: string;
  readonly flavor: ServerFlavor;
  readonly imageId: string | null;
  readonly tags: readonly string[];
  /** Ids of its server groups (only `showServer` tells; Nova's list does not). */
  readonly serverGroups?: readonly string[];
  /** The zone of its host; `null` where Nova tells none. */
  readonly availabilityZone: string | null;
  readonly addresses: readonly ServerAddress[];
  readonly metadata: Readonly<Record<string, string>>;
  readonly locked: boolean;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC. */
  readonly updatedAt: string;
  /** Nova's reason of status ERROR; `null` otherwise (a failed live migration leaves none). */
  readonly fault: string | null;
};

/** What to create a server from. */
export type ServerSpec = {
  readonly name: string;
  readonly flavorId: string;
  readonly imageId: string | null;
  /** Ports or networks in the order of the server's interfaces. */
  readonly networks:
    | readonly ({ readonly portId: string } | { readonly networkId: string })[]
    | 'none'
    | 'auto';
  /** Compute host to pin to; the scheduler still validates it (Nova ≥ 2.74). */
  readonly host?: string;
  readonly serverGroupId?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly tags?: readonly string[];
  /** Base64. */
  readonly userData?: string;
  readonly availabilityZone?: string;
};

/** Nova accepted an action: it runs on, and its result is under `requestId` in the server's instance actions. */
export type Accepted = {
  /** The request id of the call = `InstanceAction.requestId`; `null` if the answer carried none. */
  readonly requestId: string | null;
};

/** A request to move a running server. */
export type LiveMigrateSpec = {
  /** Destination compute host; `null` leaves the choice to Nova's scheduler. */
  readonly host: string | null;
  readonly blockMigration?: 'auto' | boolean;
};

/** Kinds of Nova migration record. */
export type MigrationType = 'live-migration' | 'migration' | 'resize' | 'evacuation';

/** One Nova migration record; the byte counts are `null` until known and always `null` in the history. */
export type MigrationRecord = {
  readonly id: number;
  readonly uuid: string;
  readonly serverId: string;
  readonly type: MigrationType;
  /** queued, accepted, preparing, running, post-migrating, completed, error, failed, cancelled, finished, confirmed, reverted, … */
  readonly status: string;
  readonly source: string | null;
  readonly dest: string | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryProcessedBytes: number | null;
  readonly memoryRemainingBytes: number | null;
  readonly diskTotalBytes: number | null;
  readonly diskProcessedBytes: number | null;
  readonly diskRemainingBytes: number | null;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  /** ISO 8601, UTC. */
  readonly updatedAt: string | null;
};

/** Narrows `listMigrations`. */
export type MigrationFilter = {
  readonly serverId?: string;
  readonly status?: string;
  readonly type?: MigrationType;
  /** Source or destination host. */
  readonly host?: string;
  readonly sourceHost?: string;
  /** ISO 8601: changed at or after. */
  readonly changesSince?: string;
  /** Newest first; stop after so many. */
  readonly limit?: number;
};

/** One step of an instance action. */
export type InstanceActionEvent = {
  readonly event: string;
  /** `null` while it runs. */
  readonly result: string | null;
  /** The reason of an `Error` (Nova ≥ 2.84): the only place where it stands. */
  readonly details: string | null;
  readonly host: string | null;
  /** ISO 8601, UTC. */
  readonly startTime: string;
  /** ISO 8601, UTC; `null` while it runs. */
  readonly finishTime: string | null;
};

/** One thing asked of a server: what, by which request, how it went. */
export type InstanceAction = {
  /** `create`, `live-migration`, `evacuate`, `stop`, … */
  readonly action: string;
  readonly requestId: string;
  readonly serverId: string;
  /** ISO 8601, UTC. */
  readonly startTime: string;
  /** ISO 8601, UTC. */
  readonly updatedAt: string | null;
  /** `Error` once a step failed, else `null`. */
  readonly message: string | null;
  /** Newest first; empty in a list (Nova's list has no events). */
  readonly events: readonly InstanceActionEvent[];
};

/** A host aggregate of Nova's. */
export type Aggregate = {
  readonly id: number;
  readonly name: string;
  readonly hosts: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
};

/** A server group (affinity or anti-affinity). */
export type ServerGroup = {
  readonly id: string;
  readonly name: string;
  /** affinity, anti-affinity, soft-affinity, soft-anti-affinity. */
  readonly policy: string;
  readonly maxServersPerHost: number | null;
  readonly memberIds: readonly string[];
};
