import { stepStartedAtMs } from '../../domain/operation.ts';
import { chainEffects } from './chain-effects.ts';
import type { Step } from './step.ts';

/** Watches the chains for a while, so that the record tells what the move did to them. */
export const settle: Step = async (operation, context) => {
  const { limits, now } = context;
  const restMs = stepStartedAtMs(operation) + limits.settleMs - now();
  if (restMs > 0 && operation.chains.length > 0) return { kind: 'wait', forMs: restMs };
  const chains = await chainEffects(operation, context);
  return {
    kind: 'done',
    detail: operation.chains.length === 0 ? 'no chain to watch' : 'the chains were watched',
    change: (newest) => ({ ...newest, chains }),
  };
};
