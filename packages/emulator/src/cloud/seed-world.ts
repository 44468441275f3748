import { seededUuid } from '../seed.ts';
import type { SfcPlugin } from '../sfc/sfc-plugin.ts';
import type { ChainSpec, CloudSpec } from '../spec.ts';
import { bindPort, createPort, portsOfServer, setDevice } from './port-bindings.ts';
import { launchServer, newServer, placeServer } from './server-operations.ts';
import { keystoneId, type PortState, type ServerState, type World } from './world.ts';

/** Id of a project that the spec names. */
export function projectIdOf(spec: Pick<CloudSpec, 'seed'>, name: string): string {
  return keystoneId(spec.seed, 'project', name);
}

/** Id of a server that the spec names. */
export function serverIdOf(spec: Pick<CloudSpec, 'seed'>, name: string): string {
  return seededUuid(spec.seed, 'server', name);
}

/** Id of a port chain that the spec names. */
export function chainIdOf(spec: Pick<CloudSpec, 'seed'>, name: string): string {
  return seededUuid(spec.seed, 'port-chain', name);
}

function seedServers(world: World): Map<string, ServerState> {
  const byName = new Map<string, ServerState>();
  for (const spec of world.spec.servers) {
    const flavor = world.flavors.get(spec.flavor);
    if (flavor === undefined) throw new RangeError(`server ${spec.name}: no flavor ${spec.flavor}`);
    if (!world.hosts.has(spec.host))
      throw new RangeError(`server ${spec.name}: no host ${spec.host}`);
    if (byName.has(spec.name)) throw new RangeError(`server ${spec.name} is there twice`);
    const server = newServer(world, {
      id: serverIdOf(world.spec, spec.name),
      name: spec.name,
      flavor,
      load: spec,
      imageId: spec.volumeBacked === true ? '' : world.ids.imageId,
      metadata: { ...spec.metadata },
      tags: spec.tags ?? [],
      projectId:
        spec.project === undefined ? world.ids.projectId : projectIdOf(world.spec, spec.project),
      locked: spec.locked ?? false,
    });
    byName.set(spec.name, server);
    placeServer(world, server, spec.host);
    for (const side of ['in', 'out']) {
      const port = seedPort(world, `${spec.name}-${side}`, server.id, spec.host, spec.vnicType);
      server.portIds.push(port.id);
    }
    launchServer(world, server);
  }
  return byName;
}

function seedPort(
  world: World,
  name: string,
  deviceId: string,
  host: string,
  vnicType = 'normal',
): PortState {
  const id = seededUuid(world.spec.seed, 'port', name);
  const port = createPort(world, { id, name, portSecurity: false, vnicType });
  setDevice(world, port, deviceId, 'compute:nova');
  bindPort(world, port, host);
  return port;
}

function seedGroup(
  world: World,
  sfc: SfcPlugin,
  members: readonly ServerState[],
  name: string,
): string {
  const { seed } = world.spec;
  // A port pair is in one group only: hops of the same servers share theirs.
  const key = members.map(({ name: member }) => member).join('+');
  const id = seededUuid(seed, 'port-pair-group', key);
  if (sfc.state.groups.has(id)) return id;
  const portPairs = members.map((server) => {
    const [ingress, egress] = portsOfServer(world, server);
    if (ingress === undefined || egress === undefined)
      throw new RangeError(`server ${server.name} has no two ports`);
    return sfc.createPair({
      id: seededUuid(seed, 'port-pair', server.name),
      name: `${server.name}-pair`,
      description: '',
      ingress: ingress.id,
      egress: egress.id,
      correlation: null,
      weight: 1,
    }).id;
  });
  sfc.createGroup({
    id,
    name,
    description: '',
    portPairs,
    tapEnabled: false,
    number: world.next('group-number'),
  });
  return id;
}

function seedChain(
  world: World,
  sfc: SfcPlugin,
  spec: ChainSpec,
  servers: ReadonlyMap<string, ServerState>,
): void {
  const { seed } = world.spec;
  const groups = spec.hops.map((hop) => {
    const members = hop.servers.map((name) => {
      const server = servers.get(name);
      if (server === undefined) throw new RangeError(`chain ${spec.name}: no server ${name}`);
      return server;
    });
    return seedGroup(world, sfc, members, `${spec.name}-${hop.name}`);
  });
  const client = (side: string, host: string): PortState => {
    if (!world.hosts.has(host)) throw new RangeError(`chain ${spec.name}: no host ${host}`);
    const device = seededUuid(seed, 'client', `${spec.name}/${side}`);
    return seedPort(world, `${spec.name}-${side}`, device, host);
  };
  const source = client('source', spec.sourceHost);
  const destination = client('destination', spec.destinationHost);
  const classifier = sfc.createClassifier({
    id: seededUuid(seed, 'flow-classifier', spec.name),
    name: `${spec.name}-classifier`,
    description: '',
    ethertype: 'IPv4',
    protocol: 'tcp',
    sourcePortMin: null,
    sourcePortMax: null,
    destinationPortMin: 80,
    destinationPortMax: 80,
    sourceIpPrefix: `${source.ip}/32`,
    destinationIpPrefix: null,
    logicalSourcePort: source.id,
    logicalDestinationPort: destination.id,
  });
  sfc.createChain({
    id: chainIdOf(world.spec, spec.name),
    name: spec.name,
    description: '',
    groups,
    classifiers: [classifier.id],
    correlation: 'mpls',
    symmetric: false,
    number: world.next('chain-number'),
  });
}

/** Fills a cloud with what its spec says that it has; a spec that contradicts itself is refused. */
export function seedWorld(world: World, sfc: SfcPlugin): void {
  const servers = seedServers(world);
  for (const group of world.spec.serverGroups ?? []) {
    const members = group.members.map((name) => {
      const server = servers.get(name);
      if (server === undefined)
        throw new RangeError(`server group ${group.name}: no server ${name}`);
      return server.id;
    });
    const id = seededUuid(world.spec.seed, 'server-group', group.name);
    const { name, policy } = group;
    world.groups.set(id, { id, name, policy, members: new Set(members) });
  }
  if (world.spec.networkingSfc === false) return;
  for (const chain of world.spec.chains) seedChain(world, sfc, chain, servers);
}
