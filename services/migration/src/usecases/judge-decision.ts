import { type FleetView, serverOf } from '@sidestep/fleet';
import type { Decision } from '../domain/decision.ts';
import { predictedEffect } from '../domain/effects.ts';
import { consult, type GuardFacts, inWords, objections } from '../domain/guardrails/consult.ts';
import {
  aggregatesOf,
  anyOperator,
  type EffectiveMode,
  effectiveMode,
  inControlGroup,
  type ModeRule,
  ownersOf,
} from '../domain/modes.ts';
import { planQuestion } from './consult-guardrails.ts';
import type { Controls } from './ledger.ts';

/** A decision with all that says what may become of it. */
export type Judged = {
  decision: Decision;
  /** Is its operation to begin at once? */
  acts: boolean;
  /** Did guardrails stand against a move that would have begun? */
  stopped: boolean;
};

/** Says what becomes of a plan: by its mode, the control group and the guardrails. Pure. */
export function judge(
  made: Decision,
  known: {
    controls: Controls;
    killed: boolean;
    facts: GuardFacts;
    view: FleetView;
    /** The rule in Monitoring that lets its alarms only recommend, where all alarms are of such. */
    recommendOnly: string | null;
  },
): Judged {
  const { controls, facts, killed, recommendOnly } = known;
  const decision = withVerdicts(withMode(made, { ...known, recommendOnly }), facts);
  if (decision.state !== 'proposed') return { decision, acts: false, stopped: false };
  const [alarmId] = decision.trigger.alarmIds;
  if (
    decision.mode === 'recommend' &&
    alarmId !== undefined &&
    inControlGroup(alarmId, controls.modes.controlShare)
  ) {
    const reason = 'of the share of alarms that is left alone to see what comes of it';
    const left = leftAlone({ ...decision, controlGroup: true }, 'control-group', reason);
    return { decision: left, acts: false, stopped: false };
  }
  if (decision.mode !== 'auto' || killed) return { decision, acts: false, stopped: false };
  const against = objections(decision.guardrails);
  if (against.some(({ result }) => result === 'held-back')) {
    return {
      decision: leftAlone(decision, 'held-back', inWords(against)),
      acts: false,
      stopped: true,
    };
  }
  return { decision, acts: against.length === 0, stopped: against.length > 0 };
}

/** The decision with its mode, where that comes from, who may approve, whose VNF it is and what is expected of the move. */
export function withMode(
  decision: Decision,
  {
    controls,
    view,
    recommendOnly,
  }: { controls: Controls; view: FleetView; recommendOnly: string | null },
): Decision {
  const aggregates = aggregatesOf(view.hosts, [decision.hostId, decision.destinationHostId]);
  const server = serverOf(view, decision.serverId ?? '');
  const owners = server === undefined ? [] : ownersOf(server, controls.owners.owners);
  const effective =
    recommendOnly === null
      ? modeNow({ ...decision, aggregates }, controls)
      : {
          mode: 'recommend' as const,
          modeFrom: { scope: 'alarm' as const, id: recommendOnly },
          approvers: anyOperator,
        };
  const predicted = predictedEffect(decision, view);
  return { ...decision, ...effective, aggregates, owners, predicted };
}

/** The mode of a decision by what is in force now. */
export function modeNow(
  { trigger, aggregates, serverId }: Pick<Decision, 'trigger' | 'aggregates' | 'serverId'>,
  { settings, modes }: { settings: Controls['settings']; modes: { rules: readonly ModeRule[] } },
): EffectiveMode {
  return effectiveMode(settings.mode, modes.rules, {
    ruleIds: trigger.ruleIds,
    aggregates,
    serverId,
  });
}

/** The decision with what the guardrails say to its plan. */
export function withVerdicts(decision: Decision, facts: GuardFacts): Decision {
  const question = planQuestion(decision, null);
  return question === null ? decision : { ...decision, guardrails: consult(question, facts) };
}

/** The plan stands in the record, but nothing is begun. */
export function leftAlone(
  decision: Decision,
  stayReason: 'held-back' | 'control-group',
  reason: string,
): Decision {
  const { serverId, destinationHostId } = decision;
  if (serverId === null || destinationHostId === null) return decision;
  return {
    ...decision,
    state: 'stay',
    stayReason,
    serverId: null,
    serverName: null,
    destinationHostId: null,
    heldBack: { serverId, destinationHostId },
    victims: decision.victims.map((victim) => ({ ...victim, chosen: false })),
    history: [{ state: 'stay', atMs: decision.createdAtMs, by: null, reason }],
  };
}
