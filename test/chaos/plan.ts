import { seededRandom, seedOf } from '@sidestep/fleet';

/** What befalls Redis during a run. */
export type RedisFate = 'spared' | 'wiped' | 'killed and started empty';
/** What befalls the answer of the live-migration call. */
export type CallFate = 'answered' | 'answer lost';

/** Everything that is done to one move: a function of the point, the seed and the points there are. */
export type ChaosPlan = {
  point: string;
  seed: number;
  /** The worker is killed at each of these, one after the other; the first is the run's own. */
  strikes: readonly string[];
  redis: RedisFate;
  /** After the operation began, milliseconds. */
  redisAtMs: number;
  call: CallFate;
  /** Copies of the operation's job, each delayed by so many milliseconds. */
  doubledJobsDelayMs: readonly number[];
  secondWorker: boolean;
};

/** Draws what else happens to a move whose worker is killed at `point`. */
export function planOf(point: string, seed: number, points: readonly string[]): ChaosPlan {
  const random = seededRandom(seedOf(`${point} ${seed}`));
  const below = (limit: number) => Math.floor(random() * limit);
  const further = Array.from({ length: below(3) }, () => points[below(points.length)] ?? point);
  return {
    point,
    seed,
    strikes: [point, ...further],
    redis:
      (['spared', 'spared', 'wiped', 'killed and started empty'] as const)[below(4)] ?? 'spared',
    redisAtMs: below(1_500),
    call: below(3) === 0 ? 'answer lost' : 'answered',
    doubledJobsDelayMs: Array.from({ length: below(4) }, () => below(2_000)),
    secondWorker: below(4) === 0,
  };
}

/** The plan in words: what a failed run is found again by. */
export function describePlan(plan: ChaosPlan): string {
  const { strikes, redis, redisAtMs, call, doubledJobsDelayMs, secondWorker } = plan;
  return [
    `seed ${plan.seed}`,
    `kill at ${strikes.join(', ')}`,
    ...(redis === 'spared' ? [] : [`Redis ${redis} after ${redisAtMs} ms`]),
    ...(call === 'answered' ? [] : ['Nova’s answer lost']),
    ...(doubledJobsDelayMs.length === 0
      ? []
      : [`${doubledJobsDelayMs.length} more jobs after ${doubledJobsDelayMs.join('/')} ms`]),
    ...(secondWorker ? ['a second worker'] : []),
  ].join('; ');
}
