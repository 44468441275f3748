import type { HostId } from '@sidestep/fleet';
import { type Policy, policyNamed } from '@sidestep/policies';
import type { Mode } from '../../domain/decision.ts';
import { type HostAlarms, silentHosts } from '../../domain/hosts/down-alarms.ts';
import { type Fencing, reportsAfter } from '../../domain/hosts/fencing.ts';
import {
  evacuatedIfOver,
  type HostIncident,
  isOpenIncident,
  nextWhileOpen,
  settleIncident,
} from '../../domain/hosts/host-incident.ts';
import { objectionTo, refreshed } from '../../domain/hosts/leaving.ts';
import { aggregatesOf, effectiveMode } from '../../domain/modes.ts';
import type { Operation } from '../../domain/operation.ts';
import type { FencingHook } from '../../ports/fencing.ts';
import { inRound } from '../in-round.ts';
import { type HostWorkOptions, operationsOf } from './advance-drain.ts';
import { hostLedger, incidentHoldWrite, incidentWrite } from './host-ledger.ts';
import { evidenceOf } from './open-incidents.ts';
import { type Placed, placeNext } from './place-next.ts';

export type IncidentLimits = {
  /** So often the hook is asked before somebody has to look. */
  hookTries: number;
  /** Wait after the hook's first failure, milliseconds; doubled after each. */
  hookRetryMs: number;
  /** May a server whose disk died with its host be made anew from its image, or is the storage shared? */
  localDisksMayBeRebuilt: boolean;
};

export type IncidentOptions = HostWorkOptions & {
  hook: FencingHook | null;
  incidents: IncidentLimits;
};

/** A sample may be under way so long, milliseconds, when its host is cut off. */
const sampleMarginMs = 5_000;
/** More states than these an incident does not pass in one look. */
const maxTurns = 6;

/** Brings an incident as far as it goes now, from what Nova, Monitoring and the records say. Harmless to repeat. */
export async function advanceIncident(incidentId: string, options: IncidentOptions): Promise<void> {
  for (let turn = 0; turn < maxTurns; turn++) {
    const stored = await hostLedger(options.ledger.records).incident(incidentId);
    if (stored === undefined || !isOpenIncident(stored.value)) return;
    const { value } = stored;
    const next = await advanced(value, options);
    if (next === value.state) return;
  }
}

async function advanced(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  switch (incident.state) {
    case 'open':
      return whileOpen(incident, options);
    case 'fencing':
      return askHook(incident, options);
    case 'fenced':
      return forceDown(incident, options);
    default:
      return evacuate(incident, options);
  }
}

type Change = (incident: HostIncident) => HostIncident;

/** Writes a change of an incident that is still in the state that it was read in; a terminal state lets the host go. */
async function changed(
  { id, state }: HostIncident,
  change: Change,
  { ledger, now }: Pick<IncidentOptions, 'ledger' | 'now'>,
): Promise<HostIncident['state']> {
  return inRound(ledger, async (round) => {
    const stored = await hostLedger(ledger.records).incident(id);
    if (stored === undefined || stored.value.state !== state) return state;
    const next = change(stored.value);
    if (JSON.stringify(next) === JSON.stringify(stored.value)) return state;
    await round.commit([
      incidentWrite({ ...next, updatedAtMs: now() }, stored.version),
      ...(isOpenIncident(next) ? [] : [await incidentHoldWrite(ledger.records, next.hostId, null)]),
    ]);
    return next.state;
  });
}

async function whileOpen(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { ledger, telemetry, hook, now } = options;
  const { hostId } = incident;
  const said = silentHosts(await telemetry.raisedAlarms()).get(hostId);
  const [found, mode, killSwitch] = await Promise.all([
    evidenceOf(hostId, said, options),
    modeOf(hostId, said, options),
    ledger.killSwitch(),
  ]);
  const evidence =
    found === null
      ? ({ nova: 'unknown', series: 'unknown' } as const)
      : { nova: found.nova, series: found.series };
  const same = (['nova', 'series'] as const).every(
    (key) => incident.evidence[key] === evidence[key],
  );
  const seen = { ...incident, evidence: same ? incident.evidence : { ...evidence, atMs: now() } };
  const step = nextWhileOpen(seen, {
    mode,
    hookConfigured: hook !== null,
    killSwitch: killSwitch.engaged,
    atMs: now(),
  });
  const entry = { atMs: now(), by: null };
  return changed(
    incident,
    (newest) => {
      const looked = { ...newest, evidence: seen.evidence };
      switch (step.do) {
        case 'recover':
          return settleIncident(looked, 'recovered', { ...entry, reason: `${hostId} is back` });
        case 'ask-hook':
          return settleIncident(looked, 'fencing', { ...entry, reason: 'the hook is asked' });
        case 'wait':
          return { ...looked, waitsFor: step.for };
      }
    },
    options,
  );
}

