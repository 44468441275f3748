import { ProblemError } from '@sidestep/service-kit';
import { type DrainRecord, isOut, type Operation } from '../../domain/operation.ts';
import type { Change, Step, StepContext } from './step.ts';

/** Whether the server is to leave its hops before it moves. A move does without where that cannot be known. */
export async function planDrain(
  operation: Operation,
  { chains, log }: Pick<StepContext, 'chains' | 'log'>,
): Promise<DrainRecord | null> {
  if (isOut(operation.drain)) return operation.drain;
  const none = (detail: string): DrainRecord => ({ id: null, state: 'none', hops: 0, detail });
  const chainIds = operation.chains.map(({ chainId }) => chainId);
  if (chainIds.length === 0) return none('the server is in no chain');
  try {
    const answer = await chains.drainable(chainIds, operation.serverId);
    if (answer.kind === 'no') return none(answer.why);
    return { id: null, state: 'planned', hops: 0, detail: null };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    log.warn({ operationId: operation.id, error: error.message }, 'No drain is planned');
    return none(`NFVO does not tell whether a hop may lose it: ${error.message}`);
  }
}

/** Has NFVO take the server out of its stateless hops; noted before, so that whoever comes after puts it back. */
export const drain: Step = async (operation, context) => {
  const { chains, save, onPoint } = context;
  const { id, serverId, drain: plan, abort } = operation;
  if (plan === null || plan.state === 'none' || plan.state === 'stuck') {
    return { kind: 'skipped', detail: plan?.detail ?? 'an evacuated server serves no traffic' };
  }
  if (plan.state === 'out') return { kind: 'skipped', detail: 'it is out of its hops already' };
  if (abort !== null) return { kind: 'skipped', detail: 'the move is stopped' };
  const times = operation.steps.filter(({ name }) => name === 'drain').length;
  const drainId = plan.id ?? `${id}-drain-${times}`;
  const noted = (state: DrainRecord['state'], hops = 0, detail: string | null = null): Change => {
    return (newest) => ({ ...newest, drain: { id: drainId, state, hops, detail } });
  };
  await save(noted('asked'));
  await onPoint('drain:asked', id);
  try {
    const { hopsOut, kept } = await chains.drain(drainId, serverId);
    await onPoint('drain:called', id);
    const why = kept.length === 0 ? null : `kept in ${kept.length} hops: ${kept.join('; ')}`;
    const out = `out of ${hopsOut} hops`;
    const detail = why === null ? out : `${out}, ${why}`;
    return { kind: 'done', detail, change: noted('out', hopsOut, why) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.retryable) throw error;
    // What NFVO refuses, the move does without; what it may have done is taken back at the end.
    return { kind: 'skipped', detail: error.message, change: noted('asked', 0, error.message) };
  }
};

/** The re-path has put the server back: this sees to it that it is. */
export const undrain: Step = async ({ drain: record }, { chains }) => {
  if (record === null || record.id === null || !isOut(record)) {
    return { kind: 'skipped', detail: record?.detail ?? 'it was not out' };
  }
  try {
    await chains.undrain(record.id);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'failed', problem: error, remedy: 'retry' };
  }
  const back: DrainRecord = { ...record, state: 'back' };
  return {
    kind: 'done',
    detail: `it is back in ${record.hops} hops`,
    change: (newest) => ({ ...newest, drain: back }),
  };
};
