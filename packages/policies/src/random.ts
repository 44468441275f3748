import { type HostId, seededRandom } from '@sidestep/fleet';
import type { Policy } from './policy.ts';

/** Any host that has room, each as likely as the next; the main paper's baseline. */
export const random = {
  name: 'random',
  goal: 'baseline',
  summary: 'Takes any host that has room, by lot.',
  needs: [],
  params: {},
  worstScore: 1,
  plan: (_view, { candidates, seed }) => {
    const drawn = shuffled(candidates, seed);
    const [to] = drawn;
    const ranking = drawn.map((hostId, place) => ({
      hostId,
      score: place,
      reasons: [`drawn as number ${place + 1}`],
    }));
    return to === undefined
      ? { kind: 'stay', reason: 'no-candidate', ranking, rejected: [] }
      : { kind: 'migrate', to, ranking, rejected: [] };
  },
} as const satisfies Policy;

/** Fisher–Yates on sorted names, so that the caller's order says nothing. */
function shuffled(candidates: readonly HostId[], seed: number): HostId[] {
  const draw = seededRandom(seed);
  const rest = candidates.toSorted();
  const drawn: HostId[] = [];
  while (rest.length > 0) drawn.push(...rest.splice(Math.floor(draw() * rest.length), 1));
  return drawn;
}
