import type { migration } from '@sidestep/contracts';
import { type Handlers, NotFound, type Principal } from '@sidestep/service-kit';
import type { Optimization } from '../domain/optimization.ts';
import type { AdvanceOptions } from '../usecases/optimise/advance-optimizations.ts';
import {
  approveOptimization,
  demandPlanAnswerer,
  type OptimizationOptions,
  requestOptimization,
  subjectOf,
  vetoOptimization,
} from '../usecases/optimise/request-optimization.ts';
import { ownSubject } from '../usecases/own-moves.ts';

export type OptimizationRoutes = OptimizationOptions &
  Pick<AdvanceOptions, 'expiryMs' | 'ledger'> & {
    /** A search waits, or moves do. */
    nudgeOptimizer(): void;
  };

type Operation =
  | 'requestOptimization'
  | 'listOptimizations'
  | 'getOptimization'
  | 'approveOptimization'
  | 'vetoOptimization';
type Schema = migration.components['schemas']['Optimization'];

const defaultLimit = 20;
const preset = {
  moveBudget: 20,
  timeLimitMs: 10_000,
  maxIterations: 20_000,
  maxRisk: 0.5,
  assumedDelayMs: 1,
};
const presetWeights = { delayMs: 1, risk: 10, move: 0.1 };

/** Global re-placement: search, look, approve or veto. */
export function optimizationHandlers(
  options: OptimizationRoutes,
): Pick<Handlers<migration.operations>, Operation> {
  const { ledger, optimizations } = options;
  /** Who sees only what concerns its own VNFs sees only their moves. */
  const seenBy = async (principal: Principal) => {
    const subject = await ownSubject(ledger, principal);
    const controls = await ledger.controls();
    return (optimization: Optimization): Optimization | undefined => {
      if (subject === null) return optimization;
      const { id, moves, result } = optimization;
      const own = moves.filter((move) => subjectOf(move, controls, id).owners.includes(subject));
      if (own.length === 0) return undefined;
      const told = result === null ? null : { ...result, chains: [], unimproved: [] };
      return { ...optimization, result: told, moves: own };
    };
  };
  const locationOf = ({ id }: Optimization) => ({ location: `/optimizations/${id}` });
  return {
    requestOptimization: async ({ body, principal }) => {
      const { chainIds, weights, seed, ...given } = body;
      const request = {
        ...preset,
        ...given,
        chainIds: chainIds ?? null,
        weights: { ...presetWeights, ...weights },
        seed: seed ?? null,
      };
      const made = await requestOptimization(options, { request, by: principal.name });
      options.nudgeOptimizer();
      return { status: 202, body: toOptimization(made), headers: locationOf(made) };
    },
    listOptimizations: async ({ query: { state, limit = defaultLimit, cursor }, principal }) => {
      const where = state === undefined ? {} : { state };
      const page = await optimizations.list(where, { limit, cursor });
      const seen = await seenBy(principal);
      const items = page.items.flatMap(({ value }) => {
        const part = seen(value);
        return part === undefined ? [] : [toOptimization(part)];
      });
      return { status: 200, body: { optimizations: items, nextCursor: page.nextCursor } };
    },
    getOptimization: async ({ params: { optimizationId }, principal }) => {
      const stored = await optimizations.get(optimizationId);
      const part = stored === undefined ? undefined : (await seenBy(principal))(stored.value);
      if (part === undefined) throw new NotFound('optimization', optimizationId);
      return { status: 200, body: toOptimization(part) };
    },
    approveOptimization: async ({ params: { optimizationId }, principal }) => {
      await demandPlanAnswerer(options, optimizationId, principal);
      const approved = await approveOptimization(options, optimizationId, principal.name);
      options.nudgeOptimizer();
      return { status: 202, body: toOptimization(approved), headers: locationOf(approved) };
    },
    vetoOptimization: async ({ params: { optimizationId }, body, principal }) => {
      await demandPlanAnswerer(options, optimizationId, principal);
      const given = { by: principal.name, reason: body.reason };
      const vetoed = await vetoOptimization(options, optimizationId, given);
      return { status: 200, body: toOptimization(vetoed) };
    },
  };
}

const time = (atMs: number) => new Date(atMs).toISOString();
const whole = (value: number | null) => (value === null ? null : Math.round(value));

function toOptimization(optimization: Optimization): Schema {
  const { createdAtMs, updatedAtMs, approvedAtMs, history, moves, request, result, ...same } =
    optimization;
  return {
    ...same,
    createdAt: time(createdAtMs),
    updatedAt: time(updatedAtMs),
    approvedAt: approvedAtMs === null ? null : time(approvedAtMs),
    request: {
      ...request,
      chainIds: request.chainIds === null ? null : [...request.chainIds],
    },
    result:
      result === null
        ? null
        : {
            modelVersion: result.modelVersion,
            fallback: result.fallback,
            searched: result.searched,
            iterations: result.iterations,
            outOfTime: result.outOfTime,
            before: result.before,
            after: result.after,
            observedAt: time(result.observedAtMs),
            inventoryAgeMs: whole(result.inventoryAgeMs),
            oldestSampleAgeMs: whole(result.oldestSampleAgeMs),
            durationMs: Math.round(result.durationMs),
            chains: [...result.chains],
            unimproved: [...result.unimproved],
          },
    moves: moves.map(
      ({
        tags: _tags,
        projectId: _project,
        aggregates: _aggregates,
        destinationRisk: _risk,
        ...move
      }) => ({
        ...move,
        predicted: move.predicted ?? null,
        crosses: [...(move.crosses ?? [])],
        chainIds: [...move.chainIds],
      }),
    ),
    history: history.map(({ atMs, ...entry }) => ({ ...entry, at: time(atMs) })),
  };
}
