import { ProblemError } from '@sidestep/service-kit';
import type { Chains, Repathed } from '../../src/ports/chains.ts';

export type FakeChains = Chains & {
  readonly asked: string[];
  outcome: Repathed;
  /** How many of the coming calls fail. */
  failures: number;
};

export function fakeChains(): FakeChains {
  const fake: FakeChains = {
    asked: [],
    outcome: { kind: 'completed', hops: 1, gapMs: 700 },
    failures: 0,
    repath: async (operationId) => {
      fake.asked.push(operationId);
      if (fake.failures > 0) {
        fake.failures -= 1;
        throw new ProblemError('UPSTREAM_FAILED', 'nfvo: Neutron answered 500');
      }
      return fake.outcome;
    },
  };
  return fake;
}
