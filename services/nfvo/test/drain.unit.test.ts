import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { updateChain } from '../src/usecases/change-chain.ts';
import { drain, undrain } from '../src/usecases/drain.ts';
import { showChain } from '../src/usecases/list-chains.ts';
import { findOrphans } from '../src/usecases/orphans.ts';
import { repath } from '../src/usecases/repath.ts';
import type { CallFault } from './fakes/call-faults.ts';
import { type House, house } from './fakes/house.ts';

const stateless = [{ stateless: true }, {}];

async function chained(
  hops: string[][] = [['fw', 'fw2'], ['ips']],
  hopOptions = stateless,
): Promise<House & { chainId: string }> {
  const built = house();
  for (const [index, id] of hops.flat().entries()) built.cloud.server(id, `host${(index % 3) + 1}`);
  const chainId = await built.chain(hops, { hopOptions });
  return { ...built, chainId };
}

/** Servers that traffic of the first hop is sent to. */
function toldTo({ cloud, chainId }: House & { chainId: string }): string[] {
  return (cloud.sfc.told(chainId)[0] ?? []).map(
    ({ pairId }) =>
      cloud.ports.get(cloud.sfc.pairs.get(pairId)?.ingressPortId ?? '')?.deviceId ?? '',
  );
}

test('a member of a stateless hop with another one leaves before the move, and the re-render after it brings it back', async () => {
  const it = await chained();

  const drained = await drain(it.context, 'd1', 'fw');
  const meanwhile = toldTo(it);
  it.cloud.move('fw', 'host9');
  const whole = toldTo(it);
  it.clock.advance(5_000);
  const done = await repath(it.context, 'r1', 'fw');
  const ended = await drain(it.context, 'd1', 'fw');

  expect(drained).toMatchObject({ state: 'drained', hops: [{ state: 'drained', why: null }] });
  expect([meanwhile, whole]).toEqual([['fw2'], ['fw2']]);
  expect(done).toMatchObject({
    state: 'completed',
    hops: [{ method: 'others-carry', gapMs: 0, bypassMs: 0, outMs: 5_000 }],
  });
  expect(ended).toMatchObject({ state: 'restored', hops: [{ state: 'restored' }] });
  expect(it.cloud.whole(it.chainId)).toBe(true);
  expect(toldTo(it).toSorted()).toEqual(['fw', 'fw2']);
  expect(it.cloud.sfc.emptied).toEqual([]);
});

test('without a move the member is put back, and its other hops are not touched', async () => {
  const it = await chained();

  await drain(it.context, 'd1', 'fw');
  const back = await undrain(it.context, 'd1');
  const again = await undrain(it.context, 'd1');

  expect(back).toMatchObject({ state: 'restored', problem: null });
  expect(again).toEqual(back);
  expect(it.cloud.whole(it.chainId)).toBe(true);
  expect(toldTo(it).toSorted()).toEqual(['fw', 'fw2']);
  expect(it.cloud.leftovers()).toEqual([]);
});

test.each([
  ['the hop is not marked', [['fw', 'fw2'], ['ips']], [{}, {}], 'stateless'],
  ['there is no other member', [['fw'], ['ips']], stateless, 'no other member'],
  ['nothing was said of the hops', [['fw', 'fw2'], ['ips']], [], 'stateless'],
])('a member stays where %s, and the record says why', async (_case, hops, options, why) => {
  const it = await chained(hops, options);
  const before = it.cloud.calls.made.length;

  const done = await drain(it.context, 'd1', 'fw');
  await undrain(it.context, 'd1');

  expect(done).toMatchObject({
    state: 'drained',
    hops: [{ state: 'kept', why: expect.stringContaining(why) }],
  });
  expect(it.cloud.calls.made.slice(before).filter((call) => !call.startsWith('GET'))).toEqual([]);
  expect(it.cloud.whole(it.chainId)).toBe(true);
});

test('the last two members of a hop are not drained at once', async () => {
  const it = await chained();

  await drain(it.context, 'd1', 'fw');
  const second = await drain(it.context, 'd2', 'fw2');

  expect(second.hops).toMatchObject([{ state: 'kept', why: 'the hop has no other member' }]);
  expect(it.cloud.sfc.emptied).toEqual([]);
});

test('a hop that a chain shares which does not call it stateless is not drained', async () => {
  const it = house();
  for (const id of ['fw', 'fw2', 'a', 'b']) it.cloud.server(id, 'host1');
  await it.chain([['fw', 'fw2'], ['a']], { hopOptions: stateless });
  await it.chain([['fw', 'fw2'], ['b']]);

  expect((await drain(it.context, 'd1', 'fw')).hops).toMatchObject([{ state: 'kept' }]);
});

