import { randomUUID } from 'node:crypto';
import { seedOf } from '@sidestep/fleet';
import { Conflict, NotFound, type Records } from '@sidestep/service-kit';
import {
  newOptimization,
  type Optimization,
  type OptimizationRequest,
  settleOptimization,
} from '../../domain/optimization.ts';
import {
  changeOptimization,
  maxOpen,
  type OptimizationLedger,
  optimizationWrite,
} from './optimization-ledger.ts';

export type OptimizationOptions = {
  records: Records;
  optimizations: OptimizationLedger;
  now(): number;
};

/** Notes that a search is wanted; the service gets to it by itself, after a restart too. */
export async function requestOptimization(
  { records, optimizations, now }: OptimizationOptions,
  given: { request: Omit<OptimizationRequest, 'seed'> & { seed: number | null }; by: string },
): Promise<Optimization> {
  const open = await optimizations.open();
  if (open.length >= maxOpen) {
    throw new Conflict(`${open.length} optimizations are open: approve or veto some first`);
  }
  const id = randomUUID();
  const request = { ...given.request, seed: given.request.seed ?? seedOf(id) };
  const optimization = newOptimization({ id, request, requestedBy: given.by }, now());
  await records.commit([optimizationWrite(optimization, 'absent')]);
  return optimization;
}

/** Lets a proposal's moves be made; each is decided, guarded and carried out like any other when its turn comes. */
export function approveOptimization(
  options: OptimizationOptions & { expiryMs: number },
  id: string,
  by: string,
): Promise<Optimization> {
  return answered(options, id, (optimization) => {
    const atMs = options.now();
    if (optimization.state !== 'proposed') throw notProposed(optimization);
    if (atMs - optimization.updatedAtMs >= options.expiryMs) {
      throw new Conflict(`Optimization ${id} has expired: its data is too old`);
    }
    return {
      ...settleOptimization(optimization, 'approved', { atMs, by, reason: null }),
      approvedBy: by,
      approvedAtMs: atMs,
      moves: optimization.moves.map((move) => ({ ...move, state: 'waiting' })),
    };
  });
}

/** Refuses a proposal, or a search that still runs. */
export function vetoOptimization(
  options: OptimizationOptions,
  id: string,
  { by, reason }: { by: string; reason: string },
): Promise<Optimization> {
  return answered(options, id, (optimization) => {
    const { state } = optimization;
    if (state !== 'proposed' && state !== 'computing') throw notProposed(optimization);
    return settleOptimization(optimization, 'vetoed', { atMs: options.now(), by, reason });
  });
}

const notProposed = ({ id, state }: Optimization) =>
  new Conflict(`Optimization ${id} is ${state}, not proposed`);

function answered(
  { records }: OptimizationOptions,
  id: string,
  change: (optimization: Optimization) => Optimization,
): Promise<Optimization> {
  return changeOptimization(records, id, (known) => {
    if (known === undefined) throw new NotFound('optimization', id);
    return change(known);
  });
}
