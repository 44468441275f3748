import { seedOf } from '@sidestep/fleet';

/** Orders equals by the seed, so that ties fall differently in each decision and alike in its replay. */
export function byLot(seed: number, left: string, right: string): number {
  return seedOf(`${seed}:${left}`) - seedOf(`${seed}:${right}`) || (left < right ? -1 : 1);
}
