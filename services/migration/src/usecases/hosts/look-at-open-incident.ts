import type { HostId } from '@sidestep/fleet';
import type { Mode } from '../../domain/decision.ts';
import { type HostAlarms, silentHosts } from '../../domain/hosts/down-alarms.ts';
import {
  type HostIncident,
  nextWhileOpen,
  settleIncident,
} from '../../domain/hosts/host-incident.ts';
import { aggregatesOf, effectiveMode } from '../../domain/modes.ts';
import { changed, type IncidentOptions } from './change-incident.ts';
import { evidenceOf } from './open-incidents.ts';

/** Is the host back, is the hook to be asked, or who is waited for? */
export async function lookAtOpenIncident(
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
