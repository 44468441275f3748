import { cpuSharePercent, hostOf, type Known, pairRiskOf, serverOf } from '@sidestep/fleet';
import { moveWeights } from './move-score.ts';
import { parametersOf } from './parameters.ts';
import type { Policy, Ranked, Rejection } from './policy.ts';
import { byLot } from './tie-break.ts';

const params = {
  safeRisk: {
    type: 'number',
    description: 'Up to this risk hosts count as equally safe, and their CPU decides.',
    minimum: 0,
    maximum: 1,
    default: 0.05,
  },
  maxRisk: {
    type: 'number',
    description: 'A host of a higher risk, the load added, is no destination.',
    minimum: 0,
    maximum: 1,
    default: 0.5,
  },
  ...moveWeights,
} as const;

type Judged = { hostId: string; risk: number; peakPercent: number; cpuPercent: number };

/** The host least likely to saturate with the server on it: the main paper's proposal, asked of a model that gives probabilities. */
export const leastRisk = {
  name: 'least-risk',
  goal: 'failure-avoidance',
  summary: 'Takes the host least likely to saturate within the horizon with the server on it.',
  needs: ['forecast.failureRisk', 'host.cpuPercent'],
  params,
  worstScore: 1,
  plan: (view, { serverId, candidates, seed, params: given }) => {
    const { safeRisk, maxRisk } = parametersOf(params, given);
    const server = serverOf(view, serverId);
    const rejected: Rejection[] = [];
    const judged: (Judged & { because: readonly string[] })[] = [];
    let tooRisky = 0;
    for (const hostId of candidates) {
      const host = hostOf(view, hostId);
      const pair = pairRiskOf(view, serverId, hostId);
      if (pair === undefined || pair.risk === 'unknown') {
        const detail = pair?.reasons.join('; ') || 'the pair was not scored';
        rejected.push({ hostId, why: 'risk-unknown', detail });
      } else if (host === undefined || host.cpuPercent === 'unknown') {
        rejected.push({ hostId, why: 'load-unknown', detail: 'its CPU is not known' });
      } else if (pair.risk > maxRisk) {
        tooRisky += 1;
        const detail = `risk ${percent(pair.risk)} with the server on it, ${percent(maxRisk)} at most`;
        rejected.push({ hostId, why: 'risk-too-high', detail });
      } else {
        const share: Known<number> =
          server === undefined ? 'unknown' : cpuSharePercent(server, host);
        const peakPercent =
          pair.predictedMaxCpuPercent === 'unknown'
            ? host.cpuPercent + (share === 'unknown' ? 0 : share)
            : pair.predictedMaxCpuPercent;
        judged.push({
          hostId,
          risk: pair.risk,
          peakPercent,
          cpuPercent: host.cpuPercent,
          because: pair.reasons,
        });
      }
    }
    // Differences between safe hosts' risks are the model's noise: room for the load says more there.
    const tier = (host: Judged) => (host.risk <= safeRisk ? 0 : host.risk);
    judged.sort(
      (a, b) =>
        tier(a) - tier(b) ||
        a.peakPercent - b.peakPercent ||
        a.cpuPercent - b.cpuPercent ||
        byLot(seed, a.hostId, b.hostId),
    );
    const ranking = judged.map(
      (host): Ranked => ({
        hostId: host.hostId,
        score:
          tier(host) === 0
            ? safeRisk * Math.min(1, Math.max(0, host.peakPercent) / 200)
            : host.risk,
        reasons: [
          `risk ${percent(host.risk)} with the server on it`,
          `CPU expected to peak at ${host.peakPercent.toFixed(0)} %`,
          ...host.because,
        ],
      }),
    );
    const [best] = judged;
    if (best !== undefined) return { kind: 'migrate', to: best.hostId, ranking, rejected };
    const reason =
      candidates.length === 0 ? 'no-candidate' : tooRisky > 0 ? 'would-not-help' : 'no-destination';
    return { kind: 'stay', reason, ranking, rejected };
  },
} as const satisfies Policy;

function percent(risk: number): string {
  return `${(risk * 100).toFixed(1)} %`;
}
