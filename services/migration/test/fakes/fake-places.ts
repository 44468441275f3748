import { ProblemError } from '@sidestep/service-kit';
import type { Place, PlaceQuestion, Places } from '../../src/ports/places.ts';

export type FakePlaces = Places & {
  /** What is said of a host; free where nothing is set. */
  readonly answers: Map<string, Place>;
  readonly asked: (PlaceQuestion & { to: readonly string[] })[];
  away: boolean;
};

/** Placement that has room wherever it was not told otherwise. */
export function fakePlaces(): FakePlaces {
  const fake: FakePlaces = {
    answers: new Map(),
    asked: [],
    away: false,
    readPlaces: async (question, to) => {
      fake.asked.push({ ...question, to });
      if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'placement: no answer');
      return new Map(to.map((hostId) => [hostId, fake.answers.get(hostId) ?? { kind: 'free' }]));
    },
  };
  return fake;
}
