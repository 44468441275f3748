import { randomUUID } from 'node:crypto';
import type { HostId } from '@sidestep/fleet';
import { Conflict } from '@sidestep/service-kit';
import type { HostDrain } from '../../domain/hosts/host-drain.ts';
import { refreshed } from '../../domain/hosts/leaving.ts';
import type { Hosts } from '../../ports/hosts.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import { inRound } from '../in-round.ts';
import type { Ledger } from '../ledger.ts';
import { drainHoldWrite, drainWrite, hostLedger, maxRunning } from './host-ledger.ts';
import { liveObjections } from './movable-residents.ts';
import type { PlacingLimits } from './place-next.ts';

export type StartDrainOptions = {
  ledger: Ledger;
  hosts: Hosts;
  telemetry: Telemetry;
  limits: Pick<PlacingLimits, 'leaving' | 'rules'>;
  now(): number;
};

export type DrainRequest = {
  hostId: HostId;
  reason: string;
  by: string;
  policy: string;
  disableService: boolean;
  maxConcurrentMoves: number;
};

/**
 * Begins to empty a host. From this commit on nothing is moved to it, and the servers that cannot leave are named; the
 * host work goes on from the record.
 */
export async function startDrain(
  { ledger, hosts, telemetry, limits, now }: StartDrainOptions,
  request: DrainRequest,
): Promise<HostDrain> {
  const { hostId, reason, by, policy, disableService, maxConcurrentMoves } = request;
  const [service, residents] = await Promise.all([
    hosts.readService(hostId),
    hosts.listServers(hostId),
  ]);
  if (service.state !== 'up') {
    throw new Conflict(
      `${hostId} is down: it is evacuated (POST /hosts/${hostId}/fencing), not drained`,
    );
  }
  const objection = await liveObjections(hostId, { telemetry, rules: limits.rules });
  return inRound(ledger, async (round) => {
    const known = hostLedger(ledger.records);
    const [unreleased, incident, running] = await Promise.all([
      known.drainOf(hostId),
      known.incidentOf(hostId),
      known.runningDrains(),
    ]);
    if (unreleased !== undefined) {
      throw new Conflict(
        `${hostId} is held by host drain ${unreleased.id} (${unreleased.value.state})`,
      );
    }
    if (incident !== undefined) throw new Conflict(`${hostId} is part of incident ${incident.id}`);
    if (running.length >= maxRunning) throw new Conflict(`${maxRunning} hosts are being emptied`);
    const atMs = now();
    const drain: HostDrain = {
      id: randomUUID(),
      hostId,
      state: 'draining',
      reason,
      requestedBy: by,
      policy,
      maxConcurrentMoves,
      service: disableService ? 'to-disable' : 'not-asked',
      createdAtMs: atMs,
      updatedAtMs: atMs,
      endedAtMs: null,
      releasedAtMs: null,
      leavers: refreshed([], {
        residents,
        operations: new Map(),
        objection,
        limits: limits.leaving,
        atMs,
      }),
      heldBack: null,
      history: [{ state: 'draining', atMs, by, reason }],
    };
    await round.commit([
      drainWrite(drain, 'absent'),
      await drainHoldWrite(ledger.records, hostId, drain),
    ]);
    return drain;
  });
}
