import { type nfvo, serviceClient } from '@sidestep/contracts';
import { type Listening, NotFound, ProblemError } from '@sidestep/service-kit';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nfvoChains } from '../src/adapters/services/nfvo-chains.ts';
import type { Chains } from '../src/ports/chains.ts';

type Schemas = nfvo.components['schemas'];
type Drain = Schemas['Drain'];

const [fw, ips, alone] = ['6f0d2c3e', '7f0d2c3e', '8f0d2c3e'].map(
  (start) => `${start}-7c3f-4f0a-9d53-0d5c3a8a1f01`,
) as [string, string, string];
const at = new Date(0).toISOString();

const member = (id: string): Schemas['SfcHop']['members'][number] => ({
  id,
  kind: 'server',
  host_id: 'h1',
  status: 'ACTIVE',
  state: 'in',
});
const hop = (stateless: boolean, ...ids: string[]): Schemas['SfcHop'] => ({
  port_pair_group_id: `group-${ids[0]}`,
  on_gap: 'closed',
  stateless,
  members: ids.map(member),
});
const chain = (id: string, hops: Schemas['SfcHop'][]): Schemas['Sfc'] => ({
  id,
  sfc_name: id,
  sfcr_ids: [],
  vnf_instance_ids: [],
  is_symmetric: false,
  sla: { bandwidth_mbps: null, delay_ms: null },
  hops,
});
const described: Record<string, Schemas['Sfc']> = {
  balanced: chain('balanced', [hop(true, fw, ips)]),
  single: chain('single', [hop(true, fw)]),
  stateful: chain('stateful', [hop(false, fw, ips)]),
};

const drains = new Map<string, Drain>();
let server: Listening;
let chains: Chains;

beforeAll(async () => {
  server = await fakeService<nfvo.operations>('nfvo', {
    getSfc: ({ params: { id } }) => {
      const found = described[id];
      if (found === undefined) throw new NotFound('chain', id);
      return { status: 200, body: found };
    },
    drain: ({ params: { id }, body: { serverId } }) => {
      const made: Drain = {
        id,
        serverId,
        state: serverId === alone ? 'failed' : 'drained',
        startedAt: at,
        endedAt: null,
        hops: [
          { portPairGroupId: 'a', chainIds: ['balanced'], state: 'drained', why: null },
          { portPairGroupId: 'b', chainIds: ['single'], state: 'kept', why: 'no other member' },
        ],
        problem: null,
      };
      drains.set(id, made);
      return { status: 200, body: made };
    },
    undrain: ({ params: { id } }) => {
      const open = drains.get(id);
      if (open === undefined) throw new NotFound('drain', id);
      drains.delete(id);
      return { status: 200, body: { ...open, state: 'restored', endedAt: at } };
    },
    probeSfc: ({ params: { id } }) => {
      if (id === 'away') throw new ProblemError('UPSTREAM_FAILED', 'Neutron answered 500');
      const body: Schemas['ProbeResult'] = {
        chainId: id,
        outcome: 'none',
        probe: null,
        kind: null,
        tookMs: null,
        detail: 'no probe is configured',
      };
      return { status: 200, body };
    },
  });
  const client = serviceClient('nfvo', {
    baseUrl: server.url,
    token: testToken('operator'),
    timeoutMs: 3_000,
  });
  chains = nfvoChains(client, client);
});
afterAll(() => server.close());

describe('a server may leave its hops', () => {
  test.each<[string[], object]>([
    [['balanced'], { kind: 'yes' }],
    [['single', 'balanced'], { kind: 'yes' }],
    [['single'], { kind: 'no', why: 'its stateless hops have no other member' }],
    [['stateful'], { kind: 'no', why: 'none of its hops is stateless' }],
    [['gone'], { kind: 'no', why: 'the server is in no hop' }],
  ])('of %j: %j', async (chainIds, answer) => {
    expect(await chains.drainable(chainIds, fw)).toEqual(answer);
  });
});

test('a drain tells what it took the server out of, and what kept it', async () => {
  expect(await chains.drain('o1-drain-1', fw)).toEqual({ hopsOut: 1, kept: ['no other member'] });
});

test('a drain that failed may go through later', async () => {
  await expect(chains.drain('o2-drain-1', alone)).rejects.toMatchObject({
    code: 'UPSTREAM_FAILED',
    retryable: true,
  });
});

test('putting back is done once and asked for as often as one likes, even where no drain began', async () => {
  await chains.drain('o3-drain-1', fw);

  await chains.undrain('o3-drain-1');
  await chains.undrain('o3-drain-1');

  expect(drains.has('o3-drain-1')).toBe(false);
});

test('a probe that is not configured is no failure; one that cannot be asked for is', async () => {
  expect(await chains.probe('balanced')).toEqual({
    outcome: 'none',
    detail: 'no probe is configured',
  });
  await expect(chains.probe('away')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
});
