import { ProblemError } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import {
  consult,
  type GuardrailName,
  guardrailNames,
  inWords,
  type MoveQuestion,
  objections,
  unconfirmed,
  type Verdict,
} from '../domain/guardrails/consult.ts';
import type { Operation } from '../domain/operation.ts';
import type { GuardLedger, HeldBack } from './guard-ledger.ts';

/** What the guardrails that are asked, by default all, say to a move now, from what is kept now; what they hold back is noted. */
export async function consultNow(
  guard: GuardLedger,
  question: MoveQuestion,
  nowMs: number,
  asked: readonly GuardrailName[] = guardrailNames,
): Promise<Verdict[]> {
  const said = consult(question, await guard.facts(nowMs));
  const verdicts = said.filter(({ guardrail }) => asked.includes(guardrail));
  await guard.noteHeldBack(heldBackBy(question, verdicts, nowMs));
  return verdicts;
}

/** Notes that a plan is held back while nobody can tell whether it still holds, and says whether it has expired by now. */
export async function holdUnconfirmed(
  guard: GuardLedger,
  question: MoveQuestion,
  silence: string,
  nowMs: number,
): Promise<{ expired: boolean; refusal: ProblemError }> {
  const { limits } = await guard.settings();
  const { verdict, expired } = unconfirmed(question, silence, { limits, nowMs });
  await guard.noteHeldBack(heldBackBy(question, [verdict], nowMs));
  return { expired, refusal: new ProblemError('HELD_BACK', `Held back: ${inWords([verdict])}`) };
}

/** The refusal of a move that guardrails hold back; undefined where none does. */
export function refusal(verdicts: readonly Verdict[]): ProblemError | undefined {
  const against = objections(verdicts);
  if (against.length === 0) return undefined;
  const killed = against.some(({ guardrail }) => guardrail === 'kill-switch');
  return new ProblemError(killed ? 'KILL_SWITCH' : 'HELD_BACK', `Held back: ${inWords(against)}`);
}

/** The question of a decision's plan; null where it plans nothing. */
export function planQuestion(decision: Decision, approvedBy: string | null): MoveQuestion | null {
  const { serverId, hostId, destinationHostId, createdAtMs } = decision;
  if (serverId === null || destinationHostId === null) return null;
  return {
    serverId,
    from: hostId,
    to: destinationHostId,
    purpose: 'move',
    decidedAtMs: createdAtMs,
    approvedBy,
    operationId: null,
  };
}

/** The question of an operation that was let through and is about to ask the cloud. */
export async function questionOf(
  { id, serverId, from, to, createdAtMs, answers }: Operation,
  { guard }: { guard: GuardLedger },
): Promise<MoveQuestion> {
  const move = await guard.move(id);
  // Who has it tried once more has looked at it anew.
  const again = answers.findLast(({ kind }) => kind === 'retry');
  return {
    serverId,
    from,
    to,
    operationId: id,
    purpose: move?.value.purpose ?? 'move',
    decidedAtMs: again?.atMs ?? move?.value.decidedAtMs ?? createdAtMs,
    approvedBy: again?.by ?? move?.value.approvedBy ?? null,
  };
}

/** As entries of the list of what was held back lately. */
export function heldBackBy(
  { serverId, from, to }: MoveQuestion,
  verdicts: readonly Verdict[],
  nowMs: number,
): HeldBack[] {
  return objections(verdicts).map(({ guardrail, reason, untilMs }) => ({
    guardrail,
    serverId,
    from,
    to,
    reason,
    firstAtMs: nowMs,
    lastAtMs: nowMs,
    times: 1,
    untilMs,
  }));
}
