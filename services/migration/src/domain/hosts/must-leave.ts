import type { Policy } from '@sidestep/policies';

/**
 * A policy asked about a host that has to be emptied: where it would stay because the move would not help the source,
 * the best of its ranking is taken all the same. A host that it ranks not at all stays no destination.
 */
export function mustLeave(policy: Policy): Policy {
  return {
    ...policy,
    plan: (view, question) => {
      const plan = policy.plan(view, question);
      const [best] = plan.ranking;
      if (plan.kind === 'migrate' || plan.reason !== 'would-not-help' || best === undefined) {
        return plan;
      }
      return { kind: 'migrate', to: best.hostId, ranking: plan.ranking, rejected: plan.rejected };
    },
  };
}
