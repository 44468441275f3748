import { cloud } from '@sidestep/fleet/testing';
import { expect, test } from 'vitest';
import { type FleetAnswer, fleetMirror } from '../src/adapters/services/fleet-mirror.ts';
import type { Inventory } from '../src/domain/view-of.ts';

function inventory(...places: [string, string][]): Inventory {
  let builder = cloud();
  for (const [id, on] of places) builder = builder.server(id, { on });
  const { servers, serverGroups, chains } = builder.build();
  return { ageMs: 1, hosts: [], servers, serverGroups, chains };
}
const answer = (parts: Partial<FleetAnswer>): FleetAnswer => ({
  inventory: inventory(),
  revision: 'x-1',
  since: null,
  goneIds: [],
  ...parts,
});

function mirrorOf(...answers: (FleetAnswer | Error)[]) {
  const asked: (string | null)[] = [];
  const read = fleetMirror(async (since) => {
    asked.push(since);
    const next = answers.shift();
    if (next === undefined || next instanceof Error) throw next ?? new Error('no answer is left');
    return next;
  });
  return { asked, read };
}

test('what changed is laid over what is known, and what is gone is taken out', async () => {
  const { asked, read } = mirrorOf(
    answer({ inventory: inventory(['a', 'h1'], ['b', 'h1']) }),
    answer({
      inventory: inventory(['a', 'h2'], ['c', 'h1']),
      since: 'x-1',
      revision: 'x-2',
      goneIds: ['b'],
    }),
  );

  await read();
  const { servers } = await read();

  expect(servers.map(({ id, hostId }) => [id, hostId])).toEqual([
    ['a', 'h2'],
    ['c', 'h1'],
  ]);
  expect(asked).toEqual([null, 'x-1']);
});

test('while nothing changes the lists stay the same ones', async () => {
  const { read } = mirrorOf(
    answer({ inventory: inventory(['a', 'h1']) }),
    answer({ since: 'x-1' }),
  );

  const first = await read();
  const second = await read();

  expect(second.servers).toBe(first.servers);
  expect(second.chains).toBe(first.chains);
});

test('a service that started anew, or that numbers nothing, is believed as a whole', async () => {
  const { asked, read } = mirrorOf(
    answer({ inventory: inventory(['a', 'h1']) }),
    answer({ inventory: inventory(['b', 'h1']), revision: 'y-1' }),
    answer({ inventory: inventory(['c', 'h1']), revision: null }),
    answer({ inventory: inventory(['d', 'h1']), revision: null }),
  );

  await read();
  await read();
  await read();
  const { servers } = await read();

  expect(servers.map(({ id }) => id)).toEqual(['d']);
  expect(asked).toEqual([null, 'x-1', 'y-1', null]);
});

test('a reading that fails changes nothing, and calls at the same time share one', async () => {
  const { asked, read } = mirrorOf(
    answer({ inventory: inventory(['a', 'h1']) }),
    new Error('away'),
    answer({ since: 'x-1' }),
  );
  await read();

  await expect(read()).rejects.toThrow('away');
  const [one, other] = await Promise.all([read(), read()]);

  expect(one).toBe(other);
  expect(one?.servers.map(({ id }) => id)).toEqual(['a']);
  expect(asked).toHaveLength(3);
});
