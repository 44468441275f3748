import { expect, test } from 'vitest';
import {
  emptyNextHops,
  type FlowInstruction,
  type FlowRule,
  type FlowRules,
  pathFaults,
  sendingBreaks,
} from './flow-rules.ts';

const rule = (
  nsi: number,
  sendsTo: readonly string[] | null,
  more: Partial<FlowRule> = {},
): FlowRule => ({
  portchain_id: 'chain',
  node_type: nsi === 255 ? 'src_node' : 'sf_node',
  nsi,
  next_group_id: sendsTo === null ? null : 1,
  next_hops: sendsTo?.map((local_endpoint) => ({ local_endpoint })) ?? null,
  ...more,
});

const told = (
  seq: number,
  said: FlowRule,
  op: 'update' | 'delete' = 'update',
): FlowInstruction => ({
  seq,
  at: seq,
  op,
  host: 'compute1',
  key: 'key',
  rule: said,
});

const host = (name: string, tunnelIp: string) => ({ name, tunnelIp });
const source = [host('compute1', '10.0.0.1')];
const firewall = [host('compute2', '10.0.0.2')];
const ips = [host('compute3', '10.0.0.3')];

test('an instruction that sends to a group without members is an empty next hop', () => {
  const whole = told(1, rule(255, ['10.0.0.2']));
  const empty = told(2, rule(255, []));

  expect(emptyNextHops([whole, empty], 'chain')).toEqual([empty]);
});

test('the driver says an empty next hop by leaving the list out', () => {
  const empty = told(1, {
    portchain_id: 'chain',
    node_type: 'sf_node',
    nsi: 254,
    next_group_id: 2,
  });

  expect(emptyNextHops([empty], 'chain')).toEqual([empty]);
});

test('the last hop, a withdrawn rule and another chain have no empty next hop', () => {
  const instructions = [
    told(1, rule(253, null)),
    told(2, rule(254, []), 'delete'),
    told(3, rule(254, [], { portchain_id: 'other' })),
  ];

  expect(emptyNextHops(instructions, 'chain')).toEqual([]);
});

const sender = { portChainId: 'chain', host: 'compute1', nsi: 255 };

test('a rule that networking-sfc replaces leaves a break until it is told anew', () => {
  const instructions = [
    told(1, rule(255, ['10.0.0.2'])),
    told(2, rule(255, ['10.0.0.2']), 'delete'),
    told(2.05, rule(255, ['10.0.0.4'])),
  ];

  expect(sendingBreaks(instructions, sender)).toEqual([
    { host: 'compute1', nsi: 255, forMs: 50, replaced: true },
  ]);
});

test('a hop that is told nobody to send to has a break that no replacement explains', () => {
  const instructions = [
    told(1, rule(255, ['10.0.0.2'])),
    told(2, rule(255, [])),
    told(3, rule(255, ['10.0.0.4'])),
  ];

  expect(sendingBreaks(instructions, sender)).toMatchObject([{ forMs: 1000, replaced: false }]);
});

test('a hop whose rule never comes back has a break without end', () => {
  const instructions = [
    told(1, rule(255, ['10.0.0.2'])),
    told(2, rule(255, ['10.0.0.2']), 'delete'),
  ];

  expect(sendingBreaks(instructions, sender)).toMatchObject([{ forMs: null }]);
});

test('a hop that has begun to send only, other hops and other chains have no break', () => {
  const instructions = [
    told(1, rule(254, ['10.0.0.3'])),
    told(2, rule(254, ['10.0.0.3']), 'delete'),
    told(3, rule(255, ['10.0.0.2'], { portchain_id: 'other' }), 'delete'),
    told(4, rule(255, ['10.0.0.2'])),
  ];

  expect(sendingBreaks(instructions, sender)).toEqual([]);
});

test('a chain is whole when each host sends to the hosts of the next hop', () => {
  const rules: FlowRules = {
    compute1: { a: rule(255, ['10.0.0.2']) },
    compute2: { b: rule(254, ['10.0.0.3']) },
    compute3: { c: rule(253, null) },
  };

  expect(pathFaults(rules, 'chain', [source, firewall, ips])).toEqual([]);
});

test('an upstream hop that still sends to the host a member has left is a fault', () => {
  const rules: FlowRules = {
    compute1: { a: rule(255, ['10.0.0.2']) },
    compute2: { b: rule(254, null) },
    compute4: { b: rule(254, null) },
  };

  expect(pathFaults(rules, 'chain', [source, [host('compute4', '10.0.0.4')]])).toEqual([
    'compute1 at index 255 sends to 10.0.0.2, not to 10.0.0.4',
  ]);
});

test('a member whose host knows nothing of the chain is a fault', () => {
  expect(
    pathFaults({ compute1: { a: rule(255, ['10.0.0.2']) } }, 'chain', [source, firewall]),
  ).toEqual(['compute2 has no rule for index 254']);
});
