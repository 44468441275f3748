import { ProblemError, type Stored, type Write } from '@sidestep/service-kit';
import { isTerminal, type Operation } from '../../domain/operation.ts';
import { hostsTaken, type Slots } from '../../domain/traffic.ts';
import type { Ledger } from '../ledger.ts';
import { moveOf } from '../occupancy.ts';

/** Something that few operations may have at once: its key in Records, how many, and how it is called. */
type Place = { key: string; most: number; words: string };

/** The server for itself alone, a slot of each host, and one of each link where they are counted. */
export function placesOf(operation: Operation, { perHost, perLink }: Slots): Place[] {
  const { serverId, crosses = [] } = operation;
  return [
    { key: `server:${serverId}`, most: 1, words: `server ${serverId} is moved` },
    ...[...new Set(hostsTaken(moveOf(operation)))].map((hostId) => ({
      key: `host:${hostId}`,
      most: perHost,
      words: `host ${hostId} takes part in ${perHost} at once`,
    })),
    ...(perLink === null ? [] : [...new Set(crosses)]).map((link) => ({
      key: `link:${link}`,
      most: perLink ?? 0,
      words: `link ${link} carries ${perLink} at once`,
    })),
  ];
}

/**
 * The writes by which an operation takes its places, all or none: of two workers that read the same slots one is
 * refused by the version. Throws CONFLICT, naming who takes it, where one is full.
 */
export async function slotWrites(
  operation: Operation,
  slots: Slots,
  ledger: Ledger,
): Promise<Write[]> {
  const { id } = operation;
  const writes: Write[] = [];
  for (const { key, most, words } of placesOf(operation, slots)) {
    const held = await ledger.reservation(key);
    const known = held?.value.operationIds ?? [];
    if (known.includes(id)) continue;
    const going = (await stillGoing(known, ledger)).map((stored) => stored.id);
    if (going.length >= most) {
      throw new ProblemError('CONFLICT', `${words}: operation ${going.join(', ')}`);
    }
    const value = { operationIds: [...going, id] };
    writes.push({ kind: 'reservation', id: key, expected: held?.version ?? 'absent', value });
  }
  return writes;
}

/** The writes that give an ended operation's places back. */
export async function freedSlotWrites(operation: Operation, ledger: Ledger): Promise<Write[]> {
  const { id } = operation;
  const writes: Write[] = [];
  // Whatever the settings count now: a slot may be from before they were changed.
  for (const { key } of placesOf(operation, { perHost: 1, perLink: 1 })) {
    const held = await ledger.reservation(key);
    if (held === undefined || !held.value.operationIds.includes(id)) continue;
    const left = held.value.operationIds.filter((each) => each !== id);
    const value = left.length === 0 ? null : { operationIds: left };
    writes.push({ kind: 'reservation', id: key, expected: held.version, value });
  }
  return writes;
}

/** The other operations that took a place at the destination before this one, and go on. */
export async function earlierArrivals(
  { id, to }: Pick<Operation, 'id' | 'to'>,
  ledger: Ledger,
): Promise<Operation[]> {
  const held = await ledger.reservation(`host:${to}`);
  const ids = held?.value.operationIds ?? [];
  const before = ids.includes(id) ? ids.slice(0, ids.indexOf(id)) : ids;
  const going = await stillGoing(before, ledger);
  return going.flatMap(({ value }) => (value.to === to ? [value] : []));
}

async function stillGoing(ids: readonly string[], ledger: Ledger): Promise<Stored<Operation>[]> {
  const found = await Promise.all(ids.map((id) => ledger.operation(id)));
  return found.flatMap((stored) =>
    stored === undefined || isTerminal(stored.value.state) ? [] : [stored],
  );
}
