import { Conflict, NotFound, type Stored } from '@sidestep/service-kit';
import { type Decision, settleDecision } from '../domain/decision.ts';
import type { Operation } from '../domain/operation.ts';
import type { Slots } from '../domain/traffic.ts';
import type { Meters } from '../ports/meters.ts';
import { consultNow, planQuestion, refusal } from './consult-guardrails.ts';
import { hostLedger } from './hosts/host-ledger.ts';
import { inRound } from './in-round.ts';
import { decisionWrite, type Ledger, standingWrite } from './ledger.ts';
import { objectionToMove, placedMoves } from './occupancy.ts';
import { startOperation } from './start-operation.ts';

export type AnswerOptions = {
  ledger: Ledger;
  meters: Meters;
  now(): number;
  limits: { vetoRestMs: number; slots: Slots };
  wake(operation: Operation): Promise<void>;
};

/** Begins the operation of a proposed decision; its data is read again before Nova is asked. */
export async function approveDecision(
  options: AnswerOptions,
  decisionId: string,
  by: string,
): Promise<Operation> {
  const { ledger, meters, now } = options;
  const operation = await inRound(ledger, async (round) => {
    const { value, version } = await proposed(options, decisionId);
    const question = planQuestion(value, by);
    if (question === null) throw new Conflict(`Decision ${decisionId} plans no move`);
    const refused = refusal(await consultNow(ledger.guard, question, now()));
    if (refused !== undefined) throw refused;
    const live = await ledger.live();
    const traffic = { slots: options.limits.slots, moves: placedMoves(live, []) };
    const { serverId, from, to } = question;
    const held = await hostLedger(ledger.records).held();
    const why = objectionToMove({ serverId, from, to, crosses: value.crosses }, traffic, held);
    if (why !== null) throw new Conflict(`It cannot begin: ${why}`);
    const started = startOperation(value, version, { atMs: now(), by, reason: null });
    await round.commit(started.writes);
    return started.operation;
  });
  meters.decided('approved');
  meters.operationEntered('STARTING');
  await options.wake(operation);
  return operation;
}

/** Refuses a proposed decision; its host rests for a while, so that the same is not proposed again at once. */
export async function vetoDecision(
  options: AnswerOptions,
  decisionId: string,
  { by, reason }: { by: string; reason: string },
): Promise<Decision> {
  const { ledger, limits, meters, now } = options;
  const vetoed = await inRound(ledger, async (round) => {
    const { value, version } = await proposed(options, decisionId);
    const refused = settleDecision(value, 'vetoed', { atMs: now(), by, reason });
    const key = `host:${value.hostId}`;
    const [slot, rest] = await Promise.all([ledger.standingOf(value.hostId), ledger.rest(key)]);
    await round.commit([
      decisionWrite(refused, version),
      ...(slot?.value.decisionId === value.id
        ? [standingWrite(value.hostId, null, slot.version)]
        : []),
      {
        kind: 'rest',
        id: key,
        expected: rest?.version ?? 'absent',
        value: { untilMs: now() + limits.vetoRestMs, why: `${by} vetoed a move: ${reason}` },
      },
    ]);
    return refused;
  });
  meters.decided('vetoed');
  return vetoed;
}

async function proposed(
  { ledger, now }: AnswerOptions,
  decisionId: string,
): Promise<Stored<Decision>> {
  const stored = await ledger.decision(decisionId);
  if (stored === undefined) throw new NotFound('decision', decisionId);
  const { state, createdAtMs } = stored.value;
  if (state !== 'proposed') throw new Conflict(`Decision ${decisionId} is ${state}, not proposed`);
  const { limits } = await ledger.guard.settings();
  if (now() - createdAtMs >= limits.planExpiryMs) {
    throw new Conflict(`Decision ${decisionId} has expired: its data is too old`);
  }
  return stored;
}
