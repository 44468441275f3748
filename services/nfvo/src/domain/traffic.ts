import { BlockList, isIP } from 'node:net';
import type { FlowClassifierSpec } from '@sidestep/openstack';

/** The traffic that an SFC request means, in the interface's words. */
export type Traffic = {
  readonly srcIpPrefix?: string | undefined;
  readonly dstIpPrefix?: string | undefined;
  readonly srcPortMin?: number | undefined;
  readonly srcPortMax?: number | undefined;
  readonly dstPortMin?: number | undefined;
  readonly dstPortMax?: number | undefined;
  readonly proto?: 'tcp' | 'udp' | 'icmp' | undefined;
};

export type TrafficFault = { readonly field: string; readonly detail: string };

/** What networking-sfc would refuse, all of it. */
export function trafficFaults(traffic: Traffic): TrafficFault[] {
  const faults: TrafficFault[] = [];
  const prefixes = [
    ['src_ip_prefix', traffic.srcIpPrefix],
    ['dst_ip_prefix', traffic.dstIpPrefix],
  ] as const;
  for (const [field, prefix] of prefixes) {
    if (prefix !== undefined && parsePrefix(prefix) === undefined)
      faults.push({ field, detail: `${prefix} is no network like 10.20.0.0/24` });
  }
  const families = prefixes.flatMap(([, prefix]) =>
    prefix === undefined ? [] : (parsePrefix(prefix)?.family ?? []),
  );
  if (new Set(families).size > 1)
    faults.push({ field: 'dst_ip_prefix', detail: 'is of another IP version than src_ip_prefix' });
  for (const [side, min, max] of [
    ['src', traffic.srcPortMin, traffic.srcPortMax],
    ['dst', traffic.dstPortMin, traffic.dstPortMax],
  ] as const) {
    if (min === undefined && max === undefined) continue;
    if (min !== undefined && max !== undefined && min > max)
      faults.push({ field: `${side}_port_min`, detail: `is over ${side}_port_max` });
    if (traffic.proto !== 'tcp' && traffic.proto !== 'udp')
      faults.push({ field: 'proto', detail: `must be tcp or udp, as ${side} ports are given` });
  }
  return faults;
}

/** The flow classifier of faultless traffic. Of a port range, a limit that is not given is the other one. */
export function classifierOf(
  name: string,
  traffic: Traffic,
  ends: { readonly sourcePortId: string; readonly destinationPortId: string | null },
): FlowClassifierSpec {
  const v6 = [traffic.srcIpPrefix, traffic.dstIpPrefix].some((prefix) => prefix?.includes(':'));
  return {
    name,
    ethertype: v6 ? 'IPv6' : 'IPv4',
    protocol: traffic.proto ?? null,
    sourceIpPrefix: traffic.srcIpPrefix ?? null,
    destinationIpPrefix: traffic.dstIpPrefix ?? null,
    sourcePortMin: traffic.srcPortMin ?? traffic.srcPortMax ?? null,
    sourcePortMax: traffic.srcPortMax ?? traffic.srcPortMin ?? null,
    destinationPortMin: traffic.dstPortMin ?? traffic.dstPortMax ?? null,
    destinationPortMax: traffic.dstPortMax ?? traffic.dstPortMin ?? null,
    logicalSourcePortId: ends.sourcePortId,
    logicalDestinationPortId: ends.destinationPortId,
  };
}

/** True for addresses of the prefix; for none when there is no prefix. */
export function addressesIn(prefix: string | undefined): (address: string) => boolean {
  const parsed = prefix === undefined ? undefined : parsePrefix(prefix);
  if (parsed === undefined) return () => false;
  const list = new BlockList();
  list.addSubnet(parsed.address, parsed.bits, parsed.family);
  return (address) =>
    isIP(address) > 0 && list.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function parsePrefix(
  prefix: string,
): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [, address = '', digits] = /^([0-9a-fA-F.:]+)(?:\/(\d{1,3}))?$/.exec(prefix) ?? [];
  const version = isIP(address);
  if (version === 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = digits === undefined ? most : Number(digits);
  if (bits > most) return undefined;
  return { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
