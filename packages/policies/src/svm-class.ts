import { hostClassOf, hostOf } from '@sidestep/fleet';
import { moveWeights } from './move-score.ts';
import { parametersOf } from './parameters.ts';
import type { Policy, Ranked, Rejection } from './policy.ts';
import { byLot } from './tie-break.ts';

const params = {
  minMargin: {
    type: 'number',
    description: 'A host that the classifier puts further from being the best is no destination.',
    minimum: -100,
    maximum: 100,
    default: -100,
  },
  ...moveWeights,
} as const;

type Classed = { hostId: string; margin: number; cpuPercent: number };

/** The host that the main paper's classifier names: the one expected to have the lowest maximum. */
export const svmClass = {
  name: 'svm-class',
  goal: 'failure-avoidance',
  summary: 'Takes the host that the classifier expects to have the lowest maximum.',
  needs: ['host.cpuPercent'],
  asksClasses: true,
  params,
  worstScore: 1,
  plan: (view, { candidates, seed, params: given }) => {
    const { minMargin } = parametersOf(params, given);
    const rejected: Rejection[] = [];
    const classed: Classed[] = [];
    let tooFar = 0;
    for (const hostId of candidates) {
      const host = hostOf(view, hostId);
      const own = hostClassOf(view, hostId);
      if (own === undefined || own.margin === 'unknown') {
        const detail = own?.why || 'the classifier said nothing of it';
        rejected.push({ hostId, why: 'class-unknown', detail });
      } else if (host === undefined || host.cpuPercent === 'unknown') {
        rejected.push({ hostId, why: 'load-unknown', detail: 'its CPU is not known' });
      } else if (own.margin < minMargin) {
        tooFar += 1;
        const detail = `margin ${own.margin.toFixed(2)}, ${minMargin.toFixed(2)} at least`;
        rejected.push({ hostId, why: 'margin-too-low', detail });
      } else {
        classed.push({ hostId, margin: own.margin, cpuPercent: host.cpuPercent });
      }
    }
    classed.sort(
      (a, b) =>
        b.margin - a.margin || a.cpuPercent - b.cpuPercent || byLot(seed, a.hostId, b.hostId),
    );
    const ranking = classed.map(
      ({ hostId, margin, cpuPercent }): Ranked => ({
        hostId,
        score: scoreOf(margin),
        reasons: [
          `the classifier's margin is ${margin.toFixed(2)}`,
          `CPU at ${cpuPercent.toFixed(0)} %`,
        ],
      }),
    );
    const [best] = classed;
    if (best !== undefined) return { kind: 'migrate', to: best.hostId, ranking, rejected };
    const reason =
      candidates.length === 0 ? 'no-candidate' : tooFar > 0 ? 'would-not-help' : 'no-destination';
    return { kind: 'stay', reason, ranking, rejected };
  },
} as const satisfies Policy;

/** 0 for a host that is the class beyond doubt, 1 for one that is not; the order is what counts. */
const scoreOf = (margin: number): number => 1 / (1 + Math.exp(2 * margin));
