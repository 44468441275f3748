import type { HostId, ServerId } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import type { RejectedHost } from '../domain/decision.ts';
import { placeQuestion } from '../domain/place-question.ts';
import type { PlacedMove } from '../domain/traffic.ts';
import type { Places } from '../ports/places.ts';
import type { Situation } from './gather.ts';

/** A place that a plan rests on. */
export type WantedPlace = { serverId: ServerId; from: HostId; to: HostId };

/** What places are judged by: what is planned and in flight takes room as well. */
type PlaceContext = { places: Places; view: Situation['view']; moves: readonly PlacedMove[] };

/** Questions at the same time: a storm of decisions is no storm for Placement. */
const atOnce = 8;

/** What Placement says against each place, in their order; null where it is free. One that it says nothing of is not free. */
export async function objectionsTo(
  wanted: readonly WantedPlace[],
  context: PlaceContext,
): Promise<(RejectedHost | null)[]> {
  const answers: (RejectedHost | null)[] = wanted.map(() => null);
  const waiting = [...wanted.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, place] = next;
      answers[index] = await objectionTo(place, context);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, wanted.length) }, work));
  return answers;
}

async function objectionTo(
  { serverId, from, to }: WantedPlace,
  { places, view, moves }: PlaceContext,
): Promise<RejectedHost | null> {
  try {
    const place = (
      await places.readPlaces(placeQuestion(view, { serverId, from }, moves), [to])
    ).get(to);
    if (place?.kind === 'free') return null;
    const { why, detail } = place ?? { why: 'no-allocation', detail: 'Placement names it nowhere' };
    return { hostId: to, why, detail };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { hostId: to, why: 'placement-unknown', detail: error.message };
  }
}
