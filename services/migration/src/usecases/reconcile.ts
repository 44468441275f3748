import { type FleetView, type HostId, serversOn } from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import { type Log, ProblemError, type Stored } from '@sidestep/service-kit';
import type { Choice } from '../domain/counterfactual.ts';
import type { Decision, Mode } from '../domain/decision.ts';
import {
  hostsInMaintenance,
  hostsWithoutBudget,
  restingServers,
} from '../domain/guardrails/left-alone.ts';
import type { Move } from '../domain/guardrails/moves.ts';
import { aggregatesOf, possibleModes } from '../domain/modes.ts';
import type { MoveRules } from '../domain/movability.ts';
import type { Operation } from '../domain/operation.ts';
import { fullHosts, type Slots, withMoves } from '../domain/traffic.ts';
import type { Meters } from '../ports/meters.ts';
import type { RaisedAlarm } from '../ports/telemetry.ts';
import { paramsInForce } from './change-controls.ts';
import { heldBackBy, planQuestion } from './consult-guardrails.ts';
import { decide, type Wanted } from './decide.ts';
import { gather, hotHosts, readFleet, type Sources } from './gather.ts';
import { hostLedger } from './hosts/host-ledger.ts';
import { inRound } from './in-round.ts';
import { judge, modeNow } from './judge-decision.ts';
import { type Controls, decisionWrite, type Ledger, standingWrite } from './ledger.ts';
import { placedMoves } from './occupancy.ts';
import { keepChoices } from './score-policies.ts';
import { inSeries } from './series.ts';
import {
  type Draft,
  endWhatStandsNoLonger,
  expireUnconfirmed,
  type Kept,
} from './standing-decisions.ts';
import { startOperation } from './start-operation.ts';

export type ReconcileLimits = {
  /** Metrics whose alarms ask for a move. */
  triggerMetrics: ReadonlySet<string>;
  maxInventoryAgeMs: number;
  rules: MoveRules;
  slots: Slots;
};

export type ReconcileOptions = Sources & {
  ledger: Ledger;
  meters: Meters;
  log: Log;
  limits: ReconcileLimits;
  policyNamed(name: string): Policy | undefined;
  /** Tells the workers of a new operation. */
  wake(operation: Operation): Promise<void>;
};

/**
 * Level-triggered: whatever woke it, it compares the alarms raised now with the decisions that stand, ends what stands
 * no longer, and decides for each hot host that has no decision, operation or rest. Throws where Monitoring does not
 * answer: no news is not good news; all that it does then is to let plans expire that are too old.
 */
export async function reconcile(options: ReconcileOptions, woken: boolean): Promise<void> {
  const { kept, held, chosen, silence } = await inRound(options.ledger, async (round) => {
    const draft: Draft = { writes: [], kept: [], held: [], chosen: [] };
    const silence = await decideRound({ ...options, draft }, woken);
    if (draft.writes.length > 0) await round.commit(draft.writes);
    return { ...draft, silence };
  });
  for (const tell of kept) await tell();
  await options.ledger.guard.noteHeldBack(held);
  await keepChoices(options.ledger, chosen);
  if (silence !== null) throw silence;
}

/** Decisions of one round that every policy is asked about: in a storm a sample tells enough. */
const maxChosen = 50;

/** A stay that lasts longer is recorded anew, with what it is decided by then. */
const recordedForMs = 600_000;

type RoundOptions = ReconcileOptions & { draft: Draft };

