import type { HostId } from '@sidestep/fleet';
import type { Stored } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import type { CrossingMove } from '../domain/link-slots.ts';
import type { Operation } from '../domain/operation.ts';

/** Hosts that a move in flight or proposed comes from or goes to, or that are held, each with why in words. */
export function occupancy(
  live: readonly Stored<Operation>[],
  standing: Iterable<Stored<Decision>>,
  held: ReadonlyMap<HostId, string> = new Map(),
): Map<HostId, string> {
  const occupied = new Map<HostId, string>(held);
  for (const { value } of live) {
    const move = inFlightInWords(value);
    occupied.set(value.from, move);
    occupied.set(value.to, move);
  }
  for (const { value } of standing) {
    if (value.state !== 'proposed' || value.destinationHostId === null) continue;
    const move = proposedInWords(value);
    occupied.set(value.hostId, move);
    occupied.set(value.destinationHostId, move);
  }
  return occupied;
}

/** The moves in flight or proposed that cross links. */
export function crossingMoves(
  live: readonly Stored<Operation>[],
  standing: Iterable<Stored<Decision>>,
): CrossingMove[] {
  const inFlight = live.map(({ value }) => ({
    crosses: value.crosses ?? [],
    words: inFlightInWords(value),
  }));
  const proposed = [...standing].flatMap(({ value }) =>
    value.state === 'proposed' && value.destinationHostId !== null
      ? [{ crosses: value.crosses ?? [], words: proposedInWords(value) }]
      : [],
  );
  return [...inFlight, ...proposed];
}

const inFlightInWords = ({ serverName, from, to }: Operation) =>
  `${serverName} moves from ${from} to ${to}`;
const proposedInWords = ({ serverName, hostId, destinationHostId }: Decision) =>
  `${serverName} is proposed to move from ${hostId} to ${destinationHostId}`;
