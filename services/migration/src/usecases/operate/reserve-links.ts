import { ProblemError, type Write } from '@sidestep/service-kit';
import { isTerminal, type Operation } from '../../domain/operation.ts';
import type { Ledger } from '../ledger.ts';

/**
 * The writes by which an operation takes a slot of each link that it crosses, all or none: of two workers that read the
 * same slots one is refused by the version. Throws CONFLICT, naming who takes it, where a link is full.
 */
export async function linkWrites(
  { id, crosses = [] }: Operation,
  slots: number | null,
  ledger: Ledger,
): Promise<Write[]> {
  if (slots === null) return [];
  const writes: Write[] = [];
  for (const link of new Set(crosses)) {
    const held = await ledger.linkReservation(link);
    const known = held?.value.operationIds ?? [];
    if (known.includes(id)) continue;
    const going = await stillGoing(known, ledger);
    if (going.length >= slots) {
      const detail = `link ${link} carries ${slots} at once: operation ${going.join(', ')}`;
      throw new ProblemError('CONFLICT', detail);
    }
    const value = { operationIds: [...going, id] };
    writes.push({ kind: 'link-reservation', id: link, expected: held?.version ?? 'absent', value });
  }
  return writes;
}

/** The writes that give an ended operation's slots back. */
export async function freedLinkWrites(
  { id, crosses = [] }: Operation,
  ledger: Ledger,
): Promise<Write[]> {
  const writes: Write[] = [];
  for (const link of new Set(crosses)) {
    const held = await ledger.linkReservation(link);
    if (held === undefined || !held.value.operationIds.includes(id)) continue;
    const left = held.value.operationIds.filter((each) => each !== id);
    const value = left.length === 0 ? null : { operationIds: left };
    writes.push({ kind: 'link-reservation', id: link, expected: held.version, value });
  }
  return writes;
}

async function stillGoing(ids: readonly string[], ledger: Ledger): Promise<string[]> {
  const found = await Promise.all(ids.map((id) => ledger.operation(id)));
  return found.flatMap((stored) =>
    stored === undefined || isTerminal(stored.value.state) ? [] : [stored.id],
  );
}
