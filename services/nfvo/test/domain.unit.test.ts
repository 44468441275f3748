import type { Port } from '@sidestep/openstack';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { carryOptions, strictestOnGap } from '../src/domain/hop-options.ts';
import { clientPort, memberPorts } from '../src/domain/member-ports.ts';
import { addressesIn, classifierOf, trafficFaults } from '../src/domain/traffic.ts';

function port(id: string, more: Partial<Port> = {}): Port {
  return {
    id,
    name: '',
    networkId: 'net',
    projectId: 'project',
    deviceId: 'server',
    deviceOwner: 'compute:nova',
    hostId: 'host1',
    status: 'ACTIVE',
    vifType: 'ovs',
    vnicType: 'normal',
    adminStateUp: true,
    macAddress: `mac-${id}`,
    fixedIps: [{ subnetId: 'subnet', ipAddress: '10.20.0.5' }],
    profile: {},
    ...more,
  };
}
const server = { id: 'server', macAddresses: ['mac-z', 'mac-a', 'mac-m'] };

describe('the ports by which a server is a member', () => {
  test.each<[string, Port[], string, string]>([
    ['one is both', [port('a')], 'a', 'a'],
    ['two go by the order of the interfaces', [port('a'), port('z')], 'z', 'a'],
    [
      'names go before order',
      [port('z', { name: 'fw-out' }), port('a', { name: 'fw-in' })],
      'a',
      'z',
    ],
    [
      'of more than two, the named ones',
      [port('z'), port('a', { name: 'egress' }), port('m', { name: 'fw.ingress' })],
      'm',
      'a',
    ],
    ['other servers’ ports do not count', [port('a'), port('z', { deviceId: 'other' })], 'a', 'a'],
  ])('%s', (_rule, ports, ingressPortId, egressPortId) => {
    expect(memberPorts(server, ports, [])).toMatchObject({
      kind: 'chosen',
      member: { ingressPortId, egressPortId },
    });
  });

  test.each<[string, Port[]]>([
    ['no port', []],
    ['three ports without names', [port('z'), port('a'), port('m')]],
    ['a port that is on no host', [port('a', { hostId: '' })]],
  ])('%s is a reason, no choice', (_case, ports) => {
    expect(memberPorts(server, ports, []).kind).toBe('none');
  });

  test('a pair that the ports have already is kept, as there can be no second', () => {
    const pair = {
      id: 'pair',
      name: 'theirs',
      ingressPortId: 'a',
      egressPortId: 'z',
      correlation: 'mpls',
      weight: 3,
    } as const;

    expect(memberPorts(server, [port('a'), port('z')], [pair])).toEqual({
      kind: 'chosen',
      member: { ingressPortId: 'a', egressPortId: 'z', correlation: 'mpls', weight: 3 },
    });
  });

  test('a client’s port is the one with an address in the prefix, else the first', () => {
    const ports = [
      port('z'),
      port('a', { fixedIps: [{ subnetId: 'other', ipAddress: '192.0.2.7' }] }),
    ];
    const chosen = (prefix?: string) => {
      const choice = clientPort(server, ports, addressesIn(prefix));
      return choice.kind === 'chosen' ? choice.port.id : choice.why;
    };

    expect([chosen('192.0.2.0/24'), chosen('198.51.100.0/24'), chosen()]).toEqual(['a', 'z', 'z']);
  });
});

describe('traffic', () => {
  test('all faults are told', () => {
    const faults = trafficFaults({
      srcIpPrefix: 'nowhere',
      dstIpPrefix: '10.0.0.0/33',
      srcPortMin: 9,
      srcPortMax: 3,
    });

    expect(faults.map(({ field }) => field)).toEqual([
      'src_ip_prefix',
      'dst_ip_prefix',
      'src_port_min',
      'proto',
    ]);
  });

  test('no text makes the check throw', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (srcIpPrefix, dstIpPrefix) => {
        expect(trafficFaults({ srcIpPrefix, dstIpPrefix })).toBeInstanceOf(Array);
      }),
    );
  });

  test('one limit of a port range is both, and the prefixes say the IP version', () => {
    const ends = { sourcePortId: 'p', destinationPortId: null };

    expect(
      classifierOf('x', { dstIpPrefix: 'fd00::/8', proto: 'tcp', dstPortMax: 80 }, ends),
    ).toMatchObject({
      ethertype: 'IPv6',
      destinationPortMin: 80,
      destinationPortMax: 80,
      sourcePortMin: null,
      logicalSourcePortId: 'p',
      logicalDestinationPortId: null,
    });
  });
});

describe('what happens in a gap', () => {
  const open = { onGap: 'open', hopOptions: [] } as const;
  test.each([
    ['a chain nobody described', [{ hop: 0, hops: 1, said: undefined }], 'closed'],
    ['an open chain', [{ hop: 0, hops: 1, said: open }], 'open'],
    [
      'a closed hop of an open chain',
      [
        {
          hop: 1,
          hops: 2,
          said: { onGap: 'open', hopOptions: [{}, { onGap: 'closed' }] } as const,
        },
      ],
      'closed',
    ],
    [
      'an open chain whose hops somebody else has changed',
      [{ hop: 0, hops: 2, said: { onGap: 'open', hopOptions: [{}] } as const }],
      'closed',
    ],
    [
      'an open and an unknown chain',
      [
        { hop: 0, hops: 1, said: open },
        { hop: 0, hops: 1, said: undefined },
      ],
      'closed',
    ],
    ['a hop in no chain', [], 'closed'],
  ])('%s', (_case, users, expected) => {
    expect(strictestOnGap(users)).toBe(expected);
  });

  test('a hop keeps its options as long as it keeps a member', () => {
    const before = {
      members: [['a', 'b'], ['c']],
      options: [{ stateless: true }, { onGap: 'open' } as const],
    };

    expect(carryOptions(before, [['c'], ['b'], ['d']])).toEqual([
      { onGap: 'open' },
      { stateless: true },
      {},
    ]);
  });
});
