import { activeBinding, type PortState, type ServerState, type World } from './world.ts';

/** Marks a change of a port. */
export function touchPort(world: World, port: PortState): void {
  port.updatedMs = world.clock.nowMs();
  port.revision += 1;
}

/** The ports of a server, in no particular order. */
export function portsOfServer(world: World, server: ServerState): PortState[] {
  return [...(world.portsOf.get(server.id) ?? [])].flatMap((id) => world.ports.get(id) ?? []);
}

/** Gives a port to a device; empty takes it away. */
export function setDevice(world: World, port: PortState, deviceId: string, owner: string): void {
  world.portsOf.get(port.deviceId)?.delete(port.id);
  port.deviceId = deviceId;
  port.deviceOwner = owner;
  if (deviceId === '') return;
  const ports = world.portsOf.get(deviceId) ?? new Set<string>();
  ports.add(port.id);
  world.portsOf.set(deviceId, ports);
}

/** True when the openvswitch driver would bind a port there: the host has a living agent. */
export function isBindable(world: World, hostName: string): boolean {
  // Neutron refuses on what it believes; that the agent has just died shows within seconds.
  return world.hosts.get(hostName)?.agentDiedMs === 'alive';
}

/** Binds a port to one host alone; an empty host unbinds. */
export function bindPort(world: World, port: PortState, hostName: string): void {
  port.bindings.length = 0;
  touchPort(world, port);
  if (hostName === '') return;
  const vifType = isBindable(world, hostName) ? 'ovs' : 'binding_failed';
  port.bindings.push({ host: hostName, status: 'ACTIVE', vifType });
  if (vifType === 'ovs') world.events.portUp(port.id, hostName);
}

/** Adds the second, inactive binding of a live migration. */
export function addInactiveBinding(world: World, port: PortState, hostName: string): void {
  port.bindings.push({ host: hostName, status: 'INACTIVE', vifType: 'ovs' });
  touchPort(world, port);
}

/** Makes the other binding the active one, as Nova does at the switch. */
export function activateBinding(world: World, port: PortState, hostName: string): void {
  for (const binding of port.bindings)
    binding.status = binding.host === hostName ? 'ACTIVE' : 'INACTIVE';
  touchPort(world, port);
  if (activeBinding(port)?.host === hostName) world.events.portUp(port.id, hostName);
}

/** Removes the binding to a host. */
export function dropBinding(world: World, port: PortState, hostName: string): void {
  const index = port.bindings.findIndex((binding) => binding.host === hostName);
  if (index < 0) return;
  port.bindings.splice(index, 1);
  touchPort(world, port);
}

/** Makes an unbound port; its address is the network's next. */
export function createPort(
  world: World,
  fields: {
    id?: string;
    name: string;
    portSecurity?: boolean;
    adminStateUp?: boolean;
    vnicType?: string;
  },
): PortState {
  const number = world.next('port');
  const byte = (shift: number): string => ((number >> shift) & 255).toString(16).padStart(2, '0');
  const nowMs = world.clock.nowMs();
  const port: PortState = {
    id: fields.id ?? world.newId('port'),
    name: fields.name,
    networkId: world.ids.networkId,
    mac: `fa:16:3e:${byte(16)}:${byte(8)}:${byte(0)}`,
    // 10.20.0.0/14, from .0.10 on.
    ip: `10.${20 + ((number + 9) >> 16)}.${((number + 9) >> 8) & 255}.${(number + 9) & 255}`,
    deviceId: '',
    deviceOwner: '',
    adminStateUp: fields.adminStateUp ?? true,
    portSecurity: fields.portSecurity ?? true,
    vnicType: fields.vnicType ?? 'normal',
    bindings: [],
    createdMs: nowMs,
    updatedMs: nowMs,
    revision: 1,
  };
  world.ports.set(port.id, port);
  return port;
}

/** Removes a port. */
export function deletePort(world: World, port: PortState): void {
  setDevice(world, port, '', '');
  world.ports.delete(port.id);
}
