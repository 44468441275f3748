import { type MoveEffects, stepStartedAtMs } from '../../domain/operation.ts';
import { chainEffects } from './chain-effects.ts';
import { moveEffects } from './move-effects.ts';
import type { Step } from './step.ts';

/** Watches chains and hosts for a while, so that the record tells what the move did to them. */
export const settle: Step = async (operation, context) => {
  const { limits, now } = context;
  const sinceMs = stepStartedAtMs(operation);
  const restMs = sinceMs + limits.settleMs - now();
  if (restMs > 0) return { kind: 'wait', forMs: restMs };
  const [chains, effects] = await Promise.all([
    chainEffects(operation, context),
    moveEffects(operation, sinceMs, context),
  ]);
  return {
    kind: 'done',
    detail: `${effectInWords(effects)}; ${metricsInWords[effects.serverMetrics]}`,
    change: (newest) => ({ ...newest, chains, effects }),
  };
};

function effectInWords({ sourceReliefPercent, destinationRisePercent }: MoveEffects): string {
  const points = (value: number | null) => (value === null ? 'unknown' : value.toFixed(1));
  return `CPU of the source fell by ${points(sourceReliefPercent)} points, of the destination rose by ${points(destinationRisePercent)}`;
}

const metricsInWords = {
  flowing: 'the server’s metrics flow from its new place',
  silent: 'no metric of the server has come from its new place',
  unknown: 'Monitoring does not tell whether the server’s metrics flow',
} as const;