test('a drained member is still shown as one, is no orphan, and keeps its hop from being changed', async () => {
  const it = await chained();
  await drain(it.context, 'd1', 'fw');

  const { hops } = await showChain(it.context, it.chainId);
  const orphans = await findOrphans(it.context);

  expect(hops[0]?.toSorted()).toEqual(['fw', 'fw2']);
  expect(orphans).toEqual([]);
  await expect(
    updateChain(it.context, it.chainId, { hops: [['fw2'], ['ips']] }),
  ).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('d1') });
});

test('an id belongs to one server, and a server has one drain at a time', async () => {
  const it = await chained();
  await drain(it.context, 'd1', 'fw');

  await expect(drain(it.context, 'd1', 'fw2')).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(drain(it.context, 'd2', 'fw')).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(undrain(it.context, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

const faults: CallFault[] = [
  'refused',
  'no-answer',
  'answer-lost',
  'half-done',
  'crash-before',
  'crash-after',
];

describe.each(faults)('when one call is %s', (fault) => {
  test.each(['a move and its re-render', 'no move'])(
    'at whatever call, the same id again drains, and %s ends it with the chain whole',
    async (after) => {
      for (let at = 0; ; at++) {
        const it = await chained();
        it.cloud.calls.plan(new Map([[at, fault]]));
        const before = it.cloud.calls.made.length;
        await drain(it.context, 'd1', 'fw').catch(() => undefined);
        const reached = it.cloud.calls.made.length - before > at;
        expect(await it.restart(), `call ${at}`).toBe(0);
        const done = await drain(it.context, 'd1', 'fw');
        const meanwhile = toldTo(it);
        if (after === 'no move') await undrain(it.context, 'd1');
        else {
          it.cloud.move('fw', 'host9');
          await repath(it.context, 'r1', 'fw');
        }

        expect(done.state, `call ${at}`).toBe('drained');
        expect(meanwhile, `call ${at}`).toEqual(['fw2']);
        expect((await drain(it.context, 'd1', 'fw')).state).toBe('restored');
        expect(it.cloud.whole(it.chainId), `call ${at}`).toBe(true);
        expect(it.cloud.leftovers(), `call ${at}`).toEqual([]);
        expect(it.cloud.sfc.emptied, `call ${at}`).toEqual([]);
        expect(it.cloud.sfc.corrupted, `call ${at}`).toEqual([]);
        if (!reached) break;
      }
    },
  );

  test('at whatever call of putting it back, asking again ends with the chain whole', async () => {
    for (let at = 0; ; at++) {
      const it = await chained();
      await drain(it.context, 'd1', 'fw');
      it.cloud.calls.plan(new Map([[at, fault]]));
      const before = it.cloud.calls.made.length;
      await undrain(it.context, 'd1').catch(() => undefined);
      const reached = it.cloud.calls.made.length - before > at;
      await it.restart();

      expect((await undrain(it.context, 'd1')).state, `call ${at}`).toBe('restored');
      expect(it.cloud.whole(it.chainId), `call ${at}`).toBe(true);
      expect(it.cloud.leftovers(), `call ${at}`).toEqual([]);
      expect(it.cloud.sfc.emptied, `call ${at}`).toEqual([]);
      if (!reached) break;
    }
  });
});

test('under any order of drains, moves and re-renders and any faults, no hop opens, and all ends whole', async () => {
  const kind = fc.constantFrom<CallFault>(...faults);
  const verb = fc.constantFrom('drain', 'undrain', 'repath', 'move');
  const rounds = fc.array(
    fc.record({
      verb,
      server: fc.constantFrom('fw', 'fw2'),
      plan: fc.array(fc.tuple(fc.nat({ max: 25 }), kind), { maxLength: 3 }),
    }),
    { maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(rounds, async (chosen) => {
      const it = await chained();
      for (const [round, { verb: what, server, plan }] of chosen.entries()) {
        it.cloud.calls.plan(new Map(plan));
        if (what === 'move') it.cloud.move(server, `host${round + 4}`);
        else if (what === 'drain')
          await drain(it.context, `d-${server}`, server).catch(() => undefined);
        else if (what === 'undrain')
          await undrain(it.context, `d-${server}`).catch(() => undefined);
        else await repath(it.context, `r${round}`, server).catch(() => undefined);
        it.clock.advance(60_000);
      }

      expect(await it.restart()).toBe(0);
      for (const server of ['fw', 'fw2']) {
        await undrain(it.context, `d-${server}`).catch(() => undefined);
        await repath(it.context, `last-${server}`, server);
      }

      expect(it.cloud.whole(it.chainId)).toBe(true);
      expect(toldTo(it).toSorted()).toEqual(['fw', 'fw2']);
      expect(it.cloud.leftovers()).toEqual([]);
      expect(it.cloud.sfc.emptied).toEqual([]);
      expect(it.cloud.sfc.corrupted).toEqual([]);
    }),
    { numRuns: 200, seed: 7 },
  );
});