/** Answers the error of a Monitoring that is silent; null where it was heard. */
async function decideRound(options: RoundOptions, woken: boolean): Promise<ProblemError | null> {
  const startedAtMs = options.now();
  const { ledger, limits, telemetry } = options;
  // A wake-up means that there is an alarm: everything is read at once. A tick looks for alarms first.
  const early = woken ? readFleet(options) : undefined;
  early?.catch(() => undefined);
  const [alarms, standing, live, controls, killSwitch] = await Promise.all([
    telemetry.raisedAlarms().catch(silenceOf),
    ledger.standing(),
    ledger.live(),
    ledger.controls(),
    ledger.killSwitch(),
  ]);
  const { limits: guardLimits } = await ledger.guard.settings();
  if (alarms instanceof ProblemError) {
    expireUnconfirmed(options, standing, alarms.message, guardLimits);
    return alarms;
  }
  const { settings } = controls;
  const asking = askingNow(alarms, settings.mode);
  const hot = hotHosts(asking, limits.triggerMetrics);
  const seenHot = hotHosts(
    asking.filter(({ unseen }) => unseen !== true),
    limits.triggerMetrics,
  );
  const kept = await endWhatStandsNoLonger(options, {
    standing,
    live,
    hot,
    planExpiryMs: guardLimits.planExpiryMs,
    actsNow: (decision) =>
      !killSwitch.engaged &&
      decision.modeFrom.scope !== 'alarm' &&
      modeNow(decision, controls).mode === 'auto',
  });

  const held = await hostLedger(ledger.records).held();
  const traffic = { slots: limits.slots, moves: placedMoves(live, kept.values()) };
  const busy = new Map([...fullHosts(traffic), ...held]);
  const open = await hostsToDecide(options, { hot: seenHot, kept, busy, live });
  if (open.length === 0) return null;

  const policy = options.policyNamed(settings.policy);
  if (policy === undefined) {
    options.log.error({ policy: settings.policy }, 'The policy of the settings does not exist');
    return null;
  }
  const hostIds = open.map(([hostId]) => hostId);
  // What comes from elsewhere is reckoned with its load, not with all that it could use.
  const loadsOf = [...new Set([...hostIds, ...traffic.moves.map(({ from }) => from)])];
  const read = await gather(options, loadsOf, early);
  const situation = { ...read, view: withMoves(read.view, traffic.moves) };
  const known = new Set(situation.view.hosts.map(({ id }) => id));
  const wanted = open
    .filter(([hostId]) => known.has(hostId))
    .map(([hostId, raised]) => ({
      ...wantedBy(hostId, raised, policy, couldAct(hostId, raised, controls, situation.view)),
      params: paramsInForce(settings, policy),
    }));
  const facts = await ledger.guard.facts(options.now());
  const choicesFor = new Map<string, () => readonly Choice[]>();
  const decisions = await decide(wanted, {
    ...options,
    situation,
    occupied: new Map([...hostsWithoutBudget(facts), ...held]),
    resting: restingServers(facts),
    alarmed: new Set(hot.keys()),
    kept: hostsInMaintenance(facts, known),
    rules: limits.rules,
    maxInventoryAgeMs: limits.maxInventoryAgeMs,
    traffic,
    watch: (id, choices) => choicesFor.set(id, choices),
  });
  const begun: Move[] = [];
  for (const planned of decisions) {
    const made = await inSeries(planned, hot.get(planned.hostId) ?? [], ledger);
    const { decision, acts, stopped } = judge(made, {
      controls,
      killed: killSwitch.engaged,
      facts: { ...facts, moves: [...facts.moves, ...begun] },
      view: situation.view,
      recommendOnly: recommendOnly(hot.get(made.hostId) ?? []),
    });
    if (stopped) noteHeldBack(options, made, decision);
    const move = draftDecision(options, decision, kept.get(decision.hostId), acts);
    if (move !== undefined) begun.push(move);
    const choices = choicesFor.get(decision.id);
    const isNew = options.draft.writes.some(({ id }) => id === decision.id);
    const { chosen } = options.draft;
    if (choices !== undefined && isNew && chosen.length < maxChosen) {
      chosen.push({ decision, choices });
    }
  }
  options.draft.kept.unshift(() => options.meters.decideTook(options.now() - startedAtMs));
  return null;
}

/**
 * Hot hosts without a decision that waits, an operation that is enough for them or a rest, the longest hot first. Beside
 * moves under way from a host another is decided only where the newest of them was said not to calm it alone.
 */
async function hostsToDecide(
  { ledger, now }: ReconcileOptions,
  {
    hot,
    kept,
    busy,
    live,
  }: {
    hot: Map<HostId, RaisedAlarm[]>;
    kept: Kept;
    busy: Map<HostId, string>;
    live: readonly Stored<Operation>[];
  },
): Promise<[HostId, RaisedAlarm[]][]> {
  const leaving = Map.groupBy(live, ({ value }) => value.from);
  const found = await Promise.all(
    [...hot].map(async (entry) => {
      const [hostId] = entry;
      const state = kept.get(hostId)?.value.state;
      if (busy.has(hostId) || state === 'proposed') return [];
      const newest = leaving
        .get(hostId)
        ?.reduce((a, b) => (b.value.createdAtMs >= a.value.createdAtMs ? b : a));
      if (newest === undefined && state === 'approved') return [];
      if (newest !== undefined) {
        const decision = await ledger.decision(newest.value.decisionId);
        if ((decision?.value.furtherMoves.length ?? 0) === 0) return [];
      }
      const rest = await ledger.rest(`host:${hostId}`);
      return rest !== undefined && rest.value.untilMs > now() ? [] : [entry];
    }),
  );
  const oldest = (alarms: readonly RaisedAlarm[]) =>
    Math.min(...alarms.map(({ raisedAtMs }) => raisedAtMs));
  return found.flat().toSorted(([, a], [, b]) => oldest(a) - oldest(b));
}

