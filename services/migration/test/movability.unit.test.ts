import type { Server, ServerFacts } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import { expect, test } from 'vitest';
import { type MoveRules, obstaclesOf } from '../src/domain/movability.ts';
import { placeQuestion } from '../src/domain/place-question.ts';

const rules: MoveRules = { pinnedTag: 'sidestep:pinned', overcomes: new Set(['local-disk']) };
const plain: ServerFacts = {
  locked: false,
  localDisk: true,
  extraSpecs: {},
  vnicTypes: ['normal'],
};
const serverWith = (parts: Partial<Server>): Server => {
  const [server] = cloud()
    .server('s', { on: 'h1', ...parts })
    .build().servers;
  if (server === undefined) throw new Error('no server');
  return server;
};
const names = (server: Server, given = rules) => obstaclesOf(server, given).map(({ name }) => name);

test.each<[string, string, string]>([
  ['hw_cpu_policy', 'dedicated', 'cpu-pinning'],
  ['hw_mem_page_size', 'large', 'hugepages'],
  ['hw_numa_nodes', '2', 'numa'],
  ['hw_tpm_model', 'tpm-crb', 'vtpm'],
  ['hw_mem_encryption', 'True', 'sev'],
])('an image that says %s=%s ties its server as a flavor would', (key, value, obstacle) => {
  const server = serverWith({ facts: { ...plain, imageProperties: { [key]: value } } });

  expect(obstaclesOf(server, rules)).toEqual([
    { name: obstacle, detail: `its image says ${key}=${value}` },
  ]);
});

test('an image may say what is nothing out of the ordinary', () => {
  const imageProperties = {
    hw_cpu_policy: 'shared',
    hw_mem_page_size: 'small',
    'trait:A': 'required',
  };

  expect(names(serverWith({ facts: { ...plain, imageProperties } }))).toEqual([]);
});

test('Placement is asked for the traits of flavor and image', () => {
  const facts = {
    ...plain,
    extraSpecs: { 'trait:A': 'required', 'trait:B': 'forbidden' },
    imageProperties: { 'trait:C': 'required', hw_tpm_model: 'tpm-crb' },
  };

  const view = { servers: [serverWith({ facts })] };

  expect(placeQuestion(view, { serverId: 's', from: 'h1' }, [])).toMatchObject({
    required: ['A', 'C'],
    forbidden: ['B'],
  });
});

test('nothing is against moving an ordinary server', () => {
  expect(names(serverWith({}))).toEqual([]);
  expect(names(serverWith({ facts: plain }))).toEqual([]);
});

test.each<[string, Partial<Server>, string]>([
  ['is stopped', { status: 'SHUTOFF' }, 'state'],
  ['is being rebooted', { taskState: 'rebooting' }, 'task'],
  ['is pinned by its tag', { tags: ['a', 'sidestep:pinned'] }, 'pinned'],
  ['is locked', { facts: { ...plain, locked: true } }, 'locked'],
  ...(['direct', 'direct-physical', 'macvtap', 'virtio-forwarder'] as const).map(
    (type): [string, Partial<Server>, string] => [
      `has a port of vnic_type ${type}`,
      { facts: { ...plain, vnicTypes: ['normal', type] } },
      'sriov',
    ],
  ),
  ...(
    [
      ['pci_passthrough:alias', 'gpu:1', 'pci'],
      ['resources:VGPU', '1', 'pci'],
      ['hw:numa_nodes', '2', 'numa'],
      ['hw:mem_page_size', '1GB', 'hugepages'],
      ['hw:cpu_policy', 'dedicated', 'cpu-pinning'],
      ['hw:cpu_policy', 'mixed', 'cpu-pinning'],
      ['resources:PCPU', '4', 'cpu-pinning'],
      ['hw:tpm_version', '2.0', 'vtpm'],
      ['hw:mem_encryption', 'True', 'sev'],
    ] as const
  ).map(([key, value, name]): [string, Partial<Server>, string] => [
    `has a flavor of ${key}=${value}`,
    { facts: { ...plain, extraSpecs: { [key]: value } } },
    name,
  ]),
])('a server that %s is known not to move', (_case, parts, name) => {
  expect(names(serverWith(parts))).toEqual([name]);
});

test.each([
  ['hw:mem_page_size', 'small'],
  ['hw:cpu_policy', 'shared'],
  ['hw:mem_encryption', 'false'],
  ['trait:HW_CPU_X86_AVX2', 'required'],
])('a flavor of %s=%s is nothing against it', (key, value) => {
  expect(names(serverWith({ facts: { ...plain, extraSpecs: { [key]: value } } }))).toEqual([]);
});

test('a disk on the host is an obstacle where the cloud migrates no blocks, a volume is none', () => {
  const without = { ...rules, overcomes: new Set<never>() };

  expect(names(serverWith({}), without)).toEqual(['local-disk']);
  expect(names(serverWith({ facts: { ...plain, localDisk: false } }), without)).toEqual([]);
});

test('what the operator says that the cloud can do is no obstacle', () => {
  const server = serverWith({ facts: { ...plain, extraSpecs: { 'hw:numa_nodes': '2' } } });

  expect(names(server, { ...rules, overcomes: new Set(['local-disk', 'numa']) })).toEqual([]);
});

test('everything that is against it is told, not the first alone', () => {
  const facts = { ...plain, locked: true, vnicTypes: ['direct'] };

  expect(names(serverWith({ status: 'PAUSED', facts }))).toEqual(['state', 'locked', 'sriov']);
});
