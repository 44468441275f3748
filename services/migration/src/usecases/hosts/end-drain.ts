import type { HostId } from '@sidestep/fleet';
import { Conflict, NotFound } from '@sidestep/service-kit';
import {
  type HostDrain,
  isRunning,
  releasedDrain,
  settleDrain,
} from '../../domain/hosts/host-drain.ts';
import type { Hosts } from '../../ports/hosts.ts';
import { inRound } from '../in-round.ts';
import type { Ledger } from '../ledger.ts';
import { drainHoldWrite, drainWrite, hostLedger } from './host-ledger.ts';

type Needs = { ledger: Ledger; now(): number };

/** Stops a drain: nothing more is begun, what Nova has not been asked for is not asked; what moves goes on to its end. */
export async function cancelDrain(
  { ledger, now }: Needs,
  drainId: string,
  who: { by: string; reason: string },
): Promise<HostDrain> {
  return inRound(ledger, async (round) => {
    const stored = await hostLedger(ledger.records).drain(drainId);
    if (stored === undefined) throw new NotFound('host drain', drainId);
    const { value, version } = stored;
    if (value.state === 'cancelling') return value;
    if (!isRunning(value)) throw new Conflict(`Host drain ${drainId} is ${value.state} already`);
    const cancelling = settleDrain(value, 'cancelling', { atMs: now(), ...who });
    await round.commit([drainWrite(cancelling, version)]);
    return cancelling;
  });
}

/**
 * Gives a host back after its drain: its compute service is enabled again if it was the drain that disabled it, and the
 * host may be a destination. Nova is told first: a host that it does not take back stays held.
 */
export async function releaseDrain(
  { ledger, hosts, now }: Needs & { hosts: Hosts },
  hostId: HostId,
  by: string,
): Promise<HostDrain> {
  const known = hostLedger(ledger.records);
  const found = await known.drainOf(hostId);
  if (found === undefined) throw new NotFound('drain of host', hostId);
  if (isRunning(found.value)) {
    throw new Conflict(`Host drain ${found.id} is ${found.value.state}: cancel it first`);
  }
  const enable = found.value.service === 'disabled';
  if (enable) await hosts.setEnabled(hostId, true, '');
  return inRound(ledger, async (round) => {
    const stored = await known.drain(found.id);
    if (stored === undefined) throw new NotFound('host drain', found.id);
    const service = enable ? 'enabled' : stored.value.service;
    const released = releasedDrain(stored.value, service, by, now());
    await round.commit([
      drainWrite(released, stored.version),
      await drainHoldWrite(ledger.records, hostId, null),
    ]);
    return released;
  });
}
