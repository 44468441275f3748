import { randomUUID } from 'node:crypto';
import type { HostId } from '@sidestep/fleet';
import { type Log, ProblemError } from '@sidestep/service-kit';
import {
  type HostAlarms,
  namesOn,
  seriesAreDead,
  silentHosts,
} from '../../domain/hosts/down-alarms.ts';
import type { DownEvidence, HostIncident } from '../../domain/hosts/host-incident.ts';
import type { Hosts } from '../../ports/hosts.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { inRound } from '../in-round.ts';
import type { Ledger } from '../ledger.ts';
import { hostLedger, incidentHoldWrite, incidentWrite, maxRunning } from './host-ledger.ts';

export type OpenIncidentsOptions = {
  ledger: Ledger;
  hosts: Hosts;
  telemetry: Telemetry;
  log: Log;
  now(): number;
};

/**
 * Opens an incident for each host that Nova or all of its series say is down and that has none. Nova is asked again for
 * each: an alarm is as old as Monitoring's last look.
 */
export async function openIncidents(options: OpenIncidentsOptions): Promise<void> {
  const { ledger, telemetry } = options;
  const alarms = silentHosts(await telemetry.raisedAlarms());
  const known = hostLedger(ledger.records);
  for (const [hostId, said] of alarms) {
    if ((await known.incidentOf(hostId)) !== undefined) continue;
    if (said.seen) await openIncident(hostId, said, options);
  }
}

async function openIncident(
  hostId: HostId,
  said: HostAlarms,
  options: OpenIncidentsOptions,
): Promise<void> {
  const evidence = await evidenceOf(hostId, said, options);
  if (evidence === null || (evidence.nova !== 'down' && evidence.series !== 'dead')) return;
  if (await isSettled(hostId, said, options)) return;
  await openFor(hostId, evidence, options);
}

/** Writes the incident; null where the host has one already, or too many are open. */
export async function openFor(
  hostId: HostId,
  { nova, series, atMs }: DownEvidence,
  { ledger, log }: Pick<OpenIncidentsOptions, 'ledger' | 'log'>,
): Promise<HostIncident | null> {
  const opened = await inRound(ledger, async (round) => {
    const known = hostLedger(ledger.records);
    const [there, open] = await Promise.all([known.incidentOf(hostId), known.openIncidents()]);
    if (there !== undefined || open.length >= maxRunning) return null;
    const incident: HostIncident = {
      id: randomUUID(),
      hostId,
      state: 'open',
      createdAtMs: atMs,
      updatedAtMs: atMs,
      endedAtMs: null,
      evidence: { nova, series, atMs },
      hook: { tries: 0, nextAtMs: atMs, outcome: null },
      fencing: null,
      waitsFor: null,
      policy: null,
      leavers: [],
      releasedAtMs: null,
      history: [{ state: 'open', atMs, by: null, reason: `Nova: ${nova}; its series: ${series}` }],
    };
    await round.commit([
      incidentWrite(incident, 'absent'),
      await incidentHoldWrite(ledger.records, hostId, incident),
    ]);
    return incident;
  });
  if (opened !== null) log.warn({ hostId, incidentId: opened.id, nova, series }, 'A host is down');
  return opened;
}

/** What Nova and Monitoring say of a host now; null where Nova has no such host. */
export async function evidenceOf(
  hostId: HostId,
  said: HostAlarms | undefined,
  {
    hosts,
    telemetry,
    now,
  }: Pick<OpenIncidentsOptions, 'telemetry' | 'now'> & {
    hosts: Pick<Hosts, 'readService'>;
  },
) {
  try {
    const service = await hosts.readService(hostId);
    const series: DownEvidence['series'] =
      said?.silent !== true
        ? 'fresh'
        : (await areSeriesDead(hostId, telemetry))
          ? 'dead'
          : 'unknown';
    return { nova: service.state, series, atMs: now(), service };
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** Whether nothing of a host is heard; only what is of it is asked for, as of a large fleet all is megabytes. */
async function areSeriesDead(hostId: HostId, telemetry: Telemetry): Promise<boolean> {
  const inventory = await telemetry.inventory();
  const names = namesOn(hostId, inventory);
  const samples = await Promise.all([
    telemetry.newest('host.cpuPercent', names),
    telemetry.newest('server.cpuPercent', names),
  ]);
  return seriesAreDead(hostId, inventory, samples.flat());
}

/** Is this downness the one that the host's last incident was about? One that ended otherwise than well is not opened anew. */
async function isSettled(
  hostId: HostId,
  { raisedAtMs }: HostAlarms,
  { ledger }: Pick<OpenIncidentsOptions, 'ledger'>,
): Promise<boolean> {
  const [last] = (await hostLedger(ledger.records).incidents({ hostId }, { limit: 1 })).items;
  if (last === undefined || last.value.state === 'recovered') return false;
  return (last.value.endedAtMs ?? 0) >= raisedAtMs;
}
