import type {
  Accepted,
  Aggregate,
  ComputeService,
  Flavor,
  FlavorSpec,
  Hypervisor,
  InstanceAction,
  LiveMigrateSpec,
  MigrationFilter,
  MigrationRecord,
  Server,
  ServerGroup,
  ServerSpec,
} from './compute.ts';
import type { Container } from './container.ts';
import type { Identity, ServiceType } from './identity.ts';
import type { Image } from './image.ts';
import type {
  Network,
  NetworkAgent,
  Port,
  PortBinding,
  PortFilter,
  PortSpec,
  PortUpdate,
} from './network.ts';
import type {
  AllocationCandidates,
  AllocationCandidatesQuery,
  ConsumerAllocations,
  Inventories,
  ProviderAllocations,
  ResourceProvider,
  Usages,
} from './placement.ts';
import type {
  FlowClassifier,
  FlowClassifierSpec,
  ListedBy,
  PortChain,
  PortChainSpec,
  PortPair,
  PortPairGroup,
  PortPairGroupSpec,
  PortPairSpec,
} from './sfc.ts';

/** What each call takes last. */
export type CallOptions = {
  /** Gives the call up; it then throws the signal's reason. */
  readonly signal?: AbortSignal;
  /** Limit of one attempt, over the client's default. */
  readonly timeoutMs?: number;
};

/** A service's microversions and the one that is used. */
export type Microversions = {
  readonly min: string;
  readonly max: string;
  readonly negotiated: string;
};

/** Keystone: who we are and what there is. */
export type Keystone = {
  /** Who the current token makes us, and the catalogue (gets a token when there is none). */
  identity(call?: CallOptions): Promise<Identity>;
  /** URL of a service in the chosen region and interface. */
  endpoint(service: ServiceType, call?: CallOptions): Promise<string>;
};

/** Nova. Lists follow all pages. */
export type Nova = {
  /** Negotiated once: the server's maximum, at most 2.90, refused below 2.84. */
  microversions(call?: CallOptions): Promise<Microversions>;
  listHypervisors(
    query?: { readonly withServers?: boolean; readonly pageSize?: number },
    call?: CallOptions,
  ): Promise<Hypervisor[]>;
  listComputeServices(
    filter?: { readonly host?: string; readonly binary?: string },
    call?: CallOptions,
  ): Promise<ComputeService[]>;
  enableComputeService(serviceId: string, call?: CallOptions): Promise<ComputeService>;
  disableComputeService(
    serviceId: string,
    reason?: string,
    call?: CallOptions,
  ): Promise<ComputeService>;
  /** Tells Nova that the host is fenced (true), or may report again (false). */
  setForcedDown(
    serviceId: string,
    forcedDown: boolean,
    call?: CallOptions,
  ): Promise<ComputeService>;
  /** All tenants unless told otherwise. */
  listServers(
    filter?: {
      readonly host?: string;
      readonly allTenants?: boolean;
      readonly status?: string;
      readonly name?: string;
      readonly pageSize?: number;
    },
    call?: CallOptions,
  ): Promise<Server[]>;
  showServer(serverId: string, call?: CallOptions): Promise<Server>;
  createServer(
    spec: ServerSpec,
    call?: CallOptions,
  ): Promise<{ readonly id: string; readonly requestId: string | null }>;
  deleteServer(serverId: string, call?: CallOptions): Promise<void>;
  startServer(serverId: string, call?: CallOptions): Promise<Accepted>;
  stopServer(serverId: string, call?: CallOptions): Promise<Accepted>;
  listFlavors(call?: CallOptions): Promise<Flavor[]>;
  createFlavor(spec: FlavorSpec, call?: CallOptions): Promise<Flavor>;
  deleteFlavor(flavorId: string, call?: CallOptions): Promise<void>;
  /**
   * Asks Nova once to move a running server; never re-sent, whatever happens.
   * An error with `mayHaveArrived` leaves open whether the move began: look at the instance actions.
   */
  liveMigrate(serverId: string, spec: LiveMigrateSpec, call?: CallOptions): Promise<Accepted>;
  /** The history of migrations, newest first; its records carry no byte counts. */
  listMigrations(filter?: MigrationFilter, call?: CallOptions): Promise<MigrationRecord[]>;
  /** The live migrations in progress of a server, with byte counts once known. */
  listServerMigrations(serverId: string, call?: CallOptions): Promise<MigrationRecord[]>;
  showServerMigration(
    serverId: string,
    migrationId: number,
    call?: CallOptions,
  ): Promise<MigrationRecord>;
  abortServerMigration(
    serverId: string,
    migrationId: number,
    call?: CallOptions,
  ): Promise<Accepted>;
  forceCompleteServerMigration(
    serverId: string,
    migrationId: number,
    call?: CallOptions,
  ): Promise<Accepted>;
  /** Newest first, without events. */
  listInstanceActions(serverId: string, call?: CallOptions): Promise<InstanceAction[]>;
  /** One action with its events. */
  showInstanceAction(
    serverId: string,
    requestId: string,
    call?: CallOptions,
  ): Promise<InstanceAction>;
  /** The admin's to read: others are refused (kind `forbidden`). */
  listAggregates(call?: CallOptions): Promise<Aggregate[]>;
  listServerGroups(
    query?: { readonly allProjects?: boolean },
    call?: CallOptions,
  ): Promise<ServerGroup[]>;
  /** Rebuilds a server of a dead host elsewhere; never re-sent. */
  evacuateServer(
    serverId: string,
    spec?: { readonly host?: string },
    call?: CallOptions,
  ): Promise<Accepted>;
  /** Moves a server with a stop; ends in VERIFY_RESIZE; never re-sent. */
  coldMigrateServer(
    serverId: string,
    spec?: { readonly host?: string },
    call?: CallOptions,
  ): Promise<Accepted>;
  confirmResize(serverId: string, call?: CallOptions): Promise<Accepted>;
  revertResize(serverId: string, call?: CallOptions): Promise<Accepted>;
};

