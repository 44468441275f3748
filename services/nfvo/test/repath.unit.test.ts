import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deleteChain, updateChain } from '../src/usecases/change-chain.ts';
import { leaseTtlMs } from '../src/usecases/locks.ts';
import { cleanOrphans } from '../src/usecases/orphans.ts';
import { repath, resumeRepath } from '../src/usecases/repath.ts';
import { openRepaths } from '../src/usecases/repath-document.ts';
import { type CallFault, refusal } from './fakes/call-faults.ts';
import { type House, house } from './fakes/house.ts';

/** Three servers on three hosts; the chain’s first hop is the one that moves. */
async function moved(hops: string[][] = [['fw'], ['ips']]): Promise<House & { chainId: string }> {
  const built = house();
  for (const [index, id] of hops.flat().entries()) built.cloud.server(id, `host${(index % 3) + 1}`);
  const chainId = await built.chain(hops);
  built.cloud.move('fw', 'host9');
  return { ...built, chainId };
}

describe('a hop with one member, closed in gaps', () => {
  test('after a move the chain is whole again, and nobody was ever told to steer past the hop', async () => {
    const { cloud, context, chainId } = await moved();
    expect(cloud.whole(chainId)).toBe(false);

    const done = await repath(context, 'r1', 'fw');

    expect(done).toMatchObject({
      state: 'completed',
      problem: null,
      hops: [{ method: 'holder', state: 'completed', chainIds: [chainId] }],
    });
    expect(done.hops[0]?.work.onGap).toBe('closed');
    expect(done.hops[0]).toMatchObject({ bypassMs: 0 });
    expect(cloud.whole(chainId)).toBe(true);
    expect(cloud.sfc.emptied).toEqual([]);
    expect(cloud.leftovers()).toEqual([]);
  });

  test('the calls are: holder in, pair anew, pair in, holder away', async () => {
    const { cloud, context } = await moved();
    const before = cloud.calls.made.length;

    await repath(context, 'r1', 'fw');

    const changes = cloud.calls.made.slice(before).filter((call) => !call.startsWith('GET'));
    expect(changes).toEqual([
      'POST /ports',
      'POST /sfc/port_pairs',
      'PUT /sfc/port_pair_groups',
      'DELETE /sfc/port_pairs',
      'POST /sfc/port_pairs',
      'PUT /sfc/port_pair_groups',
      'DELETE /sfc/port_pairs',
      'DELETE /ports',
    ]);
  });

  test('the same id again answers with the record and calls nothing', async () => {
    const { cloud, context } = await moved();
    const first = await repath(context, 'r1', 'fw');
    const before = cloud.calls.made.length;

    const again = await repath(context, 'r1', 'fw');

    expect(again).toEqual(first);
    expect(cloud.calls.made.length).toBe(before);
  });

  test('an id belongs to one server', async () => {
    const { context } = await moved();
    await repath(context, 'r1', 'fw');

    await expect(repath(context, 'r1', 'ips')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

test('the other members carry a hop that has some', async () => {
  const { cloud, context, chainId } = await moved([['fw', 'fw2'], ['ips']]);

  const done = await repath(context, 'r1', 'fw');

  expect(done.hops).toMatchObject([{ method: 'others-carry', state: 'completed' }]);
  expect(cloud.whole(chainId)).toBe(true);
  expect(cloud.sfc.emptied).toEqual([]);
  expect(cloud.calls.made).not.toContain('POST /ports');
});

test('a hop that is open in gaps is empty in between', async () => {
  const { cloud, context, ...built } = house();
  cloud.server('fw', 'host1');
  const chainId = await built.chain([['fw']], { onGap: 'open' });
  cloud.move('fw', 'host2');

  const done = await repath(context, 'r1', 'fw');

  expect(done.hops).toMatchObject([{ method: 'open', state: 'completed' }]);
  expect(cloud.whole(chainId)).toBe(true);
  expect(cloud.sfc.emptied).toEqual([{ chainId, hop: 0 }]);
});

test('a hop that an open and a closed chain share is closed', async () => {
  const { cloud, context, ...built } = house();
  for (const id of ['fw', 'a', 'b']) cloud.server(id, 'host1');
  const one = await built.chain([['fw'], ['a']], { onGap: 'open' });
  const two = await built.chain([['fw'], ['b']], { onGap: 'closed' });
  cloud.move('fw', 'host2');

  const done = await repath(context, 'r1', 'fw');

  expect(done.hops).toMatchObject([{ method: 'holder', chainIds: [one, two] }]);
  expect(cloud.whole(one) && cloud.whole(two)).toBe(true);
  expect(cloud.sfc.emptied).toEqual([]);
});

test('a symmetric chain is whole again in the same way', async () => {
  const { cloud, context, ...built } = house();
  for (const id of ['fw', 'ips']) cloud.server(id, 'host1');
  const chainId = await built.chain([['fw'], ['ips']], { symmetric: true });
  cloud.move('ips', 'host2');

  expect((await repath(context, 'r1', 'ips')).hops).toMatchObject([{ method: 'holder' }]);
  expect(cloud.whole(chainId)).toBe(true);
  expect(cloud.sfc.emptied).toEqual([]);
});

test('a hop in no chain carries nothing, and needs no holder', async () => {
  const { cloud, context } = house();
  cloud.server('fw', 'host1');
  const pair = await cloud.sfc.createPortPair({ ingressPortId: 'fw-p0', egressPortId: 'fw-p1' });
  await cloud.sfc.createPortPairGroup({ portPairIds: [pair.id] });
  cloud.move('fw', 'host2');

  const done = await repath(context, 'r1', 'fw');

  expect(done.hops).toMatchObject([{ method: 'open', chainIds: [], state: 'completed' }]);
  expect(cloud.sfc.pairs.has(pair.id)).toBe(false);
  expect(cloud.sfc.pairs.size).toBe(1);
});

test('a server whose re-render goes on failing can be taken out of its chain', async () => {
  const it = await moved();
  const { cloud, context } = it;
  const { createPortPair } = cloud.sfc;
  cloud.sfc.createPortPair = async (wanted) => {
    if (wanted.ingressPortId === 'fw-p0') throw refusal(500, 'SfcDriverError', 'failed');
    return createPortPair(wanted);
  };
  const failed = await repath(context, 'r1', 'fw');

  await updateChain(context, it.chainId, { hops: [['ips']] });
  await it.restart();

  expect(failed).toMatchObject({ state: 'failed', hops: [{ state: 'failed', method: 'holder' }] });
  expect(cloud.whole(it.chainId)).toBe(true);
  expect(cloud.sfc.emptied).toEqual([]);
  expect(cloud.leftovers()).toEqual([]);
});

describe('a server that is a member of two hops', () => {
  async function twoHops(): Promise<House & { chainId: string }> {
    const it = house();
    it.cloud.server('fw', 'host1', 4);
    const { sfc } = it.cloud;
    const groups: string[] = [];
    for (const [ingressPortId, egressPortId] of [
      ['fw-p0', 'fw-p1'],
      ['fw-p2', 'fw-p3'],
    ] as const) {
      const pair = await sfc.createPortPair({ name: 'theirs', ingressPortId, egressPortId });
      groups.push((await sfc.createPortPairGroup({ portPairIds: [pair.id] })).id);
    }
    const { id: chainId } = await sfc.createPortChain({ portPairGroupIds: groups });
    it.cloud.move('fw', 'host2');
    return { ...it, chainId };
  }

  test('is rendered anew in both', async () => {
    const { cloud, context, chainId } = await twoHops();

    const done = await repath(context, 'r1', 'fw');

    expect(done.hops.map(({ state }) => state)).toEqual(['completed', 'completed']);
    expect(cloud.whole(chainId)).toBe(true);
    expect(cloud.sfc.emptied).toEqual([]);
  });

  test('one hop’s failure leaves the other whole', async () => {
    const { cloud, context } = await twoHops();
    const { updatePortPairGroup } = cloud.sfc;
    const [broken] = cloud.sfc.groups.keys();
    cloud.sfc.updatePortPairGroup = async (id, update) => {
      if (id === broken) throw refusal(500, 'SfcDriverError', 'failed');
      return updatePortPairGroup(id, update);
    };

    const done = await repath(context, 'r1', 'fw');

    expect(done.state).toBe('failed');
    expect(done.hops.map(({ state }) => state)).toEqual(['failed', 'completed']);
  });
});

test('a holder that a dead re-render left in the hop leaves it with the next one', async () => {
  const { cloud, context, chainId } = await moved();
  const port = await cloud.neutron.createPort({
    networkId: 'net-1',
    name: 'sidestep-holder-old-x',
    deviceId: 'sidestep-holder',
    hostId: 'host1',
  });
  const pair = await cloud.sfc.createPortPair({
    name: 'sidestep-holder-old-x',
    ingressPortId: port.id,
    egressPortId: port.id,
  });
  const [group] = [...cloud.sfc.groups.values()];
  const portPairIds = [...(group?.portPairIds ?? []), pair.id];
  await cloud.sfc.updatePortPairGroup(group?.id ?? '', { portPairIds });

  const done = await repath(context, 'r1', 'fw');

  expect(done.hops).toMatchObject([{ method: 'holder' }]);
  expect(cloud.whole(chainId)).toBe(true);
  expect(cloud.sfc.groups.get(group?.id ?? '')?.portPairIds).not.toContain(pair.id);
});

test('a server in no chain is done at once, with no hops', async () => {
  const { cloud, context } = house();
  cloud.server('loner', 'host1');

  expect(await repath(context, 'r1', 'loner')).toMatchObject({ state: 'completed', hops: [] });
});

test('an unknown server is no server without chains', async () => {
  await expect(repath(house().context, 'r1', 'nobody')).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('a server that is still being migrated is not rendered', async () => {
  const { cloud, context } = await moved();
  const server = cloud.servers.get('fw');
  if (server) cloud.servers.set('fw', { ...server, taskState: 'migrating' });

  await expect(repath(context, 'r1', 'fw')).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('a pair whose port is gone is left as it is, with the reason, and asked for no more', async () => {
  const { cloud, context, records } = await moved();
  const before = [...cloud.sfc.groups.values()];
  cloud.ports.delete('fw-p1');

  const done = await repath(context, 'r1', 'fw');

  expect(done).toMatchObject({
    state: 'failed',
    retry: null,
    problem: { code: 'CONFLICT', detail: expect.stringContaining('fw-p1') },
    hops: [{ state: 'failed', gapMs: null, bypassMs: null, outMs: null }],
  });
  expect([...cloud.sfc.groups.values()]).toEqual(before);
  expect(await openRepaths(records)).toEqual([]);
});

test('ports that are not there yet are waited for, with the hop left as it is', async () => {
  const it = await moved();
  const port = it.cloud.ports.get('fw-p1');
  if (port) it.cloud.ports.set('fw-p1', { ...port, hostId: 'host1' });

  const failed = await repath(it.context, 'r1', 'fw');
  it.cloud.move('fw', 'host8');
  const left = await it.restart();

  expect(failed).toMatchObject({ state: 'failed', problem: { code: 'REPATH_FAILED' } });
  expect(left).toBe(0);
  expect(it.cloud.whole(it.chainId)).toBe(true);
});

test('a port that goes away midway leaves the hop closed, and the record says why', async () => {
  const { cloud, context, chainId } = await moved();
  const deletePortPair = cloud.sfc.deletePortPair;
  cloud.sfc.deletePortPair = async (id) => {
    await deletePortPair(id);
    cloud.ports.delete('fw-p0');
  };

  const done = await repath(context, 'r1', 'fw');

  expect(done.state).toBe('failed');
  expect(done.problem?.detail).toContain('fw-p0');
  await updateChain(context, chainId, { classifierIds: [] });
  expect(cloud.sfc.emptied).toEqual([]);
  await updateChain(context, chainId, { hops: [['ips']] });
  await cleanOrphans(context);
  expect(cloud.sfc.emptied).toEqual([]);
  expect(cloud.leftovers()).toEqual([]);
  expect(cloud.whole(chainId)).toBe(true);
});

const faults: CallFault[] = ['refused', 'no-answer', 'answer-lost', 'half-done'];

describe.each(faults)('when one call is %s', (fault) => {
  test.each([[[['fw'], ['ips']]], [[['fw', 'fw2'], ['ips']]]])(
    'at whatever call of a re-render of %j, the chain ends whole and nothing is left',
    async (hops) => {
      for (let at = 0; ; at++) {
        const built = await moved(hops);
        const { cloud, context, chainId } = built;
        cloud.calls.plan(new Map([[at, fault]]));
        const before = cloud.calls.made.length;

        await repath(context, 'r1', 'fw').catch(() => undefined);
        const reached = cloud.calls.made.length - before > at;
        cloud.calls.plan(new Map());
        const done = await repath(context, 'r1', 'fw');

        expect(done.state, `call ${at}`).toBe('completed');
        expect(cloud.whole(chainId), `call ${at}`).toBe(true);
        expect(cloud.leftovers(), `call ${at}`).toEqual([]);
        expect(cloud.sfc.emptied, `call ${at}`).toEqual([]);
        expect(cloud.sfc.corrupted, `call ${at}`).toEqual([]);
        if (!reached) break;
      }
    },
  );
});

describe.each(['crash-before', 'crash-after'] as const)('when we die (%s)', (fault) => {
  test.each(['the same id again', 'a new process', 'another id'])(
    'at whatever call, %s finishes it',
    async (who) => {
      for (let at = 0; ; at++) {
        const built = await moved();
        const { cloud, context, chainId, clock } = built;
        cloud.calls.plan(new Map([[at, fault]]));
        const before = cloud.calls.made.length;
        await repath(context, 'r1', 'fw').catch(() => undefined);
        const reached = cloud.calls.made.length - before > at;

        cloud.calls.plan(new Map());
        clock.advance(60_000);
        if (who === 'a new process') expect(await built.restart(), `call ${at}`).toBe(0);
        await repath(context, who === 'another id' ? 'r2' : 'r1', 'fw');

        expect(cloud.whole(chainId), `call ${at}`).toBe(true);
        expect(cloud.leftovers(), `call ${at}`).toEqual([]);
        expect(cloud.sfc.emptied, `call ${at}`).toEqual([]);
        expect(cloud.sfc.corrupted, `call ${at}`).toEqual([]);
        if (!reached) break;
      }
    },
  );
});

test('under any number of faults and crashes the hop never opens, and the chain ends whole', async () => {
  const kind = fc.constantFrom<CallFault>(...faults, 'crash-before', 'crash-after');
  const rounds = fc.array(fc.array(fc.tuple(fc.nat({ max: 30 }), kind), { maxLength: 4 }), {
    maxLength: 4,
  });
  const hops = fc.constantFrom<string[][]>(
    [['fw'], ['ips']],
    [['fw', 'fw2'], ['ips']],
    [['ips'], ['fw']],
  );
  await fc.assert(
    fc.asyncProperty(hops, rounds, async (chosen, plans) => {
      const it = await moved(chosen);
      for (const [round, plan] of plans.entries()) {
        it.cloud.calls.plan(new Map(plan));
        await repath(it.context, `r${round % 2}`, 'fw').catch(() => undefined);
        it.clock.advance(60_000);
      }

      expect(await it.restart()).toBe(0);
      await repath(it.context, 'last', 'fw');

      expect(it.cloud.whole(it.chainId)).toBe(true);
      expect(it.cloud.leftovers()).toEqual([]);
      expect(it.cloud.sfc.emptied).toEqual([]);
      expect(it.cloud.sfc.corrupted).toEqual([]);
    }),
    { numRuns: 300, seed: 3 },
  );
});

test('two workers at once render it once', async () => {
  const { cloud, context, chainId } = await moved();
  const before = cloud.calls.made.length;

  await Promise.all([repath(context, 'r1', 'fw'), repath(context, 'r1', 'fw')]);

  const posts = cloud.calls.made.slice(before).filter((call) => call === 'POST /sfc/port_pairs');
  expect(posts).toHaveLength(2);
  expect(cloud.whole(chainId)).toBe(true);
});

describe('a server at which a chain begins', () => {
  /** The client has moved; its chain goes over two other servers. */
  async function client(more: Parameters<House['chain']>[1] = {}) {
    const built = house();
    built.cloud.server('fw', 'host1');
    built.cloud.server('client', 'host2', 1);
    const chainId = await built.chain([['fw']], {
      classifierIds: [await built.sfcr('client')],
      ...more,
    });
    built.cloud.move('client', 'host3');
    return { ...built, chainId };
  }
  const changes = (calls: readonly string[]) => calls.filter((call) => !call.startsWith('GET'));

  test('its classifier is taken off the chain and put back, its port down meanwhile', async () => {
    const { cloud, context, chainId } = await client();
    const before = cloud.calls.made.length;
    const classifiers = cloud.sfc.chains.get(chainId)?.flowClassifierIds;

    const done = await repath(context, 'r1', 'client');

    expect(changes(cloud.calls.made.slice(before))).toEqual([
      'PUT /ports',
      'PUT /sfc/port_chains',
      'PUT /sfc/port_chains',
      'PUT /ports',
    ]);
    expect(done).toMatchObject({
      state: 'completed',
      hops: [],
      ends: [{ chainId, onGap: 'closed', state: 'completed', bypassMs: 0 }],
    });
    expect(cloud.sfc.chains.get(chainId)?.flowClassifierIds).toEqual(classifiers);
    expect([...cloud.ports.values()].every(({ adminStateUp }) => adminStateUp)).toBe(true);
  });

  test('where the chain may be open in gaps, its port stays up and the bypass is told', async () => {
    const { cloud, context } = await client({ onGap: 'open' });
    const before = cloud.calls.made.length;

    const done = await repath(context, 'r1', 'client');

    expect(changes(cloud.calls.made.slice(before))).toEqual([
      'PUT /sfc/port_chains',
      'PUT /sfc/port_chains',
    ]);
    expect(done.ends).toMatchObject([{ onGap: 'open', gapMs: 0 }]);
  });

  test('it is rendered once, though a hop of the same server takes another attempt', async () => {
    const { cloud, context, chain, sfcr } = house();
    for (const id of ['both', 'ips']) cloud.server(id, 'host1');
    await chain([['both']]);
    await chain([['ips']], { classifierIds: [await sfcr('both')] });
    cloud.move('both', 'host2');
    const hopCall = 'PUT /sfc/port_pair_groups';
    const first = cloud.calls.made.length;
    await repath(context, 'r0', 'both');
    const at = cloud.calls.made.slice(first).indexOf(hopCall);
    const before = cloud.calls.made.length;
    cloud.move('both', 'host3');
    cloud.calls.plan(new Map<number, CallFault>([[at, 'refused']]));

    const done = await repath(context, 'r1', 'both');

    expect(done.state).toBe('completed');
    const made = cloud.calls.made.slice(before);
    expect(made[at]).toBe(hopCall);
    expect(made.filter((call) => call === 'PUT /sfc/port_chains')).toHaveLength(2);
  });

  /** The process dies with the client's port down and its classifier on the chain. */
  async function cutOff() {
    const it = await client();
    const first = it.cloud.calls.made.length;
    const probe = await client();
    await repath(probe.context, 'r1', 'client');
    const at = probe.cloud.calls.made.slice(first).indexOf('PUT /sfc/port_chains');
    it.cloud.calls.plan(new Map<number, CallFault>([[at, 'crash-before']]));
    await repath(it.context, 'r1', 'client').catch(() => undefined);
    it.cloud.calls.plan(new Map());
    expect(it.cloud.ports.get('client-p0')?.adminStateUp).toBe(false);
    it.clock.advance(leaseTtlMs + 1);
    return it;
  }
  const allUp = ({ cloud }: House) =>
    [...cloud.ports.values()].every(({ adminStateUp }) => adminStateUp);

  test.each<[string, (it: House & { chainId: string }) => Promise<unknown>]>([
    ['is deleted here', ({ context, chainId }) => deleteChain(context, chainId)],
    ['is deleted by somebody else', ({ cloud, chainId }) => cloud.sfc.deletePortChain(chainId)],
  ])(
    'whose chain %s meanwhile has its port up again, and can move once more',
    async (_case, go) => {
      const it = await cutOff();

      await go(it);

      expect(await it.restart()).toBe(0);
      expect(allUp(it)).toBe(true);
      await expect(repath(it.context, 'r2', 'client')).resolves.toMatchObject({
        state: 'completed',
      });
    },
  );

  test('while networking-sfc is away from Neutron, its chain is not taken for gone', async () => {
    const it = await cutOff();
    const away = async () => {
      throw refusal(404, 'HTTPNotFound', 'The resource could not be found.');
    };
    const gone = new Proxy(it.cloud.sfc, { get: () => away });
    const context = { ...it.context, cloud: { ...it.cloud, sfc: gone } };

    await resumeRepath(context, 'r1', 0);

    expect(allUp(it)).toBe(false);
    expect(await openRepaths(it.records)).toHaveLength(1);
    expect(await it.restart()).toBe(0);
    expect(it.cloud.whole(it.chainId)).toBe(true);
    expect(allUp(it)).toBe(true);
  });

  test('whose chain is given other requests meanwhile keeps those', async () => {
    const it = await cutOff();
    const other = await it.sfcr();

    await updateChain(it.context, it.chainId, { classifierIds: [other] });

    expect(await it.restart()).toBe(0);
    expect(it.cloud.sfc.chains.get(it.chainId)?.flowClassifierIds).toEqual([other]);
    expect(allUp(it)).toBe(true);
  });

  test('a request that somebody else takes away meanwhile is not wanted back, one that comes stays', async () => {
    const it = await cutOff();
    const [gone = ''] = it.cloud.sfc.chains.get(it.chainId)?.flowClassifierIds ?? [];
    const other = await it.sfcr();
    await it.cloud.sfc.updatePortChain(it.chainId, { flowClassifierIds: [other] });
    await it.cloud.sfc.deleteFlowClassifier(gone);

    expect(await it.restart()).toBe(0);

    expect(it.cloud.sfc.chains.get(it.chainId)?.flowClassifierIds).toEqual([other]);
    expect(allUp(it)).toBe(true);
  });

  test.each(['refused', 'no-answer', 'answer-lost', 'crash-before', 'crash-after'] as const)(
    '%s at any call: in the end the chain is steered, and the port is up',
    async (fault) => {
      for (let at = 0; at < 24; at++) {
        const it = await client();
        const classifiers = it.cloud.sfc.chains.get(it.chainId)?.flowClassifierIds;
        it.cloud.calls.plan(new Map<number, CallFault>([[at, fault]]));
        await repath(it.context, 'r1', 'client').catch(() => undefined);

        expect(await it.restart()).toBe(0);
        await repath(it.context, 'r1', 'client');

        expect(it.cloud.sfc.chains.get(it.chainId)?.flowClassifierIds).toEqual(classifiers);
        expect([...it.cloud.ports.values()].every(({ adminStateUp }) => adminStateUp)).toBe(true);
      }
    },
  );
});
