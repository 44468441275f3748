import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Meters } from '../../ports/meters.ts';

const secondsBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Meters that Prometheus reads at /metrics. */
export function prometheusMeters(registry: Registry): Meters {
  const registers = [registry];
  const repaths = new Counter({
    name: 'sidestep_repaths_total',
    help: 'Runs of re-renders, by what they came to',
    labelNames: ['outcome'],
    registers,
  });
  const perHop = { labelNames: ['method'] as const, buckets: secondsBuckets, registers };
  const gaps = new Histogram({
    name: 'sidestep_repath_gap_seconds',
    help: 'How long a hop stopped its traffic while it was rendered anew',
    ...perHop,
  });
  const bypasses = new Histogram({
    name: 'sidestep_repath_bypass_seconds',
    help: 'How long traffic went past a hop while it was rendered anew',
    ...perHop,
  });
  const open = new Gauge({
    name: 'sidestep_nfvo_open_operations',
    help: 'Operations on chains that are not ended, by kind',
    labelNames: ['kind'],
    registers,
  });
  const orphans = new Gauge({
    name: 'sidestep_nfvo_orphans',
    help: 'What this service made and nothing uses, when last looked for',
    registers,
  });
  // Until they were looked for, nobody knows; 0 would be a claim.
  orphans.set(Number.NaN);
  return {
    repathEnded: (outcome) => repaths.inc({ outcome }),
    hopRendered: ({ method, gapMs, bypassMs }) => {
      gaps.observe({ method }, gapMs / 1_000);
      bypasses.observe({ method }, bypassMs / 1_000);
    },
    openOperations: (kind, count) => open.set({ kind }, count),
    orphans: (count) => orphans.set(count),
  };
}
