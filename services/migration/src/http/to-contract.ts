import type { migration } from '@sidestep/contracts';
import type { Policy } from '@sidestep/policies';
import { copiedPercent } from '../domain/copy-watch.ts';
import type { DataWindow, Decision, RankedHost } from '../domain/decision.ts';
import type { MoveEffects, NovaMove, Operation, Recovery, WayBack } from '../domain/operation.ts';
import type { KillSwitch, Settings } from '../usecases/ledger.ts';

type Schemas = migration.components['schemas'];

export const time = (atMs: number): string => new Date(atMs).toISOString();
export const timeOrNull = (atMs: number | null): string | null =>
  atMs === null ? null : time(atMs);
const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));

export function toPolicy({ name, goal, needs, params, summary }: Policy): Schemas['Policy'] {
  return { name, goal, needs: [...needs], params: { ...params }, summary };
}

export function toSettings({ updatedAtMs, ...settings }: Settings): Schemas['Settings'] {
  const { policyParams = {}, ...same } = settings;
  return { ...same, policyParams: { ...policyParams }, updatedAt: timeOrNull(updatedAtMs) };
}

export function toKillSwitch({ updatedAtMs, ...killSwitch }: KillSwitch): Schemas['KillSwitch'] {
  return { ...killSwitch, updatedAt: timeOrNull(updatedAtMs) };
}

export function toDecision(decision: Decision): Schemas['Decision'] {
  const { createdAtMs, updatedAtMs, trigger, data, history, victims, guardrails, ...rest } =
    decision;
  const { owners, approvers, measured } = decision;
  const {
    serverName: _serverName,
    chainIds: _chainIds,
    aggregates: _aggregates,
    crosses: _crosses,
    ...same
  } = rest;
  return {
    ...same,
    createdAt: time(createdAtMs),
    updatedAt: time(updatedAtMs),
    trigger: {
      kind: trigger.kind,
      alarmIds: [...trigger.alarmIds],
      ruleIds: [...trigger.ruleIds],
      requestedBy: trigger.requestedBy,
      ...(trigger.optimizationId === undefined ? {} : { optimizationId: trigger.optimizationId }),
    },
    victims: [...victims],
    candidates: same.candidates.map(toCandidate),
    furtherMoves: [...same.furtherMoves],
    follows: decision.follows ?? null,
    rejected: [...same.rejected],
    data: toDataWindow(data),
    owners: [...owners],
    params: { ...decision.params },
    measured: measured === null ? null : { ...measured, chains: [...measured.chains] },
    approvers: { ...approvers, subjects: [...approvers.subjects] },
    guardrails: guardrails.map(({ untilMs, ...each }) => ({ ...each, until: timeOrNull(untilMs) })),
    history: history.map(({ atMs, ...entry }) => ({ ...entry, at: time(atMs) })),
  };
}

function toCandidate({ chains, reasons, ...candidate }: RankedHost): Schemas['RankedHost'] {
  return {
    ...candidate,
    reasons: [...reasons],
    ...(chains === undefined ? {} : { chains: [...chains] }),
  };
}

export function toDataWindow(data: DataWindow): Schemas['DataWindow'] {
  return {
    observedAt: time(data.observedAtMs),
    inventoryAgeMs: whole(data.inventoryAgeMs),
    oldestSampleAgeMs: whole(data.oldestSampleAgeMs),
  };
}

export function toOperation(operation: Operation): Schemas['Operation'] {
  const { id, decisionId, serverId, serverName, state, step, attempt, problem } = operation;
  const { createdAtMs, endedAtMs, nova, back, recovery, repath, chains, kind, work } = operation;
  return {
    id,
    kind,
    work,
    decisionId,
    serverId,
    serverName,
    sourceHostId: operation.from,
    destinationHostId: operation.to,
    state,
    step,
    attempt,
    createdAt: time(createdAtMs),
    updatedAt: time(operation.updatedAtMs),
    endedAt: timeOrNull(endedAtMs),
    durationMs: endedAtMs === null ? null : endedAtMs - createdAtMs,
    steps: operation.steps.map(({ name, startedAtMs, endedAtMs: stepEndedAtMs, ...each }) => ({
      name,
      startedAt: time(startedAtMs),
      endedAt: timeOrNull(stepEndedAtMs),
      outcome: each.outcome,
      detail: each.detail,
    })),
    nova: nova === null ? null : toNova(nova),
    earlierMoves: operation.earlierMoves.map(toNova),
    back: back === null ? null : toWayBack(back),
    recovery: recovery === null ? null : toRecovery(recovery),
    answers: operation.answers.map(({ kind, atMs, by }) => ({ kind, at: time(atMs), by })),
    progress: toProgress(operation),
    drain: operation.drain,
    effects: operation.effects === null ? null : toEffects(operation.effects),
    repath,
    chains: [...chains],
    problem,
  };
}

function toEffects({
  measuredFromMs,
  measuredToMs,
  ...effects
}: MoveEffects): NonNullable<Schemas['Operation']['effects']> {
  return { measuredFrom: time(measuredFromMs), measuredTo: time(measuredToMs), ...effects };
}

function toWayBack({
  atMs,
  by,
  reason,
  stage,
  nova,
}: WayBack): NonNullable<Schemas['Operation']['back']> {
  return { at: time(atMs), by, reason, stage, nova: nova === null ? null : toNova(nova) };
}

function toRecovery(recovery: Recovery): NonNullable<Schemas['Operation']['recovery']> {
  const { kind } = recovery;
  switch (recovery.kind) {
    case 'retry':
      return { kind, at: time(recovery.notBeforeMs), otherwise: null };
    case 'wait':
      return { kind, at: time(recovery.untilMs), otherwise: recovery.otherwise };
    case 'roll-back':
    case 'fail':
      return { kind, at: null, otherwise: null };
  }
}

function toProgress({ expected, nova }: Operation): NonNullable<Schemas['Operation']['progress']> {
  return {
    percent: nova === null ? null : copiedPercent(nova),
    expectedMs: expected?.expectedMs ?? null,
    lowMs: expected?.lowMs ?? null,
    highMs: expected?.highMs ?? null,
    expectedDowntimeMs: expected?.downtimeMs ?? null,
    method: expected?.method ?? null,
    converges: expected?.converges ?? null,
    actualMs: nova === null || nova.endedAtMs === null ? null : nova.endedAtMs - nova.requestedAtMs,
  };
}

function toNova({
  requestedAtMs,
  advancedAtMs,
  forcedAtMs,
  endedAtMs,
  ...nova
}: NovaMove): NonNullable<Schemas['NovaMove']> {
  return {
    ...nova,
    requestedAt: time(requestedAtMs),
    advancedAt: time(advancedAtMs),
    forcedAt: timeOrNull(forcedAtMs),
    endedAt: timeOrNull(endedAtMs),
  };
}
