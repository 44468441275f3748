import type { HostId } from '@sidestep/fleet';
import type { Stored } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import type { Operation } from '../domain/operation.ts';

/** Hosts that a move in flight or proposed comes from or goes to, or that are held, each with why in words. */
export function occupancy(
  live: readonly Stored<Operation>[],
  standing: Iterable<Stored<Decision>>,
  held: ReadonlyMap<HostId, string> = new Map(),
): Map<HostId, string> {
  const occupied = new Map<HostId, string>(held);
  for (const { value } of live) {
    const move = `${value.serverName} moves from ${value.from} to ${value.to}`;
    occupied.set(value.from, move);
    occupied.set(value.to, move);
  }
  for (const { value } of standing) {
    if (value.state !== 'proposed' || value.destinationHostId === null) continue;
    const move = `${value.serverName} is proposed to move from ${value.hostId} to ${value.destinationHostId}`;
    occupied.set(value.hostId, move);
    occupied.set(value.destinationHostId, move);
  }
  return occupied;
}
