import { describe, expect, test } from 'vitest';
import { repath } from '../src/usecases/repath.ts';
import type { CallFault } from './fakes/call-faults.ts';
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
    expect(done.hops[0]?.gapMs).toBeGreaterThanOrEqual(0);
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

test('a pair whose port is gone is left as it is, with the reason', async () => {
  const { cloud, context } = await moved();
  cloud.ports.delete('fw-p1');

  await expect(repath(context, 'r1', 'fw')).rejects.toMatchObject({ code: 'REPATH_FAILED' });

  expect(cloud.sfc.groups.get([...cloud.sfc.groups.keys()][0] ?? '')?.portPairIds).toHaveLength(1);
});

test('a port that goes away midway leaves the hop closed, and the record says why', async () => {
  const { cloud, context } = await moved();
  const deletePortPair = cloud.sfc.deletePortPair;
  cloud.sfc.deletePortPair = async (id) => {
    await deletePortPair(id);
    cloud.ports.delete('fw-p0');
  };

  const done = await repath(context, 'r1', 'fw');

  expect(done.state).toBe('failed');
  expect(done.problem?.detail).toContain('PortPairPortNotFound');
  expect(cloud.sfc.emptied).toEqual([]);
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
