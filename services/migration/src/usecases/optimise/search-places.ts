import { chainsOf, type FleetView, serverOf, topologyOf } from '@sidestep/fleet';
import { type ReplacementProposal, startReplacement } from '@sidestep/policies';
import { ProblemError } from '@sidestep/service-kit';
import { predictedInTurn } from '../../domain/effects.ts';
import { crossedLinks } from '../../domain/link-slots.ts';
import { aggregatesOf } from '../../domain/modes.ts';
import type { OptimizationResult, PlannedMove } from '../../domain/optimization.ts';
import { replacementProblem, riskGridPercent } from '../../domain/replacement-problem.ts';
import type { OptimizationOrder, OptimizationOutcome } from '../../ports/optimizer.ts';
import { gather, hotHosts, type Readings } from '../gather.ts';

/** Chains told of beside those whose delay changes, the slowest first. */
const slowestTold = 100;
/** How long is worked between two looks at whether to stop, milliseconds. */
const sliceMs = 20;

export type SearchSources = Readings & {
  /** Lets others have a turn. */
  yieldTurn(): Promise<void>;
};

/** Reads the fleet, searches until the rounds or the time are used up, and tells what was found. */
export async function searchPlaces(
  sources: SearchSources,
  order: OptimizationOrder,
  signal: AbortSignal,
): Promise<OptimizationOutcome> {
  try {
    return await search(sources, order, signal);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { kind: 'failed', problem: { code: error.code, detail: error.message } };
  }
}

async function search(
  sources: SearchSources,
  order: OptimizationOrder,
  signal: AbortSignal,
): Promise<OptimizationOutcome> {
  const { forecasts, now, telemetry } = sources;
  const { request } = order;
  const startedAtMs = now();
  const [situation, alarms] = await Promise.all([gather(sources), telemetry.raisedAlarms()]);
  const { view, inventoryAgeMs, oldestSampleAgeMs } = situation;
  if (inventoryAgeMs === null || inventoryAgeMs > order.maxInventoryAgeMs) {
    throw new ProblemError('UNAVAILABLE', 'The inventory is too old to plan moves by');
  }
  const unknown = (request.chainIds ?? []).filter((id) => !view.chains.some((c) => c.id === id));
  if (unknown.length > 0) {
    throw new ProblemError('UNPROCESSABLE', `There is no chain ${unknown.join(', ')}`);
  }
  const hostIds = view.hosts.map(({ id }) => id);
  const { curves, modelVersion, fallback } = await forecasts.riskCurves(hostIds, riskGridPercent);
  const problem = replacementProblem({
    view,
    risks: curves,
    alarmed: new Set(hotHosts(alarms, new Set(order.triggerMetrics)).keys()),
    held: new Map(order.held),
    resting: new Map(order.resting),
    rules: order.rules,
    chainIds: request.chainIds,
  });
  const replacement = startReplacement(problem, request);
  const stopAtMs = now() + request.timeLimitMs;
  let more = true;
  for (let turnEndsMs = now() + sliceMs; more && now() < stopAtMs && !signal.aborted; ) {
    more = replacement.work();
    if (now() < turnEndsMs) continue;
    await sources.yieldTurn();
    turnEndsMs = now() + sliceMs;
  }
  const proposal = replacement.proposal();
  const result: OptimizationResult = {
    observedAtMs: view.atMs,
    inventoryAgeMs,
    oldestSampleAgeMs,
    modelVersion,
    fallback,
    searched: {
      hosts: problem.hosts.length,
      servers: problem.servers.length,
      chains: problem.chains.length,
    },
    iterations: proposal.iterations,
    durationMs: now() - startedAtMs,
    outOfTime: more,
    before: proposal.before,
    after: proposal.after,
    chains: chainsTold(proposal),
    unimproved: proposal.unimproved,
  };
  return { kind: 'found', result, moves: planned(proposal.moves, view) };
}

function chainsTold({ chains }: ReplacementProposal): ReplacementProposal['chains'] {
  const changed = chains.filter(({ beforeMs, afterMs }) => beforeMs !== afterMs);
  const slowest = chains
    .filter(({ beforeMs, afterMs }) => beforeMs === afterMs)
    .toSorted((a, b) => b.afterMs - a.afterMs)
    .slice(0, slowestTold);
  return [...changed, ...slowest];
}

function planned(moves: ReplacementProposal['moves'], view: FleetView): PlannedMove[] {
  const topology = topologyOf(view.links);
  const effects = predictedInTurn(moves, view);
  const open = { state: 'proposed', why: null, decisionId: null, operationId: null } as const;
  return moves.map((move, at) => ({
    ...move,
    ...open,
    chainIds: chainsOf(view, move.serverId).map(({ id }) => id),
    tags: serverOf(view, move.serverId)?.tags ?? [],
    projectId: serverOf(view, move.serverId)?.projectId,
    aggregates: aggregatesOf(view.hosts, [move.from, move.to]),
    crosses: crossedLinks(topology, move.from, move.to),
    predicted: effects[at] ?? null,
  }));
}
