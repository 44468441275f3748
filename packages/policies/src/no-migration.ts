import type { Policy } from './policy.ts';

/** Never moves anything: what every other policy is measured against. */
export const noMigration = {
  name: 'no-migration',
  goal: 'baseline',
  summary: 'Leaves every server where it is.',
  needs: [],
  params: {},
  worstScore: 1,
  plan: () => ({ kind: 'stay', reason: 'policy-never-moves', ranking: [], rejected: [] }),
} as const satisfies Policy;
