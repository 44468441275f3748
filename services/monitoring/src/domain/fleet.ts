/** A compute host as the VIM knows it; capacity is what Placement lets be allocated. */
export interface Host {
  readonly id: string;
  readonly state: 'up' | 'down';
  readonly status: 'enabled' | 'disabled';
  readonly disabledReason: string | null;
  readonly zone: string | null;
  readonly aggregates: readonly string[];
  /** Metadata of the aggregates that it is in, each key with its values. */
  readonly aggregateMetadata?: Readonly<Record<string, readonly string[]>>;
  readonly ip: string | null;
  /** Real cores, of which the host's CPU percent is; Placement's total of VCPU. */
  readonly cores: number;
  /** Allocatable: (total − reserved) × allocation ratio. */
  readonly vcpus: number;
  readonly vcpusUsed: number;
  readonly ramMiB: number;
  readonly ramUsedMiB: number;
  readonly diskGiB: number;
  readonly diskUsedGiB: number;
}

export interface ServerPort {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  /** binding:host_id. */
  readonly hostId: string | null;
  readonly ipAddresses: readonly string[];
}

/** What a live migration may founder on. */
export interface ServerFacts {
  readonly locked: boolean;
  /** Whether it has a disk on its host, not only volumes. */
  readonly localDisk: boolean;
  readonly extraSpecs: Readonly<Record<string, string>>;
  /** Those of its image's properties that tie it to hardware or ask for traits; absent where there are none. */
  readonly imageProperties?: Readonly<Record<string, string>>;
  readonly vnicTypes: readonly string[];
}

export interface Server {
  readonly id: string;
  readonly name: string;
  readonly hostId: string | null;
  readonly status: string;
  readonly taskState: string | null;
  readonly flavorId: string | null;
  readonly imageId: string | null;
  readonly vcpus: number;
  readonly ramMiB: number;
  readonly diskGiB: number;
  readonly tags: readonly string[];
  /** Keystone's project that it belongs to; absent where it is not told. */
  readonly projectId?: string;
  readonly zone: string | null;
  /** Absent where nothing is out of the ordinary: most of a large cloud's servers are alike. */
  readonly facts?: ServerFacts;
  readonly ports: readonly ServerPort[];
}

export interface ServerGroup {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly memberIds: readonly string[];
}

export interface ChainMember {
  readonly portPairId: string;
  readonly ingressPortId: string;
  readonly egressPortId: string;
  /** Null when the port belongs to no server. */
  readonly serverId: string | null;
}

export interface Chain {
  readonly id: string;
  readonly name: string;
  readonly flowClassifierIds: readonly string[];
  readonly hops: readonly {
    readonly portPairGroupId: string;
    readonly members: readonly ChainMember[];
  }[];
}

export interface Flavor {
  readonly id: string;
  readonly name: string;
  readonly vcpus: number;
  readonly ramMiB: number;
}

/** Everything that one reading of the VIM gave. */
export interface Inventory {
  readonly hosts: readonly Host[];
  readonly servers: readonly Server[];
  readonly serverGroups: readonly ServerGroup[];
  readonly chains: readonly Chain[];
  readonly flavors: readonly Flavor[];
}

/** The last known inventory: when it was read, and why the newest attempt failed, if it did. */
export interface ObservedInventory {
  readonly inventory: Inventory;
  /** Null before the first success. */
  readonly observedAtMs: number | null;
  readonly problem: string | null;
}

export const emptyInventory: Inventory = {
  hosts: [],
  servers: [],
  serverGroups: [],
  chains: [],
  flavors: [],
};

/** A link between nodes, declared by the operator. */
export interface Link {
  readonly id: string;
  readonly node1Id: string;
  readonly node2Id: string;
  readonly delayUs: number | null;
  readonly maxBwMbps: number | null;
}
