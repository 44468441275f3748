import { cpuSharePercent, hostOf, serverOf } from '@sidestep/fleet';
import { moveWeights } from './move-score.ts';
import { parametersOf } from './parameters.ts';
import type { Policy, Rejection } from './policy.ts';
import { byLot } from './tie-break.ts';

/** The host of least CPU now; the main paper's second baseline. */
export const leastCpu = {
  name: 'least-cpu',
  goal: 'workload-balancing',
  summary: 'Takes the host whose CPU is least busy now.',
  needs: ['host.cpuPercent'],
  params: moveWeights,
  worstScore: 100,
  plan: (view, { serverId, candidates, seed, params: given }) => {
    parametersOf(moveWeights, given);
    const server = serverOf(view, serverId);
    const sourcePercent = hostOf(view, server?.hostId ?? '')?.cpuPercent ?? 'unknown';
    const rejected: Rejection[] = [];
    const known: { hostId: string; cpuPercent: number }[] = [];
    let hotter = 0;
    for (const hostId of candidates) {
      const host = hostOf(view, hostId);
      if (host === undefined || host.cpuPercent === 'unknown') {
        rejected.push({ hostId, why: 'load-unknown', detail: 'its CPU is not known' });
        continue;
      }
      const share = server === undefined ? 'unknown' : cpuSharePercent(server, host);
      const afterPercent = share === 'unknown' ? 'unknown' : host.cpuPercent + share;
      // A destination that would be busier than the source is now only moves the trouble.
      if (
        afterPercent !== 'unknown' &&
        sourcePercent !== 'unknown' &&
        afterPercent >= sourcePercent
      ) {
        hotter += 1;
        const detail = `it would be at ${afterPercent.toFixed(0)} %, the source is at ${sourcePercent.toFixed(0)} %`;
        rejected.push({ hostId, why: 'would-not-help', detail });
        continue;
      }
      known.push({ hostId, cpuPercent: host.cpuPercent });
    }
    known.sort((a, b) => a.cpuPercent - b.cpuPercent || byLot(seed, a.hostId, b.hostId));
    const ranking = known.map(({ hostId, cpuPercent }) => ({
      hostId,
      score: cpuPercent,
      reasons: [`CPU at ${cpuPercent.toFixed(0)} %`],
    }));
    const [best] = known;
    if (best === undefined) {
      const reason =
        candidates.length === 0 ? 'no-candidate' : hotter > 0 ? 'would-not-help' : 'no-destination';
      return { kind: 'stay', reason, ranking, rejected };
    }
    return { kind: 'migrate', to: best.hostId, ranking, rejected };
  },
} as const satisfies Policy;
