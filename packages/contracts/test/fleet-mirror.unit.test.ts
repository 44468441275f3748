import { expect, test } from 'vitest';
import { type FleetAnswer, fleetMirror } from '../src/fleet-mirror.ts';

type Places = {
  servers: readonly { id: string; hostId: string }[];
  chains: readonly { id: string }[];
};

const fleet = (...places: [string, string][]): Places => ({
  servers: places.map(([id, hostId]) => ({ id, hostId })),
  chains: [],
});
const whole = (places: Places, revision?: string): FleetAnswer<Places> => ({
  fleet: places,
  change: revision === undefined ? {} : { revision, since: null, goneIds: [] },
});
const changed = (
  since: string,
  revision: string,
  places: Places,
  goneIds: string[] = [],
): FleetAnswer<Places> => ({ fleet: places, change: { revision, since, goneIds } });

function mirrorOf(...answers: (FleetAnswer<Places> | Error)[]) {
  const asked: (string | undefined)[] = [];
  const read = fleetMirror(async ({ since }) => {
    asked.push(since);
    const next = answers.shift();
    if (next === undefined || next instanceof Error) throw next ?? new Error('no answer is left');
    return next;
  });
  return { asked, read };
}

test('what changed is laid over what is known, and what is gone is taken out', async () => {
  const { asked, read } = mirrorOf(
    whole(fleet(['a', 'h1'], ['b', 'h1']), 'x-1'),
    changed('x-1', 'x-2', fleet(['a', 'h2'], ['c', 'h1']), ['b']),
  );

  await read();
  const { servers } = await read();

  expect(servers).toEqual(fleet(['a', 'h2'], ['c', 'h1']).servers);
  expect(asked).toEqual([undefined, 'x-1']);
});

test('while nothing changes the lists stay the same ones', async () => {
  const { read } = mirrorOf(whole(fleet(['a', 'h1']), 'x-1'), changed('x-1', 'x-1', fleet()));

  const first = await read();
  const second = await read();

  expect(second.servers).toBe(first.servers);
  expect(second.chains).toBe(first.chains);
});

test('a service that started anew, or that numbers nothing, is believed as a whole', async () => {
  const { asked, read } = mirrorOf(
    whole(fleet(['a', 'h1']), 'x-1'),
    whole(fleet(['b', 'h1']), 'y-1'),
    whole(fleet(['c', 'h1'])),
    whole(fleet(['d', 'h1'])),
  );

  await read();
  await read();
  await read();
  const { servers } = await read();

  expect(servers.map(({ id }) => id)).toEqual(['d']);
  expect(asked).toEqual([undefined, 'x-1', 'y-1', undefined]);
});

test('a reading that fails changes nothing, and calls at the same time share one', async () => {
  const { asked, read } = mirrorOf(
    whole(fleet(['a', 'h1']), 'x-1'),
    new Error('away'),
    changed('x-1', 'x-1', fleet()),
  );
  await read();

  await expect(read()).rejects.toThrow('away');
  const [one, other] = await Promise.all([read(), read()]);

  expect(one).toBe(other);
  expect(one?.servers.map(({ id }) => id)).toEqual(['a']);
  expect(asked).toHaveLength(3);
});
