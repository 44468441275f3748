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
    const known: { hostId: string; cpuPercent: number; helps: boolean; afterwards: string }[] = [];
    for (const hostId of candidates) {
      const host = hostOf(view, hostId);
      if (host === undefined || host.cpuPercent === 'unknown') {
        rejected.push({ hostId, why: 'load-unknown', detail: 'its CPU is not known' });
        continue;
      }
      const share = server === undefined ? 'unknown' : cpuSharePercent(server, host);
      const after = share === 'unknown' ? 'unknown' : host.cpuPercent + share;
      // A destination that would be busier than the source is now only moves the trouble.
      const helps = after === 'unknown' || sourcePercent === 'unknown' || after < sourcePercent;
      const afterwards = after === 'unknown' ? after : `${after.toFixed(0)} %`;
      known.push({ hostId, cpuPercent: host.cpuPercent, helps, afterwards });
    }
    known.sort((a, b) => a.cpuPercent - b.cpuPercent || byLot(seed, a.hostId, b.hostId));
    const helpful = known.filter(({ helps }) => helps);
    const ranked = (hosts: typeof known) =>
      hosts.map(({ hostId, cpuPercent }) => ({
        hostId,
        score: cpuPercent,
        reasons: [`CPU at ${cpuPercent.toFixed(0)} %`],
      }));
    const [best] = helpful;
    if (best === undefined) {
      const nothing = candidates.length === 0 ? 'no-candidate' : 'no-destination';
      const reason = known.length > 0 ? 'would-not-help' : nothing;
      return { kind: 'stay', reason, ranking: ranked(known), rejected };
    }
    for (const { hostId, helps, afterwards } of known) {
      if (helps) continue;
      const detail = `it would be at ${afterwards}, busier than the source is now`;
      rejected.push({ hostId, why: 'would-not-help', detail });
    }
    return { kind: 'migrate', to: best.hostId, ranking: ranked(helpful), rejected };
  },
} as const satisfies Policy;
