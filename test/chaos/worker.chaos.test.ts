import { workerPoints } from '@sidestep/migration';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tableOf } from '../bench/table.ts';
import { type Arena, openArena } from './arena.ts';
import { describePlan, planOf } from './plan.ts';

/** Runs a point; more of them take longer. */
const seeds = Number(process.env.SIDESTEP_CHAOS_SEEDS ?? '20');
/** The machine's two cores carry two clouds side by side. */
const lanes = 2;

const arenas: Arena[] = [];
const free: Arena[] = [];
const waiting: ((arena: Arena) => void)[] = [];
const tally = new Map<
  string,
  { runs: number; survivors: number; kills: number; attempts: number }
>();

beforeAll(async () => {
  for (let lane = 0; lane < lanes; lane++) arenas.push(await openArena());
  free.push(...arenas);
}, 120_000);

afterAll(async () => {
  for (const arena of arenas) await arena.close();
  const sum = (of: (each: { runs: number; survivors: number; kills: number }) => number) =>
    [...tally.values()].reduce((total, each) => total + of(each), 0);
  const rows = [...tally].map(([point, { runs, survivors, kills, attempts }]) => ({
    what: point,
    figure: `${survivors} of ${runs}`,
    how: `${kills} kills, ${attempts} attempts`,
  }));
  process.stdout.write(
    `\nsurvivors of a worker killed at a point, with what else the seed brought\n${tableOf(rows)}\n` +
      `${sum(({ runs }) => runs)} runs, ${sum(({ survivors }) => survivors)} survived, ${sum(({ kills }) => kills)} kills\n`,
  );
});

const taken = (): Promise<Arena> => {
  const arena = free.pop();
  return arena === undefined
    ? new Promise((resolve) => waiting.push(resolve))
    : Promise.resolve(arena);
};
const released = (arena: Arena): void => {
  const next = waiting.shift();
  if (next === undefined) free.push(arena);
  else next(arena);
};

describe.concurrent('a move whose worker is killed', () => {
  const plans = workerPoints.flatMap((point) =>
    Array.from({ length: seeds }, (_, i) => planOf(point, i + 1, workerPoints)),
  );
  test.each(plans.map((plan) => [describePlan(plan), plan] as const))(
    'is done once, with one call to Nova, its chain whole: %s',
    async (_words, plan) => {
      const own = tally.get(plan.point) ?? { runs: 0, survivors: 0, kills: 0, attempts: 0 };
      tally.set(plan.point, own);
      const arena = await taken();
      own.runs++;
      try {
        const { kills, attempts } = await arena.suffer(plan);
        own.kills += kills;
        own.attempts += attempts;
        own.survivors++;
        expect(kills).toBeGreaterThan(0);
      } finally {
        released(arena);
      }
    },
  );
});
