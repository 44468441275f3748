import { randomUUID } from 'node:crypto';
import { seedOf } from '@sidestep/fleet';
import {
  Conflict,
  NotFound,
  type Principal,
  ProblemError,
  type Records,
} from '@sidestep/service-kit';
import type { Decision } from '../../domain/decision.ts';
import { ownersOf } from '../../domain/modes.ts';
import {
  newOptimization,
  type Optimization,
  type OptimizationRequest,
  type PlannedMove,
  settleOptimization,
} from '../../domain/optimization.ts';
import type { Controls, Ledger } from '../ledger.ts';
import { answerFault } from '../own-moves.ts';
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

/** Refuses whoever may not answer one of the moves by itself. */
export async function demandPlanAnswerer(
  { ledger, optimizations }: { ledger: Ledger; optimizations: OptimizationLedger },
  id: string,
  principal: Principal,
): Promise<void> {
  const [stored, controls] = await Promise.all([optimizations.get(id), ledger.controls()]);
  for (const move of stored?.value.moves ?? []) {
    const fault = answerFault(subjectOf(move, controls, id), controls, principal);
    if (fault !== undefined) {
      throw new ProblemError('FORBIDDEN', `The move of ${move.serverName}: ${fault.message}`);
    }
  }
}

/** What modes and owners are looked up by. */
export function subjectOf(
  { aggregates, serverId, tags, projectId }: PlannedMove,
  controls: Controls,
  optimizationId: string,
): Pick<Decision, 'owners' | 'trigger' | 'aggregates' | 'serverId'> {
  return {
    serverId,
    aggregates,
    owners: ownersOf({ id: serverId, tags, projectId }, controls.owners.owners),
    trigger: {
      kind: 'optimization',
      alarmIds: [],
      ruleIds: [],
      requestedBy: null,
      raisedAtMs: null,
      optimizationId,
    },
  };
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
