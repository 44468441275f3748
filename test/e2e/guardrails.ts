/** SIDESTEP_GUARDRAILS of a test that moves the same servers again and again: nothing rests, and no budget runs out. */
export const wideGuardrails = (more: { concurrentMoves?: number } = {}): string =>
  JSON.stringify({
    cooldown: { firstMs: 0 },
    cycle: { windowMs: 0 },
    budgets: {
      cluster: { burst: 10_000 },
      hostIn: { burst: 10_000 },
      hostOut: { burst: 10_000 },
    },
    breaker: { failures: 100, ofLast: 100 },
    ...more,
  });
