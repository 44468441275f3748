import type { Clock } from '../clock.ts';
import type { NovaTimings } from '../emulator-types.ts';
import type { ApiLatency, MigrationFault } from '../faults.ts';
import { seededUuid } from '../seed.ts';
import type { CloudSpec, FlavorSpec, HostSpec, ServerLoadSpec } from '../spec.ts';
import type { HostState } from './host-state.ts';
import { PlacementLedger } from './placement-ledger.ts';

/** An event of an instance action, as Nova keeps it. */
export interface ActionEvent {
  readonly event: string;
  readonly startMs: number;
  finishMs: number | null;
  result: 'Success' | 'Error' | null;
  readonly host: string;
  details: string | null;
}

/** An instance action: where alone Nova says why an accepted request failed. */
export interface ActionState {
  readonly requestId: string;
  readonly action: string;
  readonly startMs: number;
  updatedMs: number;
  message: string | null;
  /** Oldest first; Nova lists them newest first. */
  readonly events: ActionEvent[];
}

/** A server. */
export interface ServerState {
  readonly id: string;
  readonly name: string;
  readonly number: number;
  readonly flavor: FlavorSpec;
  readonly load: ServerLoadSpec;
  /** '' for one that boots from a volume. */
  readonly imageId: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: readonly string[];
  readonly projectId: string;
  readonly locked?: boolean;
  readonly portIds: string[];
  readonly createdMs: number;
  /** Where Nova says that it is. */
  host: string;
  /** Where its guest really runs: the target from the moment of the switch. */
  runsOn: string;
  vmState: 'building' | 'active' | 'stopped' | 'resized' | 'error' | 'deleted';
  taskState: string | null;
  /** Until then the API still shows no task. */
  taskVisibleMs: number;
  updatedMs: number;
  launchedMs: number | null;
  /** True in the last moments of a pre-copy and in cold moves: the guest does nothing. */
  paused: boolean;
  fault: { readonly message: string; readonly atMs: number } | null;
  readonly actions: ActionState[];
  /** Where it ran and from when, oldest first. */
  readonly whereabouts: { readonly fromMs: number; readonly host: string }[];
}

/** A migration record. */
export interface MigrationState {
  readonly number: number;
  readonly uuid: string;
  readonly type: 'live-migration' | 'migration' | 'evacuation';
  readonly serverId: string;
  readonly source: string;
  target: string | null;
  status: string;
  readonly createdMs: number;
  updatedMs: number;
  readonly visibleMs: number;
  progress: { totalBytes: number; processedBytes: number; remainingBytes: number } | null;
}

/** A port's binding to one host. */
export interface BindingState {
  readonly host: string;
  status: 'ACTIVE' | 'INACTIVE';
  readonly vifType: 'ovs' | 'binding_failed' | 'unbound';
}

/** A Neutron port. */
export interface PortState {
  readonly id: string;
  readonly mac: string;
  readonly networkId: string;
  readonly ip: string;
  name: string;
  deviceId: string;
  deviceOwner: string;
  adminStateUp: boolean;
  portSecurity: boolean;
  readonly vnicType: string;
  readonly bindings: BindingState[];
  readonly createdMs: number;
  updatedMs: number;
  revision: number;
}

/** A server group. */
export interface GroupState {
  readonly id: string;
  readonly name: string;
  readonly policy: string;
  readonly members: Set<string>;
}

/** What the parts of the cloud tell each other. */
export interface WorldEvents {
  /** A port has appeared on a host: its agent asks for what it must know. */
  portUp(portId: string, host: string): void;
  /** Something that carries traffic changed for these servers. */
  serversChanged(serverIds: readonly string[]): void;
  serverAdded(server: ServerState): void;
  serverRemoved(server: ServerState): void;
}

/** Ids that do not change with the order of things. */
export interface WorldIds {
  readonly projectId: string;
  readonly userId: string;
  readonly networkId: string;
  readonly subnetId: string;
  readonly imageId: string;
  readonly segmentId: number;
}

/** The whole state of the emulated cloud; the API handlers and the time-driven parts share it. */
export interface World {
  readonly spec: CloudSpec;
  readonly clock: Clock;
  readonly timings: NovaTimings;
  readonly ids: WorldIds;
  readonly hosts: Map<string, HostState>;
  readonly hostsByTunnel: Map<string, HostState>;
  readonly servers: Map<string, ServerState>;
  readonly migrations: MigrationState[];
  readonly migrationsOf: Map<string, MigrationState[]>;
  readonly ports: Map<string, PortState>;
  /** Port ids by device id. */
  readonly portsOf: Map<string, Set<string>>;
  readonly flavors: Map<string, FlavorSpec>;
  readonly groups: Map<string, GroupState>;
  readonly ledger: PlacementLedger;
  readonly events: WorldEvents;
  readonly migrationFaults: Map<string, MigrationFault>;
  latency: ApiLatency;
  /** Names the next new thing of a kind. */
  newId(kind: string): string;
  /** Counts up, per kind, from 1. */
  next(kind: string): number;
}