/** The mode in force for the host: by the alarms’ rules, by its aggregates, or for all. */
async function modeOf(
  hostId: HostId,
  said: HostAlarms | undefined,
  { ledger, telemetry, hook }: IncidentOptions,
): Promise<Mode> {
  const controls = await ledger.controls();
  // Without a hook nothing begins by itself, whatever the mode.
  if (hook === null || controls.modes.rules.length === 0) return controls.settings.mode;
  const { hosts } = await telemetry.inventory();
  const aggregates = aggregatesOf(hosts, [hostId]);
  const ruleIds = said?.ruleIds ?? [];
  return effectiveMode(controls.settings.mode, controls.modes.rules, {
    ruleIds,
    aggregates,
    serverId: null,
  }).mode;
}

async function askHook(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { hook, hosts, incidents, now } = options;
  const { hostId } = incident;
  const entry = () => ({ atMs: now(), by: null });
  if (hook === null) {
    const reason = 'no fencing hook is configured any more';
    return changed(
      incident,
      (newest) => settleIncident(newest, 'open', { ...entry(), reason }),
      options,
    );
  }
  if ((incident.hook.nextAtMs ?? 0) > now()) return 'fencing';
  const tries = incident.hook.tries + 1;
  // Counted before it is asked: one that kills us at each try is not asked for ever.
  const nextAtMs = now() + incidents.hookRetryMs * 2 ** (tries - 1);
  const begun = { tries, nextAtMs, outcome: incident.hook.outcome };
  await changed(incident, (newest) => ({ ...newest, hook: begun }), options);
  const reason = incident.history.at(-1)?.reason ?? 'the host is down';
  const answer = await hook.fence({ hostId, incidentId: incident.id, reason });
  if (answer.kind === 'fenced') {
    const { reportedAtMs } = await hosts.readService(hostId);
    const fencing: Fencing = {
      means: 'hook',
      confirmedBy: 'the fencing hook',
      reason: answer.detail,
      atMs: now(),
      reportedAtMs,
      forcing: false,
      forcedDownAtMs: null,
    };
    return changed(
      incident,
      (newest) => ({
        ...settleIncident(newest, 'fenced', { ...entry(), reason: answer.detail }),
        hook: { tries, nextAtMs: null, outcome: answer.detail },
        fencing,
      }),
      options,
    );
  }
  const outcome = `try ${tries}: ${answer.detail}`;
  if (tries < incidents.hookTries) {
    return changed(
      incident,
      (newest) => ({ ...newest, hook: { tries, nextAtMs, outcome }, waitsFor: 'the hook' }),
      options,
    );
  }
  const failure = `the fencing hook failed ${tries} times, at last: ${answer.detail}`;
  return changed(
    incident,
    (newest) => ({
      ...settleIncident(newest, 'open', { ...entry(), reason: failure }),
      hook: { tries, nextAtMs: null, outcome: failure },
    }),
    options,
  );
}

async function forceDown(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { hosts, ledger, now } = options;
  const { hostId, fencing } = incident;
  if (fencing === null) throw new Error(`incident ${incident.id} is fenced by nobody`);
  const contradiction = await lifeSince(incident, fencing, options);
  if (contradiction !== null) {
    return changed(
      incident,
      (newest) => ({
        ...settleIncident(newest, 'open', { atMs: now(), by: null, reason: contradiction }),
        fencing: null,
        hook: { ...newest.hook, nextAtMs: null, outcome: contradiction },
      }),
      options,
    );
  }
  const forcing = { ...fencing, forcing: true };
  await changed(incident, (newest) => ({ ...newest, fencing: forcing }), options);
  await hosts.setForcedDown(hostId, true);
  const [{ reportedAtMs }, { policy }] = await Promise.all([
    hosts.readService(hostId),
    ledger.settings(),
  ]);
  const atMs = now();
  return changed(
    incident,
    (newest) => ({
      ...settleIncident(newest, 'evacuating', {
        atMs,
        by: fencing.confirmedBy,
        reason: `forced down; fenced: ${fencing.reason}`,
      }),
      fencing: { ...forcing, reportedAtMs, forcedDownAtMs: atMs },
      policy,
    }),
    options,
  );
}

