import type { migration } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import { type Counterfactual, wilson } from '../domain/counterfactual.ts';
import { type ChainHead, genesis } from '../domain/decision-chain.ts';
import { chainHead } from '../usecases/chained-records.ts';
import type { Ledger } from '../usecases/ledger.ts';
import { visibleDecision } from '../usecases/own-moves.ts';
import { scoreboard } from '../usecases/score-policies.ts';
import { verifyDecisions } from '../usecases/verify-decisions.ts';
import { timeOrNull } from './to-contract.ts';

type Schemas = migration.components['schemas'];

const defaultLimit = 10_000;

/** The chain of events that every decision's record is told in. */
export function recordHandlers({
  ledger,
  scoring,
}: {
  ledger: Ledger;
  scoring: { horizonMs: number; overloadPercent: number };
}): Pick<
  Handlers<migration.operations>,
  'getDecisionHead' | 'verifyDecisions' | 'getCounterfactuals' | 'getScoreboard'
> {
  const { horizonMs, overloadPercent } = scoring;
  return {
    getCounterfactuals: async ({ params: { decisionId }, principal }) => {
      await visibleDecision(ledger, decisionId, principal);
      const stored = await ledger.records.get<Counterfactual>('counterfactual', decisionId);
      if (stored === undefined) throw new NotFound('counterfactual of decision', decisionId);
      const { policy, choices } = stored.value;
      const body = {
        decisionId,
        policy,
        horizonMs,
        choices: choices.map(({ to, ...choice }) => ({ ...choice, destinationHostId: to })),
      };
      return { status: 200, body };
    },
    getScoreboard: async () => {
      const scores = await scoreboard(ledger);
      const policies = scores.map((score) => ({
        ...score,
        healthyRate: wilson(score.healthy, score.healthy + score.overloaded),
      }));
      return { status: 200, body: { horizonMs, overloadPercent, policies } };
    },
    getDecisionHead: async () => ({
      status: 200,
      body: toHead((await chainHead(ledger.records))?.value ?? genesis),
    }),
    verifyDecisions: async ({ query }) => {
      const { from = 1, limit = defaultLimit } = query;
      const found = await verifyDecisions(ledger.records, { from, limit });
      const { head, faults } = found;
      const intact = faults.length === 0;
      return {
        status: 200,
        body: { ...found, intact, faults: [...faults], head: toHead(head) },
      };
    },
  };
}

function toHead({ sequence, hash, atMs }: ChainHead): Schemas['DecisionHead'] {
  return { sequence, hash, at: sequence === 0 ? null : timeOrNull(atMs) };
}
