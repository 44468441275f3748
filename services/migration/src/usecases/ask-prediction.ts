import { type HostClass, type HostId, hostOf, type ServerId } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import { type MoveCosts, pairKey, weightsOf } from '../domain/pair-scores.ts';
import type { PairToScore, Shortlist } from '../domain/plan-move.ts';
import type { AskedMove, Forecasts, Scorer } from '../ports/forecasts.ts';
import { withoutPrediction } from './gather.ts';

export type Scores = Scorer &
  Awaited<ReturnType<Forecasts['pairRisks']>> & {
    /** The classifier's; absent where no policy in force asks it. */
    classes?: Scorer & { hostClasses: readonly HostClass[] };
  };

/** Most pairs, and most moves, of one request to Prediction, by its contract. */
const maxAsked = 1_024;
/** Hosts whose cost is asked for, of each server: what a move takes hangs on the server far more than on where it goes. */
const costedHosts = 4;

const chunksOf = <T>(all: readonly T[]): T[][] =>
  Array.from({ length: Math.ceil(all.length / maxAsked) }, (_, i) =>
    all.slice(i * maxAsked, (i + 1) * maxAsked),
  );

/** What the moves of the shortlists would take; nothing where no policy weighs it or Prediction does not answer. */
export async function askCosts(
  lists: readonly Shortlist[],
  forecasts: Forecasts,
): Promise<MoveCosts> {
  const chunks = chunksOf(lists.flatMap(movesOf));
  try {
    const answers = await Promise.all(chunks.map((chunk) => forecasts.moveCosts(chunk)));
    return new Map(answers.flatMap((costs) => [...costs]));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return new Map();
  }
}

function movesOf({ question, victims }: Shortlist): AskedMove[] {
  const { context, hostId: from } = question;
  if (weightsOf(question) === null || question.how === 'evacuate') return [];
  const busy = (id: HostId) => {
    const host = hostOf(context.view, id);
    const cpu = host?.cpuPercent ?? 'unknown';
    const risk = host?.risk ?? 'unknown';
    return (cpu === 'unknown' ? 100 : cpu) + (risk === 'unknown' ? 100 : 100 * risk);
  };
  return victims.flatMap(({ server, candidates }) =>
    candidates
      .toSorted((a, b) => busy(a) - busy(b))
      .slice(0, costedHosts)
      .map((to) => ({ serverId: server.id, from, to })),
  );
}

/** The risks of the pairs over the horizon that begins when the move would have ended. */
export async function askRisks(
  lists: readonly Shortlist[],
  costs: MoveCosts,
  forecasts: Forecasts,
  scorer: Scorer,
): Promise<Scores> {
  const longest = longestMoves(costs);
  const pairs = lists.flatMap((list) =>
    list.pairs.map((pair): PairToScore => {
      const startsInMs =
        costs.get(pairKey(pair.serverId, pair.hostId))?.expectedMs ?? longest.get(pair.serverId);
      return startsInMs === undefined ? pair : { ...pair, startsInMs: Math.round(startsInMs) };
    }),
  );
  if (pairs.length === 0) return { ...scorer, pairRisks: [] };
  try {
    const answers = await Promise.all(chunksOf(pairs).map((chunk) => forecasts.pairRisks(chunk)));
    const [first] = answers;
    return {
      modelVersion: first?.modelVersion ?? null,
      fallback: first?.fallback ?? null,
      pairRisks: answers.flatMap((each) => each.pairRisks),
    };
  } catch (error) {
    return { modelVersion: null, fallback: withoutPrediction(error), pairRisks: [] };
  }
}

/** What the classifier says, where a policy that decides asks it. */
export async function askClasses(
  lists: readonly Shortlist[],
  forecasts: Forecasts,
): Promise<Pick<Scores, 'classes'>> {
  if (!lists.some(({ question }) => question.policy.asksClasses === true)) return {};
  try {
    return { classes: await forecasts.hostClasses() };
  } catch (error) {
    const fallback = withoutPrediction(error);
    return { classes: { modelVersion: null, fallback, hostClasses: [] } };
  }
}

/** The longest known move of each server. */
function longestMoves(costs: MoveCosts): Map<ServerId, number> {
  const longest = new Map<ServerId, number>();
  for (const [key, { expectedMs }] of costs) {
    const serverId = key.slice(0, key.indexOf(' '));
    longest.set(serverId, Math.max(expectedMs, longest.get(serverId) ?? 0));
  }
  return longest;
}
