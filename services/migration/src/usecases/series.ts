import type { Decision } from '../domain/decision.ts';
import type { RaisedAlarm } from '../ports/telemetry.ts';
import type { Ledger } from './ledger.ts';

/** Decisions of a host that are looked through for the one before: what people asked for may lie between. */
const lookedThrough = 20;

/**
 * The decision with the one before it of the same alarm's time: the newest for its host that one of the alarms asked for
 * since it was raised. An alarm that cleared and was raised again begins a series of its own.
 */
export async function inSeries(
  decision: Decision,
  raised: readonly RaisedAlarm[],
  ledger: Pick<Ledger, 'decisions'>,
): Promise<Decision> {
  const { hostId } = decision;
  const { items } = await ledger.decisions({ hostId }, { limit: lookedThrough });
  const before = items.find(({ value }) =>
    raised.some(
      ({ id, raisedAtMs }) =>
        value.trigger.alarmIds.includes(id) && raisedAtMs <= value.createdAtMs,
    ),
  );
  return { ...decision, follows: before?.id ?? null };
}
