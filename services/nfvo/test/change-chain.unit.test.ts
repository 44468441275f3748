import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createChain, deleteChain, updateChain } from '../src/usecases/change-chain.ts';
import { listChains } from '../src/usecases/list-chains.ts';
import { type CallFault, refusal } from './fakes/call-faults.ts';
import { type House, house } from './fakes/house.ts';

const servers = ['a', 'b', 'c', 'd', 'e'];

function built(): House {
  const made = house();
  for (const [index, id] of servers.entries()) made.cloud.server(id, `host${(index % 3) + 1}`);
  return made;
}

async function hopsOf({ context }: House, chainId: string): Promise<string[][] | undefined> {
  const listed = await listChains(context);
  return listed.find(({ chain }) => chain.id === chainId)?.hops.map((hop) => hop.toSorted());
}

describe('making a chain', () => {
  test('two ports of a server are ingress and egress, one is both', async () => {
    const it = house();
    it.cloud.server('two', 'host1', 2);
    it.cloud.server('one', 'host1', 1);

    const chainId = await it.chain([['two'], ['one']]);

    const pairs = [...it.cloud.sfc.pairs.values()].map((pair) => [
      pair.ingressPortId,
      pair.egressPortId,
    ]);
    expect(pairs).toEqual([
      ['two-p0', 'two-p1'],
      ['one-p0', 'one-p0'],
    ]);
    expect(it.cloud.whole(chainId)).toBe(true);
  });

  test('a hop that another chain has already is shared with it', async () => {
    const it = built();
    await it.chain([['a'], ['b']]);
    await it.chain([['a'], ['c']]);

    expect(it.cloud.sfc.groups.size).toBe(3);
  });

  test.each([
    ['a server twice', [['a'], ['a']], 'UNPROCESSABLE'],
    ['an unknown server', [['nobody']], 'UNPROCESSABLE'],
    ['a member of a hop with others elsewhere', [['a']], 'CONFLICT'],
    ['the hops of another chain', [['a', 'b']], 'CONFLICT'],
  ])('%s is refused before the first call', async (_case, hops, code) => {
    const it = built();
    await it.chain([['a', 'b']]);
    const classifier = await it.sfcr();
    const before = it.cloud.calls.made.length;

    await expect(it.chain(hops, { classifierIds: [classifier] })).rejects.toMatchObject({ code });

    expect(it.cloud.calls.made.slice(before).every((call) => call.startsWith('GET'))).toBe(true);
  });

  test('a symmetric chain needs to know where its traffic ends', async () => {
    const it = built();
    const id = await it.sfcr();
    const classifier = it.cloud.sfc.classifiers.get(id);
    if (classifier)
      it.cloud.sfc.classifiers.set(id, { ...classifier, logicalDestinationPortId: null });

    await expect(it.chain([['a']], { symmetric: true, classifierIds: [id] })).rejects.toMatchObject(
      { code: 'UNPROCESSABLE' },
    );
  });
});

describe('deleting a chain', () => {
  test('takes its hops and pairs with it, but for those that another chain shares', async () => {
    const it = built();
    const one = await it.chain([['a'], ['b']]);
    const two = await it.chain([['a'], ['c']]);

    await deleteChain(it.context, one);

    expect(await hopsOf(it, two)).toEqual([['a'], ['c']]);
    expect(it.cloud.whole(two)).toBe(true);
    expect(it.cloud.leftovers()).toEqual([]);
    expect(it.cloud.sfc.pairs.size).toBe(2);
    expect(it.cloud.sfc.corrupted).toEqual([]);
  });
});