/** Placement: who has how much of what. */
export type Placement = {
  microversions(call?: CallOptions): Promise<Microversions>;
  listResourceProviders(
    filter?: { readonly name?: string; readonly inTree?: string },
    call?: CallOptions,
  ): Promise<ResourceProvider[]>;
  inventories(providerId: string, call?: CallOptions): Promise<Inventories>;
  usages(providerId: string, call?: CallOptions): Promise<Usages>;
  /** What a server (or a running migration) has claimed. */
  allocationsOfConsumer(consumerId: string, call?: CallOptions): Promise<ConsumerAllocations>;
  allocationsOfProvider(providerId: string, call?: CallOptions): Promise<ProviderAllocations>;
  allocationCandidates(
    query: AllocationCandidatesQuery,
    call?: CallOptions,
  ): Promise<AllocationCandidates>;
  traits(providerId: string, call?: CallOptions): Promise<readonly string[]>;
};

/** Neutron without networking-sfc. */
export type Neutron = {
  /** Aliases of the loaded extensions (`sfc`, `flow_classifier`, `binding-extended`, …). */
  listExtensions(call?: CallOptions): Promise<string[]>;
  listNetworks(filter?: { readonly name?: string }, call?: CallOptions): Promise<Network[]>;
  listAgents(filter?: { readonly host?: string }, call?: CallOptions): Promise<NetworkAgent[]>;
  listPorts(filter?: PortFilter, call?: CallOptions): Promise<Port[]>;
  showPort(portId: string, call?: CallOptions): Promise<Port>;
  createPort(spec: PortSpec, call?: CallOptions): Promise<Port>;
  updatePort(portId: string, update: PortUpdate, call?: CallOptions): Promise<Port>;
  /** Look into the port pairs first: Neutron answers 500 for a port that one uses. */
  deletePort(portId: string, call?: CallOptions): Promise<void>;
  listPortBindings(portId: string, call?: CallOptions): Promise<PortBinding[]>;
};

