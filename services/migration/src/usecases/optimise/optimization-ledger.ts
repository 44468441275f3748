import { type Records, type Stored, update, type Write } from '@sidestep/service-kit';
import { isSettled, type Optimization, type OptimizationState } from '../../domain/optimization.ts';
import type { PageQuery } from '../ledger.ts';

/** Optimizations in Records. */
export type OptimizationLedger = {
  get(id: string): Promise<Stored<Optimization> | undefined>;
  list(
    where: { state?: OptimizationState },
    page: PageQuery,
  ): Promise<{ items: Stored<Optimization>[]; nextCursor: string | null }>;
  /** Those that something is still to be done for, oldest first. */
  open(): Promise<Stored<Optimization>[]>;
  /** Forgets the oldest settled ones beyond what is kept. */
  prune(): Promise<void>;
};

const kind = 'optimization';
/** Settled ones that are kept. */
export const maxKept = 100;
/** Open ones at a time: a request beyond is refused. */
export const maxOpen = 16;

export function optimizationLedger(records: Records): OptimizationLedger {
  return {
    get: (id) => records.get<Optimization>(kind, id),
    list: (where, page) => records.list<Optimization>(kind, { where: { ...where }, ...page }),
    open: async () => {
      const where = { open: 'yes' };
      const limit = maxOpen * 2;
      return (await records.list<Optimization>(kind, { where, order: 'oldest', limit })).items;
    },
    prune: async () => {
      const where = { open: 'no' };
      const kept = await records.list<Optimization>(kind, { where, limit: maxKept });
      if (kept.nextCursor === null) return;
      const { items } = await records.list<Optimization>(kind, {
        where,
        limit: maxKept,
        cursor: kept.nextCursor,
      });
      await records.commit(
        items.map(({ id, version }) => ({ kind, id, expected: version, value: null })),
      );
    },
  };
}

const keysOf = ({ state }: Optimization) => ({ state, open: isSettled(state) ? 'no' : 'yes' });

export function optimizationWrite(optimization: Optimization, expected: Write['expected']): Write {
  const { id } = optimization;
  return { kind, id, expected, value: optimization, keys: keysOf(optimization) };
}

/** Changes one by what is stored now, whoever else writes; answers what is stored then. */
export async function changeOptimization(
  records: Records,
  id: string,
  change: (optimization: Optimization | undefined) => Optimization,
): Promise<Optimization> {
  const changed = await update<Optimization>(records, kind, id, (known) => {
    const value = change(known);
    return { value, keys: keysOf(value) };
  });
  if (changed === undefined) throw new Error(`optimization ${id} is gone`);
  return changed;
}
