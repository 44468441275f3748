import { cpuSharePercent, type Known } from '@sidestep/fleet';
import type { Policy, Rejection } from './policy.ts';
import { byLot } from './tie-break.ts';

/** The host of least CPU now; the main paper's second baseline. */
export const leastCpu = {
  name: 'least-cpu',
  goal: 'workload-balancing',
  summary: 'Takes the host whose CPU is least busy now.',
  needs: ['host.cpuPercent'],
  params: {},
  plan: (view, { serverId, candidates, seed }) => {
    const server = view.servers.find(({ id }) => id === serverId);
    const hosts = new Map(view.hosts.map((host) => [host.id, host]));
    const source = hosts.get(server?.hostId ?? '');
    const rejected: Rejection[] = [];
    const known: { hostId: string; cpuPercent: number; afterPercent: Known<number> }[] = [];
    for (const hostId of candidates) {
      const host = hosts.get(hostId);
      if (host === undefined || host.cpuPercent === 'unknown') {
        rejected.push({ hostId, why: 'load-unknown', detail: 'its CPU is not known' });
        continue;
      }
      const share = server === undefined ? 'unknown' : cpuSharePercent(server, host);
      const afterPercent = share === 'unknown' ? 'unknown' : host.cpuPercent + share;
      known.push({ hostId, cpuPercent: host.cpuPercent, afterPercent });
    }
    known.sort((a, b) => a.cpuPercent - b.cpuPercent || byLot(seed, a.hostId, b.hostId));
    const ranking = known.map(({ hostId, cpuPercent }) => ({
      hostId,
      score: cpuPercent,
      reasons: [`CPU at ${cpuPercent.toFixed(0)} %`],
    }));
    const [best] = known;
    if (best === undefined) {
      const reason = candidates.length === 0 ? 'no-candidate' : 'no-destination';
      return { kind: 'stay', reason, ranking, rejected };
    }
    const sourcePercent = source?.cpuPercent ?? 'unknown';
    // A destination that would be busier than the source is now only moves the trouble.
    if (
      best.afterPercent !== 'unknown' &&
      sourcePercent !== 'unknown' &&
      best.afterPercent >= sourcePercent
    ) {
      return { kind: 'stay', reason: 'would-not-help', ranking, rejected };
    }
    return { kind: 'migrate', to: best.hostId, ranking, rejected };
  },
} as const satisfies Policy;