/** networking-sfc. Its lists can be narrowed by what is a column there, not by what is in another table: a chain's groups, a group's pairs. */
export type Sfc = {
  listPortPairs(
    which?: ListedBy<'id' | 'name' | 'ingressPortId' | 'egressPortId'>,
    call?: CallOptions,
  ): Promise<PortPair[]>;
  showPortPair(id: string, call?: CallOptions): Promise<PortPair>;
  createPortPair(spec: PortPairSpec, call?: CallOptions): Promise<PortPair>;
  updatePortPair(
    id: string,
    update: { readonly name?: string },
    call?: CallOptions,
  ): Promise<PortPair>;
  /** Read the groups first: a refused delete (409) corrupts the driver's state of the pair. */
  deletePortPair(id: string, call?: CallOptions): Promise<void>;
  listPortPairGroups(which?: ListedBy<'id' | 'name'>, call?: CallOptions): Promise<PortPairGroup[]>;
  showPortPairGroup(id: string, call?: CallOptions): Promise<PortPairGroup>;
  createPortPairGroup(spec: PortPairGroupSpec, call?: CallOptions): Promise<PortPairGroup>;
  updatePortPairGroup(
    id: string,
    update: Partial<PortPairGroupSpec>,
    call?: CallOptions,
  ): Promise<PortPairGroup>;
  deletePortPairGroup(id: string, call?: CallOptions): Promise<void>;
  listFlowClassifiers(
    which?: ListedBy<'id' | 'logicalSourcePortId' | 'logicalDestinationPortId'>,
    call?: CallOptions,
  ): Promise<FlowClassifier[]>;
  showFlowClassifier(id: string, call?: CallOptions): Promise<FlowClassifier>;
  createFlowClassifier(spec: FlowClassifierSpec, call?: CallOptions): Promise<FlowClassifier>;
  updateFlowClassifier(
    id: string,
    update: { readonly name?: string },
    call?: CallOptions,
  ): Promise<FlowClassifier>;
  deleteFlowClassifier(id: string, call?: CallOptions): Promise<void>;
  listPortChains(which?: ListedBy<'id' | 'name'>, call?: CallOptions): Promise<PortChain[]>;
  showPortChain(id: string, call?: CallOptions): Promise<PortChain>;
  createPortChain(spec: PortChainSpec, call?: CallOptions): Promise<PortChain>;
  updatePortChain(
    id: string,
    update: Partial<Omit<PortChainSpec, 'parameters'>>,
    call?: CallOptions,
  ): Promise<PortChain>;
  deletePortChain(id: string, call?: CallOptions): Promise<void>;
};

/** Glance, read only. */
export type Glance = {
  listImages(filter?: { readonly name?: string }, call?: CallOptions): Promise<Image[]>;
  showImage(imageId: string, call?: CallOptions): Promise<Image>;
};

/** Zun, read only: a cloud without it has no endpoint of the type `container` in its catalogue (kind `not-found`). */
export type Zun = {
  /** All tenants unless told otherwise. */
  listContainers(
    filter?: { readonly allTenants?: boolean },
    call?: CallOptions,
  ): Promise<Container[]>;
  showContainer(containerId: string, call?: CallOptions): Promise<Container>;
};

/** What the cloud can do for us; what can't be used says why. */
export type Capabilities = {
  readonly region: string | null;
  readonly compute:
    | ({ readonly available: true } & Microversions)
    | { readonly available: false; readonly reason: string };
  readonly placement:
    | ({ readonly available: true } & Microversions)
    | { readonly available: false; readonly reason: string };
  readonly network:
    | {
        readonly available: true;
        readonly extensions: readonly string[];
        /** networking-sfc: `sfc` and `flow_classifier` are loaded. */
        readonly sfc: boolean;
        /** Several bindings of a port (`binding-extended`): seen while a server moves. */
        readonly portBindings: boolean;
      }
    | { readonly available: false; readonly reason: string };
};

/** The clients of one OpenStack region. */
export type OpenStack = {
  readonly keystone: Keystone;
  readonly nova: Nova;
  readonly placement: Placement;
  readonly neutron: Neutron;
  readonly sfc: Sfc;
  readonly glance: Glance;
  readonly zun: Zun;
  /** Reads extensions and microversions; an absent or failing service is a reason, not an exception. */
  capabilities(call?: CallOptions): Promise<Capabilities>;
};
