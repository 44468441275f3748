import { ProblemError } from '@sidestep/service-kit';
import type { ChainEffect, ChainQuality, Operation, StepName } from '../../domain/operation.ts';
import type { StepContext } from './step.ts';

/**
 * Requests/s and response time of the touched chains before the call, from the call to the end of the re-path, and
 * since then. Null where that time did not come or Monitoring does not answer: no move fails for want of a figure.
 */
export async function chainEffects(
  operation: Operation,
  { telemetry, limits, now, log }: Pick<StepContext, 'telemetry' | 'limits' | 'now' | 'log'>,
): Promise<readonly ChainEffect[]> {
  const ids = operation.chains.map(({ chainId }) => chainId);
  if (ids.length === 0) return operation.chains;
  const calledMs = operation.intent?.atMs ?? operation.createdAtMs;
  const wholeMs = endOf(operation, 'repath');
  const means = async (
    fromMs: number | null,
    toMs: number,
  ): Promise<ReadonlyMap<string, ChainQuality>> =>
    fromMs === null ? new Map() : telemetry.chainQuality(ids, fromMs, toMs);
  try {
    const [before, during, after] = await Promise.all([
      means(calledMs - limits.settleMs, calledMs),
      means(operation.intent === null ? null : calledMs, wholeMs ?? now()),
      means(wholeMs, now()),
    ]);
    return ids.map((chainId) => ({
      chainId,
      before: before.get(chainId) ?? null,
      during: during.get(chainId) ?? null,
      after: after.get(chainId) ?? null,
    }));
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    log.warn({ operationId: operation.id, error: error.message }, 'The chains were not measured');
    return operation.chains;
  }
}

function endOf(operation: Operation, step: StepName): number | null {
  return (
    operation.steps.findLast(({ name, outcome }) => name === step && outcome !== 'failed')
      ?.endedAtMs ?? null
  );
}
