import type { migration } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { type ChainHead, genesis } from '../domain/decision-chain.ts';
import { chainHead } from '../usecases/chained-records.ts';
import type { Ledger } from '../usecases/ledger.ts';
import { verifyDecisions } from '../usecases/verify-decisions.ts';
import { timeOrNull } from './to-contract.ts';

type Schemas = migration.components['schemas'];

const defaultLimit = 10_000;

/** The chain of events that every decision's record is told in. */
export function recordHandlers({
  ledger,
}: {
  ledger: Ledger;
}): Pick<Handlers<migration.operations>, 'getDecisionHead' | 'verifyDecisions'> {
  return {
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
