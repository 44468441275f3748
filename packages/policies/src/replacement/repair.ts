import type { Random } from '@sidestep/fleet';
import type { Candidates } from './candidates.ts';
import type { Compact } from './compact.ts';
import type { Placement } from './placement.ts';

/** How often a place is overlooked, so that equal ruins are repaired in more than one way. */
const blink = 0.04;

type Waiting = { server: number; places: number[] };
type Offer = { waiting: Waiting; host: number; cost: number; regret: number };

/**
 * Puts back what was taken out, the server first that would lose most if it had to wait. Answers what the objective
 * rose by, or undefined where a server found no place: then some are still out.
 */
export type Repair = (
  placement: Placement,
  taken: readonly number[],
  draw: Random,
) => number | undefined;

export function createRepair(compact: Compact, candidates: Candidates): Repair {
  const { home, options } = compact;

  const offerFor = (
    waiting: Waiting,
    placement: Placement,
    mayMove: boolean,
    isScarce: boolean,
    draw: Random,
  ): Offer | undefined => {
    const { server, places } = waiting;
    const homeHost = home[server] ?? 0;
    let host = -1;
    let best = Number.POSITIVE_INFINITY;
    let second = Number.POSITIVE_INFINITY;
    let atHome = Number.POSITIVE_INFINITY;
    for (const place of places) {
      const isHome = place === homeHost;
      if (!isHome && (!mayMove || draw() < blink)) continue;
      if (placement.misfit(server, place) !== undefined) continue;
      const cost = placement.costOf(server, place);
      if (isHome) atHome = cost;
      if (cost < best) {
        second = best;
        best = cost;
        host = place;
      } else if (cost < second) second = cost;
    }
    if (host < 0) return undefined;
    // Where moves are scarce they go to those that gain most by one.
    const regret = (isScarce ? atHome : second) - best;
    return { waiting, host, cost: best, regret };
  };

  return (placement, taken, draw) => {
    let rise = 0;
    const waiting: Waiting[] = taken.map((server) => ({
      server,
      places: candidates(server, placement, draw),
    }));
    while (waiting.length > 0) {
      const left = options.moveBudget - placement.moved;
      const isScarce = left < waiting.length;
      let chosen: Offer | undefined;
      for (const each of waiting) {
        const offer = offerFor(each, placement, left > 0, isScarce, draw);
        if (offer === undefined) return undefined;
        if (chosen === undefined || offer.regret > chosen.regret) chosen = offer;
      }
      if (chosen === undefined) return undefined;
      placement.put(chosen.waiting.server, chosen.host);
      rise += chosen.cost;
      waiting.splice(waiting.indexOf(chosen.waiting), 1);
    }
    return rise;
  };
}
