import { cloud } from '@sidestep/fleet/testing';
import { VersionConflict } from '@sidestep/service-kit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { crossedLinks } from '../src/domain/link-slots.ts';
import type { Operation } from '../src/domain/operation.ts';
import { approveDecision } from '../src/usecases/answer-decision.ts';
import { operationWrite } from '../src/usecases/ledger.ts';
import { freedSlotWrites, slotWrites } from '../src/usecases/operate/reserve-slots.ts';
import { decideLimits, type World, wideLimits, world } from './fakes/world.ts';

/** Two racks of one uplink: every move from a host of the left to one of the right crosses it. */
const racks = (hot: number) => {
  const builder = cloud().link('left', 'right', 1);
  for (let at = 0; at < hot; at++) {
    builder
      .host(`hot${at}`, { cpuPercent: 95 })
      .server(`s${at}`, { on: `hot${at}`, cpuPercent: 90 })
      .link(`hot${at}`, 'left', 1)
      .host(`cool${at}`, { cpuPercent: 20 })
      .link('right', `cool${at}`, 1);
  }
  return builder.build();
};

function hotRacks(hot: number, slots: number | null, mode: 'auto' | 'recommend' = 'auto'): World {
  const sut = world({ view: racks(hot), guardrails: wideLimits, mode });
  sut.limits = { ...decideLimits, slots: { perHost: 1, perLink: slots } };
  for (let at = 0; at < hot; at++) sut.telemetry.raise(`hot${at}`);
  return sut;
}

const decisions = async (sut: World) =>
  (await sut.ledger.decisions({}, { limit: 100 })).items.map(({ value }) => value);
const crossing = async (sut: World, link: string) =>
  (await sut.ledger.live()).filter(({ value }) => value.crosses?.includes(link) === true);

describe('a move crosses the links on its way', () => {
  const way = (ids: string[]) => ({ way: () => ids });

  test('those of the way of least delay; without a known way the pair itself, in both directions', () => {
    expect(crossedLinks(way(['a', 'b']), 'h1', 'h2')).toEqual(['a', 'b']);
    expect(crossedLinks(way([]), 'h2', 'h1')).toEqual(crossedLinks(way([]), 'h1', 'h2'));
  });

  test('where no more may cross, the host behind is rejected, and it is said who takes the link', async () => {
    const sut = hotRacks(2, 1);

    await sut.reconcile();

    const made = await decisions(sut);
    const stay = made.find(({ state }) => state === 'stay');
    expect(await crossing(sut, 'left-right')).toHaveLength(1);
    expect(stay?.rejected).toContainEqual({
      hostId: expect.stringMatching(/^cool\d$/),
      why: 'link-slots',
      detail: expect.stringMatching(
        /^link left-right carries 1 at once: s\d is to move from hot\d/,
      ),
    });
  });

  test('where nobody says how many, none is held back', async () => {
    const sut = hotRacks(3, null);

    await sut.reconcile();

    expect(await crossing(sut, 'left-right')).toHaveLength(3);
  });

  test('a move in flight keeps its slot in later rounds, and gives it back as it ends', async () => {
    const sut = hotRacks(2, 1);
    await sut.reconcile();
    const first = await sut.operation();
    await sut.reconcile();
    expect(await crossing(sut, 'left-right')).toHaveLength(1);

    sut.compute.server = { ...sut.compute.server, id: first.serverId, hostId: first.from };
    sut.compute.portHost = first.from;
    await sut.run(first.id, {
      limits: { slots: { perHost: 1, perLink: 1 } },
      onPoint: async (point) => {
        if (point !== 'precheck:before') return;
        const held = await sut.ledger.reservation('link:left-right');
        expect(held?.value.operationIds).toEqual([first.id]);
      },
    });

    expect(await sut.ledger.reservation('link:left-right')).toBeUndefined();
    await sut.reconcile();
    const [next] = await crossing(sut, 'left-right');
    expect(next?.id).not.toBe(first.id);
    expect(next?.value.from).not.toBe(first.from);
  });

  test('a proposal keeps its slot, and no approval goes over the slots', async () => {
    const sut = hotRacks(2, null, 'recommend');
    await sut.reconcile();
    const [one, two] = await decisions(sut);
    const { meters, wake } = sut.reconcileOptions();
    const limits = { ...decideLimits, slots: { perHost: 1, perLink: 1 } };
    const options = { ledger: sut.ledger, meters, now: () => sut.clock.now(), limits, wake };

    await approveDecision(options, one?.id ?? '', 'ada');

    await expect(approveDecision(options, two?.id ?? '', 'ada')).rejects.toThrow(
      'link left-right carries 1 at once',
    );
  });
});

