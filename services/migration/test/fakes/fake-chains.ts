import { ProblemError } from '@sidestep/service-kit';
import type { Chains, Drainable, Probed, Repathed } from '../../src/ports/chains.ts';

export type FakeChains = Chains & {
  /** Ids of the re-paths that were asked for. */
  readonly asked: string[];
  outcome: Repathed;
  /** How many of the coming calls to re-path fail. */
  failures: number;
  stateless: Drainable;
  /** Drains that the server is out by now, and those that there ever were. */
  readonly open: Set<string>;
  readonly drained: string[];
  /** What each coming probe comes to; then all pass. */
  readonly probes: Probed['outcome'][];
  /** Each call but re-paths throws while it is set. */
  away: boolean;
};

/** NFVO with one stateless hop of two members. */
export function fakeChains(): FakeChains {
  const reachable = () => {
    if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'nfvo: no answer');
  };
  const fake: FakeChains = {
    asked: [],
    outcome: { kind: 'completed', hops: 1, gapMs: 700 },
    failures: 0,
    stateless: { kind: 'yes' },
    open: new Set(),
    drained: [],
    probes: [],
    away: false,
    drainable: async () => {
      reachable();
      return fake.stateless;
    },
    drain: async (drainId) => {
      reachable();
      if (!fake.drained.includes(drainId)) {
        fake.drained.push(drainId);
        fake.open.add(drainId);
      }
      return { hopsOut: 1, kept: [] };
    },
    undrain: async (drainId) => {
      reachable();
      fake.open.delete(drainId);
    },
    probe: async () => {
      reachable();
      return { outcome: fake.probes.shift() ?? 'passed', detail: 'HTTP 200 in 12 ms' };
    },
    repath: async (repathId) => {
      fake.asked.push(repathId);
      if (fake.failures > 0) {
        fake.failures -= 1;
        throw new ProblemError('UPSTREAM_FAILED', 'nfvo: Neutron answered 500');
      }
      fake.open.clear();
      return fake.outcome;
    },
  };
  return fake;
}
