import type { Port, PortPair } from '@sidestep/openstack';
import type { Member } from './sfc-world.ts';

export type PortsChoice =
  | { readonly kind: 'chosen'; readonly member: Member }
  | { readonly kind: 'none'; readonly why: string };

export type OnePort =
  | { readonly kind: 'chosen'; readonly port: Port }
  | { readonly kind: 'none'; readonly why: string };

/**
 * The ports by which a server is a member of a hop. The pair that its ports have already, as networking-sfc allows one
 * for two ports; else one port is both; of two, the one named `…in` or `…ingress` and the one named `…out` or `…egress`,
 * else the first and the second in the order of the server's interfaces (MAC addresses as Nova lists them).
 */
export function memberPorts(
  server: { readonly id: string; readonly macAddresses: readonly string[] },
  ports: readonly Port[],
  pairs: readonly PortPair[],
): PortsChoice {
  const own = inOrder(
    ports.filter((port) => port.deviceId === server.id),
    server.macAddresses,
  );
  const ids = own.map((port) => port.id);
  const existing = pairs.filter(
    (pair) => ids.includes(pair.ingressPortId) && ids.includes(pair.egressPortId),
  );
  const [pair] = existing;
  if (pair !== undefined) {
    if (existing.length > 1)
      return { kind: 'none', why: `server ${server.id} has ${existing.length} port pairs` };
    const { ingressPortId, egressPortId, correlation, weight } = pair;
    return { kind: 'chosen', member: { ingressPortId, egressPortId, correlation, weight } };
  }
  const [first, second] = own;
  if (first === undefined) return { kind: 'none', why: `server ${server.id} has no port` };
  const named = (ending: RegExp) => own.filter((port) => ending.test(port.name));
  const [ingress, ...moreIn] = named(/(^|[-_.])(in|ingress)$/i);
  const [egress, ...moreOut] = named(/(^|[-_.])(out|egress)$/i);
  if (ingress && egress && moreIn.length === 0 && moreOut.length === 0)
    return bound(server.id, ingress, egress);
  if (own.length > 2)
    return {
      kind: 'none',
      why: `server ${server.id} has ${own.length} ports, and not exactly one is named ingress and one egress`,
    };
  return bound(server.id, first, second ?? first);
}

/** The port at which a client's traffic starts or ends: the one with an address in the prefix, else the first. */
export function clientPort(
  server: { readonly id: string; readonly macAddresses: readonly string[] },
  ports: readonly Port[],
  holdsAddress: (address: string) => boolean,
): OnePort {
  const own = inOrder(
    ports.filter((port) => port.deviceId === server.id),
    server.macAddresses,
  );
  const port =
    own.find((each) => each.fixedIps.some(({ ipAddress }) => holdsAddress(ipAddress))) ?? own[0];
  return port === undefined
    ? { kind: 'none', why: `server ${server.id} has no port` }
    : { kind: 'chosen', port };
}

function bound(serverId: string, ingress: Port, egress: Port): PortsChoice {
  const unbound = [ingress, egress].find((port) => port.hostId === '');
  if (unbound !== undefined)
    return { kind: 'none', why: `port ${unbound.id} of server ${serverId} is on no host` };
  return {
    kind: 'chosen',
    member: { ingressPortId: ingress.id, egressPortId: egress.id, correlation: null, weight: 1 },
  };
}

function inOrder(ports: readonly Port[], macAddresses: readonly string[]): Port[] {
  const rank = (port: Port) => {
    const index = macAddresses.indexOf(port.macAddress);
    return index < 0 ? macAddresses.length : index;
  };
  return ports.toSorted((a, b) => rank(a) - rank(b) || a.id.localeCompare(b.id));
}
