import type { HostClass, Known } from '@sidestep/fleet';
import type { MoveCost } from '@sidestep/policies';
import { ProblemError } from '@sidestep/service-kit';
import type { ExpectedMove } from '../../src/domain/operation.ts';
import { pairKey } from '../../src/domain/pair-scores.ts';
import type { PairToScore } from '../../src/domain/plan-move.ts';
import type { Forecasts } from '../../src/ports/forecasts.ts';

export type FakeForecasts = Forecasts & {
  risks: Map<string, Known<number>>;
  away: boolean;
  fallback: string | null;
  /** The classifier's word; null: there is none. */
  classes: readonly HostClass[] | null;
  cost: ExpectedMove;
  /** What moving a server takes; unknown where nothing is set. */
  readonly costs: Map<string, MoveCost>;
  /** Pairs of each question. */
  readonly asked: PairToScore[][];
};

/** Prediction that gives each host's risk, the load added or not. */
export function fakeForecasts(risks: Record<string, Known<number>> = {}): FakeForecasts {
  const reachable = () => {
    if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'prediction: no answer');
  };
  const scorer = () => ({
    modelVersion: fake.fallback === null ? 'm1' : null,
    fallback: fake.fallback,
  });
  const fake: FakeForecasts = {
    risks: new Map(Object.entries(risks)),
    away: false,
    fallback: null,
    classes: null,
    costs: new Map(),
    asked: [],
    cost: {
      method: 'pre-copy-formula',
      expectedMs: 4_000,
      lowMs: null,
      highMs: null,
      downtimeMs: 200,
      converges: true,
    },
    hostRisks: async () => {
      reachable();
      return { ...scorer(), risks: fake.risks };
    },
    moveCost: async () => {
      reachable();
      return fake.cost;
    },
    moveCosts: async (moves) => {
      reachable();
      return new Map(
        moves.flatMap(({ serverId, to }) => {
          const cost = fake.costs.get(serverId);
          return cost === undefined ? [] : [[pairKey(serverId, to), cost]];
        }),
      );
    },
    pairRisks: async (pairs) => {
      reachable();
      fake.asked.push([...pairs]);
      return {
        ...scorer(),
        pairRisks: pairs.map(({ serverId, hostId }) => ({
          serverId,
          hostId,
          risk: fake.risks.get(hostId) ?? 'unknown',
          predictedMaxCpuPercent: 'unknown',
          reasons: [],
        })),
      };
    },
    hostClasses: async () => {
      reachable();
      const hostClasses = fake.classes ?? [];
      return fake.classes === null
        ? { modelVersion: null, fallback: 'no classifier: none has been trained yet', hostClasses }
        : { modelVersion: 'svm-1', fallback: null, hostClasses };
    },
    riskCurves: async (hostIds, gridPercent) => {
      reachable();
      const curves = hostIds.map((hostId): [string, Known<readonly number[]>] => {
        const risk = fake.risks.get(hostId) ?? 'unknown';
        const loaded = (added: number) => Math.min(1, Math.max(0, Number(risk) + added / 100));
        return [hostId, risk === 'unknown' ? risk : gridPercent.map(loaded)];
      });
      return { ...scorer(), curves: new Map(curves) };
    },
  };
  return fake;
}