/** What says that a host that was fenced lives all the same; null where nothing does. */
async function lifeSince(
  { hostId }: HostIncident,
  fencing: Fencing,
  { hosts, telemetry, now }: IncidentOptions,
): Promise<string | null> {
  const [service, samples] = await Promise.all([
    hosts.readService(hostId),
    telemetry.newest('host.cpuPercent'),
  ]);
  if (reportsAfter(fencing, service)) {
    return `${hostId} has reported to Nova since it was fenced: it lives, and is not evacuated`;
  }
  const newest = samples.find(({ resource }) => resource === hostId);
  if (newest !== undefined && now() - newest.ageMs > fencing.atMs + sampleMarginMs) {
    return `${hostId} has sent samples since it was fenced: it lives, and is not evacuated`;
  }
  return null;
}

async function evacuate(
  incident: HostIncident,
  options: IncidentOptions,
): Promise<HostIncident['state']> {
  const { ledger, hosts, limits, incidents, meters, log, now } = options;
  const { hostId, fencing, id } = incident;
  if (fencing === null) throw new Error(`incident ${id} is fenced by nobody`);
  const [alive, service, residents] = await Promise.all([
    lifeSince(incident, fencing, options),
    hosts.readService(hostId),
    hosts.listServers(hostId),
  ]);
  const stopped = alive ?? (service.forcedDown ? null : `${hostId} is not forced down any more`);
  const objection = objectionTo('evacuate', incidents);
  const policy = policyOf(incident, (await ledger.settings()).policy);
  const result = await inRound(ledger, async (round) => {
    const newest = await hostLedger(ledger.records).incident(id);
    if (newest === undefined || newest.value.state !== 'evacuating') return null;
    const leavers = refreshed(newest.value.leavers, {
      residents,
      operations: await operationsOf(newest.value.leavers, ledger),
      objection: (resident) => stopped ?? objection(resident),
      limits: limits.leaving,
      atMs: now(),
    });
    const placed: Placed = await placeNext(
      {
        work: { kind: 'host-incident', id },
        kind: 'evacuate',
        hostId,
        policy,
        by: fencing.confirmedBy,
        reason: `host down, fenced: ${fencing.reason}`,
        maxConcurrentMoves: Number.POSITIVE_INFINITY,
        apart: false,
        leavers,
      },
      options,
    );
    const waiting = { ...newest.value, leavers: placed.leavers, waitsFor: placed.heldBack };
    const next = evacuatedIfOver(waiting, now());
    if (JSON.stringify(next) === JSON.stringify(newest.value)) return null;
    const value = { ...next, updatedAtMs: now() };
    await round.commit([
      ...placed.writes,
      incidentWrite(value, newest.version),
      ...(isOpenIncident(value) ? [] : [await incidentHoldWrite(ledger.records, hostId, null)]),
    ]);
    return { value, placed };
  });
  if (result === null) return 'evacuating';
  for (const { state } of result.placed.decided) meters.decided(state);
  await ledger.guard.noteHeldBack(result.placed.refusals);
  await told(result.placed.started, options);
  const { state } = result.value;
  if (state !== 'evacuating')
    log.info({ incidentId: id, hostId, state }, 'The evacuation has ended');
  return state;
}

async function told(
  started: readonly Operation[],
  { meters, wake }: IncidentOptions,
): Promise<void> {
  for (const operation of started) {
    meters.operationEntered('STARTING');
    await wake(operation);
  }
}

function policyOf({ id, policy }: HostIncident, inForce: string): Policy {
  const found = policyNamed(policy ?? inForce) ?? policyNamed(inForce);
  if (found === undefined) throw new Error(`incident ${id}: there is no policy ${policy}`);
  return found;
}