/** Hex id without hyphens, as Keystone's. */
export function keystoneId(seed: number, kind: string, name: string): string {
  return seededUuid(seed, kind, name).replaceAll('-', '');
}

function hostState(spec: HostSpec, index: number, seed: number): HostState {
  return {
    name: spec.name,
    spec,
    serviceId: seededUuid(seed, 'service', spec.name),
    providerId: seededUuid(seed, 'provider', spec.name),
    agentId: seededUuid(seed, 'agent', spec.name),
    tunnelIp: `10.77.${Math.floor(index / 250)}.${(index % 250) + 1}`,
    machineUp: true,
    computeDiedMs: 'alive',
    agentDiedMs: 'alive',
    enabled: true,
    disabledReason: null,
    forcedDown: false,
  };
}

/** A cloud of hosts without servers. */
export function createWorld(options: {
  spec: CloudSpec;
  clock: Clock;
  timings: NovaTimings;
  events: WorldEvents;
}): World {
  const { spec } = options;
  const counters = new Map<string, number>();
  const next = (kind: string): number => {
    const count = (counters.get(kind) ?? 0) + 1;
    counters.set(kind, count);
    return count;
  };
  const hosts = new Map(
    spec.hosts.map((host, index) => [host.name, hostState(host, index, spec.seed)] as const),
  );
  return {
    ...options,
    ids: {
      projectId: keystoneId(spec.seed, 'project', 'admin'),
      userId: keystoneId(spec.seed, 'user', 'admin'),
      networkId: seededUuid(spec.seed, 'network', 'svc-net'),
      subnetId: seededUuid(spec.seed, 'subnet', 'svc-subnet'),
      imageId: seededUuid(spec.seed, 'image', 'vnf-image'),
      segmentId: 17841,
    },
    hosts,
    hostsByTunnel: new Map(Array.from(hosts.values(), (host) => [host.tunnelIp, host] as const)),
    servers: new Map(),
    migrations: [],
    migrationsOf: new Map(),
    ports: new Map(),
    portsOf: new Map(),
    flavors: new Map(spec.flavors.map((flavor) => [flavor.id, flavor] as const)),
    groups: new Map(),
    ledger: new PlacementLedger(hosts.values()),
    migrationFaults: new Map(),
    latency: { fixedMs: 0, jitterMs: 0 },
    newId: (kind) => seededUuid(spec.seed, `new-${kind}`, String(next(`id/${kind}`))),
    next,
  };
}

/** What Nova believes of a host's compute service: `up` until the last report is too old. */
export function serviceState(world: World, host: HostState): 'up' | 'down' {
  if (host.forcedDown) return 'down';
  if (host.computeDiedMs === 'alive') return 'up';
  return world.clock.nowMs() - host.computeDiedMs >= world.timings.serviceDownMs ? 'down' : 'up';
}

/** What Neutron believes of a host's L2 agent. */
export function agentAlive(world: World, host: HostState): boolean {
  if (host.agentDiedMs === 'alive') return true;
  return world.clock.nowMs() - host.agentDiedMs < world.timings.agentDownMs;
}

/** The host's active binding, if the port has one. */
export function activeBinding(port: PortState): BindingState | undefined {
  return port.bindings.find((binding) => binding.status === 'ACTIVE');
}

/** True when packets delivered to the server's ports are worked on. */
export function isServing(world: World, server: ServerState): boolean {
  const alive = server.vmState === 'active' || server.vmState === 'resized';
  return alive && !server.paused && world.hosts.get(server.runsOn)?.machineUp === true;
}

/** Moves the guest: from now on it burns CPU on this host. */
export function setWhereabouts(world: World, server: ServerState, host: string): void {
  server.runsOn = host;
  server.whereabouts.push({ fromMs: world.clock.nowMs(), host });
}

/** Where a server's guest was at an instant; before its time, where it first was. */
export function whereabouts(server: ServerState, atMs: number): string {
  let at = server.whereabouts[0]?.host ?? server.runsOn;
  for (const { fromMs, host } of server.whereabouts) if (fromMs <= atMs) at = host;
  return at;
}
