import type { HostId } from '@sidestep/fleet';
import type { Stored, Write } from '@sidestep/service-kit';
import type { Choice } from '../domain/counterfactual.ts';
import { type Decision, settleDecision } from '../domain/decision.ts';
import { unconfirmed } from '../domain/guardrails/consult.ts';
import type { GuardrailLimits } from '../domain/guardrails/limits.ts';
import type { Operation } from '../domain/operation.ts';
import type { Meters } from '../ports/meters.ts';
import type { RaisedAlarm } from '../ports/telemetry.ts';
import { abortIfNotBegun } from './abort-operation.ts';
import { heldBackBy, planQuestion } from './consult-guardrails.ts';
import type { HeldBack } from './guard-ledger.ts';
import { decisionWrite, type Ledger, standingWrite } from './ledger.ts';

/** What a round is to write, and what is to be told once it is written. */
export type Draft = {
  writes: Write[];
  kept: (() => Promise<void> | void)[];
  /** What guardrails stood against. */
  held: HeldBack[];
  /** What the policies would have chosen in place of the decisions that are new. */
  chosen: { decision: Decision; choices: () => readonly Choice[] }[];
};

type DraftOptions = { ledger: Ledger; meters: Meters; now(): number; draft: Draft };

type Standing = Awaited<ReturnType<Ledger['standing']>>[number];
/** The decisions that go on standing, by host, each with the version of its slot. */
export type Kept = Map<HostId, Stored<Decision> & { slotVersion: number }>;

/** Ends what stands no longer; answers the decisions that go on standing, by host. */
export async function endWhatStandsNoLonger(
  options: DraftOptions,
  now: {
    standing: readonly Standing[];
    live: readonly Stored<Operation>[];
    hot: ReadonlyMap<HostId, readonly RaisedAlarm[]>;
    planExpiryMs: number;
    /** Would it be carried out, were it made now? */
    actsNow(decision: Decision): boolean;
  },
): Promise<Kept> {
  const kept: Kept = new Map();
  for (const { id, value } of now.live) {
    if (value.raisedAtMs === null || now.hot.has(value.from)) continue;
    await abortIfNotBegun(options, id, 'the alarm cleared before the move began');
  }
  for (const { hostId, slot, decision } of now.standing) {
    const { value } = decision;
    const why = whyEnded(value, now.hot.has(hostId), now, options.now());
    const operation = now.live.find(({ id }) => id === value.operationId);
    if (value.state === 'approved' && operation !== undefined) {
      kept.set(hostId, { ...decision, slotVersion: slot.version });
    } else if (why === null) {
      kept.set(hostId, { ...decision, slotVersion: slot.version });
    } else {
      expire(options, { ...decision, hostId, slotVersion: slot.version }, why);
    }
  }
  return kept;
}

function whyEnded(
  decision: Decision,
  isHot: boolean,
  { actsNow, planExpiryMs }: { actsNow(decision: Decision): boolean; planExpiryMs: number },
  nowMs: number,
): string | null {
  const byAlarm = decision.trigger.kind === 'alarm';
  if (decision.state !== 'proposed' && decision.state !== 'stay') {
    // Its operation has ended; the commit that ended it has freed the host already, or is about to.
    return decision.state === 'approved' ? null : 'it has ended';
  }
  if (byAlarm && !isHot) return 'the alarm cleared';
  if (decision.state === 'stay') return null;
  if (nowMs - decision.createdAtMs >= planExpiryMs) return 'nobody approved it in time';
  // Even in auto one may wait for somebody.
  const waits = decision.guardrails.some(({ result }) => result === 'needs-approval');
  return byAlarm && !waits && actsNow(decision) ? 'the mode is auto now: it is decided anew' : null;
}

/** While Monitoring is silent nothing is decided and nothing is called off; what is too old to be approved expires. */
export function expireUnconfirmed(
  options: DraftOptions,
  standing: readonly Standing[],
  silence: string,
  limits: GuardrailLimits,
): void {
  const nowMs = options.now();
  for (const { hostId, slot, decision } of standing) {
    const { value, version } = decision;
    const question = planQuestion(value, null);
    if (value.state !== 'proposed' || question === null) continue;
    const { verdict, expired } = unconfirmed(question, silence, { limits, nowMs });
    if (!expired) continue;
    options.draft.held.push(...heldBackBy(question, [verdict], nowMs));
    expire(options, { value, version, hostId, slotVersion: slot.version }, verdict.reason);
  }
}

function expire(
  { draft, meters, now }: DraftOptions,
  plan: { value: Decision; version: number; hostId: HostId; slotVersion: number },
  reason: string,
): void {
  const { value, version, hostId, slotVersion } = plan;
  draft.writes.push(standingWrite(hostId, null, slotVersion));
  if (value.state !== 'proposed') return;
  const entry = { atMs: now(), by: null, reason };
  draft.writes.push(decisionWrite(settleDecision(value, 'expired', entry), version));
  draft.kept.push(() => meters.decided('expired'));
}
