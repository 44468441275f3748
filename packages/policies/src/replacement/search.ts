import { type Random, seededRandom } from '@sidestep/fleet';
import { createCandidates } from './candidates.ts';
import type { Compact } from './compact.ts';
import { type Blocked, orderMoves, type Step } from './order.ts';
import { Placement } from './placement.ts';
import { createRepair } from './repair.ts';
import { createRuin } from './ruin.ts';

/** Most servers that are placed anew in one round. */
const mostTaken = 12;
/** How much worse than the best a placement may be and still be gone on from, of where it began; falls to 0. */
const firstTolerance = 0.02;
/** After so many rounds without a new best it is gone on from the best. */
const patience = 250;
/** Below this a difference is rounding. */
const epsilon = 1e-9;

/** A search that is under way: large-neighbourhood search by ruin and repair (Shaw 1998; Schrimpf et al. 2000). */
export type Search = {
  /** Makes up to so many rounds more; false once all are made. */
  run(rounds: number): boolean;
  /** Rounds made. */
  rounds(): number;
  /** The moves of the best plan so far, in an order in which they are possible; none where nothing beats staying. */
  steps(): readonly Step[];
  /** Moves of a placement that would be better still, for which there is no order. */
  blocked(): readonly Blocked[];
};

/** The seed and the number of rounds determine the answer; the clock has no say. */
export function createSearch(compact: Compact): Search {
  const { movable, options } = compact;
  const draw: Random = seededRandom(options.seed);
  const ruin = createRuin(compact);
  const repair = createRepair(compact, createCandidates(compact));
  const placement = new Placement(compact);
  const start = placement.score().objective;
  const most = Math.min(mostTaken, movable.length);
  const idle = most === 0 || options.moveBudget === 0;
  const best = { objective: start, hostOf: placement.hostOf.slice(), steps: [] as readonly Step[] };
  const barred = { objective: start, moves: [] as readonly Blocked[] };
  let current = start;
  let made = 0;
  let foundAt = 0;

  const round = () => {
    const taken = ruin(placement, 1 + Math.floor(draw() * most), draw);
    const before = taken.map((server) => placement.where(server));
    let change = 0;
    for (const [at, server] of taken.entries()) {
      placement.take(server);
      change -= placement.costOf(server, before[at] ?? 0);
    }
    const rise = repair(placement, taken, draw);
    const tolerance =
      firstTolerance * Math.abs(start) * (1 - made / options.maxIterations) * draw();
    const next = current + change + (rise ?? 0);
    if (rise === undefined || next > best.objective + tolerance) {
      restore(taken, before);
      return;
    }
    current = next;
    if (next < best.objective - epsilon) keep(next);
  };

  const restore = (taken: readonly number[], before: readonly number[]) => {
    for (const server of taken) if (placement.where(server) >= 0) placement.take(server);
    for (const [at, server] of taken.entries()) placement.put(server, before[at] ?? 0);
  };

  /** A placement is worth nothing without an order of moves that leads to it; those that make way cost too. */
  const keep = (objective: number) => {
    const { steps, blocked } = orderMoves(compact, placement.hostOf);
    if (blocked.length > 0) {
      if (objective < barred.objective) Object.assign(barred, { objective, moves: blocked });
      return;
    }
    const whole = objective + options.weights.move * (steps.length - placement.moved);
    if (whole >= best.objective - epsilon) return;
    Object.assign(best, { objective: whole, hostOf: placement.hostOf.slice(), steps });
    foundAt = made;
  };

  const goBack = () => {
    for (const server of movable) {
      const host = best.hostOf[server] ?? 0;
      if (placement.where(server) === host) continue;
      placement.take(server);
      placement.put(server, host);
    }
    current = placement.score().objective;
    foundAt = made;
  };

  return {
    run: (rounds) => {
      for (let more = rounds; more > 0 && !idle && made < options.maxIterations; more--) {
        round();
        made += 1;
        if (made - foundAt >= patience) goBack();
      }
      return !idle && made < options.maxIterations;
    },
    rounds: () => made,
    steps: () => best.steps,
    blocked: () => (barred.objective < best.objective ? barred.moves : []),
  };
}