describe('changing a chain', () => {
  test('only the requests, only the members: what is not given stays', async () => {
    const it = built();
    const chainId = await it.chain([['a'], ['b']]);
    const other = await it.sfcr();

    await updateChain(it.context, chainId, { classifierIds: [other] });
    await updateChain(it.context, chainId, { hops: [['a'], ['c']] });

    expect(await hopsOf(it, chainId)).toEqual([['a'], ['c']]);
    expect(it.cloud.sfc.chains.get(chainId)?.flowClassifierIds).toEqual([other]);
    expect(it.cloud.leftovers()).toEqual([]);
  });

  test('a hop shared with another chain is not changed behind its back', async () => {
    const it = built();
    const one = await it.chain([['a'], ['b']]);
    await it.chain([['a'], ['c']]);

    await expect(updateChain(it.context, one, { hops: [['a', 'd'], ['b']] })).rejects.toMatchObject(
      { code: 'CONFLICT' },
    );
  });

  test('members that are asked for already call nothing', async () => {
    const it = built();
    const chainId = await it.chain([['a', 'b'], ['c']]);
    const before = it.cloud.calls.made.length;

    await updateChain(it.context, chainId, { hops: [['b', 'a'], ['c']] });

    expect(it.cloud.calls.made.slice(before).filter((call) => !call.startsWith('GET'))).toEqual([]);
  });
});

/** Some of the servers, each once, in hops. */
const someHops = fc.shuffledSubarray(servers, { minLength: 1 }).chain((chosen) =>
  fc
    .array(fc.boolean(), { minLength: chosen.length - 1, maxLength: chosen.length - 1 })
    .map((cuts) => {
      const hops: string[][] = [[]];
      for (const [index, id] of chosen.entries()) {
        if (index > 0 && cuts[index - 1]) hops.push([]);
        hops.at(-1)?.push(id);
      }
      return hops;
    }),
);
const sorted = (hops: readonly (readonly string[])[]) => hops.map((hop) => hop.toSorted());
const fault = fc.constantFrom<CallFault>(
  'refused',
  'no-answer',
  'answer-lost',
  'half-done',
  'crash-before',
  'crash-after',
);
const faultAt = fc.record({ at: fc.nat({ max: 45 }), fault });

async function plagued<T>(
  it: House,
  { at, fault: kind }: { at: number; fault: CallFault },
  work: () => Promise<T>,
): Promise<T | undefined> {
  it.cloud.calls.plan(new Map([[at, kind]]));
  const result = await work().catch(() => undefined);
  expect(await it.restart(), 'nothing is left open').toBe(0);
  return result;
}