test('an operation that finds a link full does not begin, and names who takes it', async () => {
  const sut = hotRacks(2, null);
  await sut.reconcile();
  const [first, second] = sut.woken;
  if (first === undefined || second === undefined) throw new Error('two were to begin');
  await sut.records.commit(await slotWrites(first, { perHost: 1, perLink: 1 }, sut.ledger));

  await sut.run(second.id, { limits: { slots: { perHost: 1, perLink: 1 } } });

  const ended = await sut.operation(second.id);
  expect(ended).toMatchObject({ state: 'ROLLED_BACK', problem: { code: 'CONFLICT' } });
  expect(ended.problem?.detail).toContain(first.id);
  expect(sut.compute.calls).toEqual([]);
});

test('workers at the same time never take more slots of a link than there are', async () => {
  const links = ['a', 'b', 'c'];
  const worker = fc.record({
    crosses: fc.uniqueArray(fc.constantFrom(...links), { minLength: 1 }),
    ends: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(worker, { maxLength: 8 }), fc.nat(2), async (workers, more) => {
      const slots = more + 1;
      const sut = hotRacks(1, null);
      await sut.reconcile();
      const like = await sut.operation();
      const taken = new Set<string>();
      const counted = async () => {
        for (const link of links) {
          const held = await sut.ledger.reservation(`link:${link}`);
          expect(held?.value.operationIds.length ?? 0).toBeLessThanOrEqual(slots);
        }
      };
      const ready = workers.map(
        ({ crosses }, at): Operation => ({
          ...like,
          id: `o${at}`,
          serverId: `s${at}`,
          from: `f${at}`,
          to: `t${at}`,
          crosses,
        }),
      );
      await sut.records.commit(ready.map((operation) => operationWrite(operation, 'absent')));

      // All read before any writes: what they would write rests on the same slots.
      const drafted = await Promise.all(
        ready.map((operation) =>
          slotWrites(operation, { perHost: 100, perLink: slots }, sut.ledger),
        ),
      );
      for (const [at, writes] of drafted.entries()) {
        try {
          await sut.records.commit(writes);
          taken.add(`o${at}`);
        } catch (error) {
          expect(error).toBeInstanceOf(VersionConflict);
        }
        await counted();
      }
      for (const [at, operation] of ready.entries()) {
        if (workers[at]?.ends !== true || !taken.has(operation.id)) continue;
        await sut.records.commit(await freedSlotWrites(operation, sut.ledger));
        await counted();
      }
    }),
    { numRuns: 40 },
  );
});

test('no sequence of alarms lets more moves over a link than it has slots', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.nat(4), { minLength: 1, maxLength: 8 }),
      async (slots, alarmed) => {
        const sut = world({ view: racks(5), guardrails: wideLimits });
        sut.limits = { ...decideLimits, slots: { perHost: 1, perLink: slots } };
        for (const at of alarmed) {
          sut.telemetry.clear(`hot${at}`);
          sut.telemetry.raise(`hot${at}`);
          await sut.reconcile();
          expect((await crossing(sut, 'left-right')).length).toBeLessThanOrEqual(slots);
        }
        const asked = new Set(alarmed).size;
        expect(await crossing(sut, 'left-right')).toHaveLength(Math.min(slots, asked));
      },
    ),
    { numRuns: 25 },
  );
});