function wantedBy(
  hostId: HostId,
  raised: readonly RaisedAlarm[],
  policy: Policy,
  mode: Mode,
): Wanted {
  return {
    hostId,
    serverId: null,
    policy,
    mode,
    seed: null,
    trigger: {
      kind: 'alarm',
      alarmIds: raised.map(({ id }) => id),
      ruleIds: [...new Set(raised.map(({ ruleId }) => ruleId))],
      requestedBy: null,
      raisedAtMs: Math.min(...raised.map(({ raisedAtMs }) => raisedAtMs)),
    },
  };
}

/** Could a move from the host begin by itself, whichever server it would be? Then only what is signed may say so. */
function couldAct(
  hostId: HostId,
  raised: readonly RaisedAlarm[],
  { settings, modes }: Controls,
  view: FleetView,
): Mode {
  if (recommendOnly(raised) !== null) return 'recommend';
  const possible = possibleModes(
    settings.mode,
    modes.rules,
    {
      ruleIds: raised.map(({ ruleId }) => ruleId),
      aggregates: aggregatesOf(view.hosts, [hostId]),
    },
    serversOn(view, hostId).map(({ id }) => id),
  );
  return possible.has('auto') ? 'auto' : possible.has('approve') ? 'approve' : 'recommend';
}

/** The rule of the alarms, where all of them may only recommend. */
function recommendOnly(raised: readonly RaisedAlarm[]): string | null {
  return raised.every(({ mode }) => mode === 'recommend') ? (raised[0]?.ruleId ?? null) : null;
}

/** An alarm that may only recommend asks for nothing where the answer would be a move. */
const askingNow = (alarms: readonly RaisedAlarm[], mode: string): readonly RaisedAlarm[] =>
  mode === 'auto' ? alarms.filter((alarm) => alarm.mode !== 'recommend') : alarms;

function noteHeldBack({ draft, now }: RoundOptions, planned: Decision, decision: Decision): void {
  const question = planQuestion(planned, null);
  if (question === null) return;
  draft.held.push(...heldBackBy(question, decision.guardrails, now()));
}

/** Drafts a decision, and its operation where it may act; answers the move that begins. */
function draftDecision(
  { draft, meters, now, wake }: RoundOptions,
  decision: Decision,
  before: (Stored<Decision> & { slotVersion: number }) | undefined,
  act: boolean,
): Move | undefined {
  const isFresh = before !== undefined && now() - before.value.createdAtMs < recordedForMs;
  if (isFresh && decision.state === 'stay' && before.value.stayReason === decision.stayReason) {
    // The same answer again is the same decision, looked at once more; its record stays what it was.
    const { updatedAtMs } = decision;
    const again = { ...before.value, updatedAtMs, looks: before.value.looks + 1 };
    draft.writes.push(decisionWrite(again, before.version));
    return undefined;
  }
  draft.writes.push(standingWrite(decision.hostId, decision.id, before?.slotVersion ?? 'absent'));
  if (!act) {
    draft.writes.push(decisionWrite(decision, 'absent'));
    draft.kept.push(() => meters.decided(decision.state));
    return undefined;
  }
  const entry = { atMs: now(), by: null, reason: 'the mode is auto' };
  const { writes, operation, move } = startOperation(decision, 'absent', entry);
  draft.writes.push(...writes);
  draft.kept.push(async () => {
    meters.decided('approved');
    meters.operationEntered('STARTING');
    await wake(operation);
  });
  return move;
}

function silenceOf(error: unknown): ProblemError {
  if (isOutsideFailure(error)) return error;
  throw error;
}

/** What a failed reconcile is to the log: an outside system's silence is a warning, anything else an error. */
export function isOutsideFailure(error: unknown): error is ProblemError {
  return error instanceof ProblemError && error.retryable;
}