describe('whatever call fails or is the last of a process', () => {
  test('any chain becomes any other one, or is what it was', async () => {
    await fc.assert(
      fc.asyncProperty(someHops, someHops, faultAt, async (from, to, bad) => {
        const it = built();
        const chainId = await it.chain(from);

        const updated = await plagued(it, bad, async () => {
          await updateChain(it.context, chainId, { hops: to });
          return true;
        });

        const now = await hopsOf(it, chainId);
        expect(updated ? [sorted(to)] : [sorted(from), sorted(to)]).toContainEqual(now);
        expect(it.cloud.whole(chainId)).toBe(true);
        expect(it.cloud.leftovers()).toEqual([]);
        expect(it.cloud.sfc.emptied).toEqual([]);
        expect(it.cloud.sfc.corrupted).toEqual([]);
      }),
      { numRuns: 300, seed: 7 },
    );
  });

  test('a change that several faults in a row hit ends as one of the two, rendered as it is stored', async () => {
    await fc.assert(
      fc.asyncProperty(
        someHops,
        someHops,
        fc.array(fc.tuple(fc.nat({ max: 40 }), fault), { maxLength: 5 }),
        async (from, to, plan) => {
          const it = built();
          const chainId = await it.chain(from);
          it.cloud.calls.plan(new Map(plan));

          await updateChain(it.context, chainId, { hops: to }).catch(() => undefined);
          expect(await it.restart()).toBe(0);

          expect([sorted(from), sorted(to)]).toContainEqual(await hopsOf(it, chainId));
          expect(it.cloud.whole(chainId)).toBe(true);
          expect(it.cloud.leftovers()).toEqual([]);
          expect(it.cloud.sfc.emptied).toEqual([]);
          expect(it.cloud.sfc.corrupted).toEqual([]);
        },
      ),
      { numRuns: 400, seed: 5 },
    );
  });

  test('a chain is made wholly or not at all', async () => {
    await fc.assert(
      fc.asyncProperty(someHops, faultAt, async (hops, bad) => {
        const it = built();
        const classifierIds = [await it.sfcr()];

        const made = await plagued(it, bad, () => it.chain(hops, { classifierIds }));

        expect(it.cloud.sfc.chains.size).toBe(made === undefined ? 0 : 1);
        if (made === undefined) expect(it.cloud.sfc.pairs.size + it.cloud.sfc.groups.size).toBe(0);
        else expect(it.cloud.whole(made)).toBe(true);
        expect(it.cloud.leftovers()).toEqual([]);
        expect(it.cloud.sfc.corrupted).toEqual([]);
      }),
      { numRuns: 200, seed: 7 },
    );
  });

  test('a delete that was begun ends with nothing left', async () => {
    await fc.assert(
      fc.asyncProperty(someHops, faultAt, async (hops, bad) => {
        const it = built();
        const chainId = await it.chain(hops);

        await plagued(it, bad, () => deleteChain(it.context, chainId));
        await deleteChain(it.context, chainId).catch(() => undefined);

        expect(it.cloud.sfc.chains.size).toBe(0);
        expect(it.cloud.sfc.pairs.size + it.cloud.sfc.groups.size).toBe(0);
        expect(it.cloud.sfc.corrupted).toEqual([]);
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  test('an SFC request is made, or there is none', async () => {
    await fc.assert(
      fc.asyncProperty(faultAt, async (bad) => {
        const it = built();

        const made = await plagued(it, { ...bad, at: bad.at % 8 }, () => it.sfcr('a'));

        expect(it.cloud.sfc.classifiers.size).toBe(made === undefined ? 0 : 1);
      }),
      { numRuns: 100, seed: 7 },
    );
  });
});

test('a way back whose update the driver did not follow is rendered once more', async () => {
  const it = built();
  const chainId = await it.chain([['a'], ['b']]);
  const change = { hops: [['a', 'c'], ['b']], classifierIds: [await it.sfcr()] };
  const puts: string[] = [];
  const { updatePortChain, updatePortPairGroup } = it.cloud.sfc;
  it.cloud.sfc.updatePortChain = async (id, update) => {
    puts.push('chain');
    if (puts.filter((put) => put === 'chain').length === 1)
      throw refusal(500, 'SfcDriverError', 'failed before it was written');
    return updatePortChain(id, update);
  };
  it.cloud.sfc.updatePortPairGroup = async (id, update) => {
    puts.push('group');
    // The second one is the way back.
    if (puts.filter((put) => put === 'group').length === 2)
      it.cloud.calls.plan(new Map([[0, 'half-done']]));
    return updatePortPairGroup(id, update);
  };

  await expect(updateChain(it.context, chainId, change)).rejects.toThrow('failed before');

  expect(puts).toEqual(['group', 'chain', 'group', 'chain']);
  expect(await hopsOf(it, chainId)).toEqual([['a'], ['b']]);
  expect(it.cloud.whole(chainId)).toBe(true);
  expect(it.cloud.leftovers()).toEqual([]);
});

test('two changes of one chain at once: both are made, one after the other', async () => {
  const it = built();
  const chainId = await it.chain([['a'], ['b']]);

  await Promise.all([
    updateChain(it.context, chainId, { hops: [['a'], ['b'], ['c']] }),
    createChain(it.context, {
      name: 'other',
      classifierIds: [await it.sfcr()],
      hops: [['d']],
      symmetric: false,
      onGap: 'closed',
      hopOptions: [],
      sla: { bandwidthMbps: null, delayMs: null },
    }),
  ]);
  await Promise.allSettled([
    updateChain(it.context, chainId, { hops: [['c'], ['b']] }),
    updateChain(it.context, chainId, { hops: [['b'], ['e']] }),
  ]);

  expect(it.cloud.whole(chainId)).toBe(true);
  expect(it.cloud.leftovers()).toEqual([]);
});
