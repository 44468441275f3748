import { type nfvo, serviceClient } from '@sidestep/contracts';
import { type Listening, NotFound, ProblemError } from '@sidestep/service-kit';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nfvoChains } from '../src/adapters/services/nfvo-chains.ts';
import type { Chains } from '../src/ports/chains.ts';

type Schemas = nfvo.components['schemas'];
type Drain = Schemas['Drain'];

const [fw, alone] = ['6f0d2c3e', '8f0d2c3e'].map(
  (start) => `${start}-7c3f-4f0a-9d53-0d5c3a8a1f01`,
) as [string, string];
const at = new Date(0).toISOString();

/** Why nobody may leave a chain's hops; null where one may. */
const whyNot = new Map([
  ['balanced', null],
  ['single', 'no other member'],
  ['stateful', 'not stateless'],
]);

const drains = new Map<string, Drain>();
let server: Listening;
let chains: Chains;

beforeAll(async () => {
  server = await fakeService<nfvo.operations>('nfvo', {
    getDrainable: ({ params: { id }, query: { serverId } }) => {
      const why = whyNot.get(id);
      if (why === undefined || serverId !== fw) throw new NotFound('chain', id);
      return { status: 200, body: { drainable: why === null, why } };
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
    [['single', 'single'], { kind: 'no', why: 'no other member' }],
    [['single', 'stateful'], { kind: 'no', why: 'no other member; not stateless' }],
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
