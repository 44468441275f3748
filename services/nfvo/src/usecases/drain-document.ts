import { type Fence, type Problem, type Records, type Stored, update } from '@sidestep/service-kit';
import type { HopWork } from '../domain/hop-plan.ts';
import { allOf, kinds } from './documents.ts';
import type { RepathDocument } from './repath-document.ts';

/** One hop of a server that is drained. */
export type DrainHop = {
  readonly work: HopWork;
  readonly chainIds: readonly string[];
  /** `asked`: the group may have been told; `gone`: the hop was deleted meanwhile. */
  readonly state: 'pending' | 'asked' | 'drained' | 'kept' | 'restored' | 'gone';
  /** Why the server is kept in it. */
  readonly why: string | null;
  /** Milliseconds since the epoch; null until it was asked for. */
  readonly outSinceMs: number | null;
};

/** A server taken out of hops before a move, saved before each of its calls. */
export type DrainDocument = {
  readonly serverId: string;
  readonly state: 'running' | 'drained' | 'restored' | 'failed';
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly hops: readonly DrainHop[];
  readonly problem: Problem | null;
  readonly locks: readonly string[];
};

/** Drains that are not restored, oldest first. */
export function openDrains(
  records: Records,
  where: Record<string, string> = {},
): Promise<Stored<DrainDocument>[]> {
  return allOf<DrainDocument>(records, kinds.drain, { ...where, open: 'yes' });
}

/** Its hops that the server is, or may be, out of. */
export function hopsOut({ hops }: DrainDocument): DrainHop[] {
  return hops.filter(({ state }) => state === 'asked' || state === 'drained');
}

export async function saveDrain(
  records: Records,
  id: string,
  change: (last: DrainDocument | undefined) => DrainDocument,
  fence: Fence,
): Promise<DrainDocument> {
  const saved = await update<DrainDocument>(
    records,
    kinds.drain,
    id,
    (last) => {
      const value = change(last);
      const open = value.state !== 'restored';
      return { value, keys: { server: value.serverId, ...(open ? { open: 'yes' } : {}) } };
    },
    { fence },
  );
  if (saved === undefined) throw new Error(`drain ${id} was not saved`);
  return saved;
}

/** Ends the drains whose hops a finished re-render has put the server back into. */
export async function endDrains(
  records: Records,
  repath: Pick<RepathDocument, 'serverId' | 'hops'>,
  at: { readonly nowMs: number; readonly fence: Fence },
): Promise<void> {
  const rendered = new Set(repath.hops.map(({ work }) => work.groupId));
  for (const { id } of await openDrains(records, { server: repath.serverId })) {
    await saveDrain(
      records,
      id,
      (last) => {
        if (last === undefined) throw new Error(`drain ${id} has no record`);
        // A hop that was drained and not planned for was not there any more.
        const hops = last.hops.map((hop) =>
          hopsOut(last).includes(hop)
            ? ({ ...hop, state: rendered.has(hop.work.groupId) ? 'restored' : 'gone' } as const)
            : hop,
        );
        return { ...last, hops, state: 'restored', endedAtMs: at.nowMs, problem: null };
      },
      at.fence,
    );
  }
}
