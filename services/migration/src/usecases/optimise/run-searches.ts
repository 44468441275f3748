import type { Log, Records, Stored } from '@sidestep/service-kit';
import {
  hostsInMaintenance,
  hostsWithoutBudget,
  restingServers,
} from '../../domain/guardrails/left-alone.ts';
import type { MoveRules } from '../../domain/movability.ts';
import { type Optimization, settleOptimization } from '../../domain/optimization.ts';
import type { OptimizationOutcome, Optimizer } from '../../ports/optimizer.ts';
import { hostLedger } from '../hosts/host-ledger.ts';
import type { Ledger } from '../ledger.ts';
import { placedMoves } from '../occupancy.ts';
import { changeOptimization, type OptimizationLedger } from './optimization-ledger.ts';

export type RunSearchesOptions = {
  records: Records;
  ledger: Ledger;
  optimizations: OptimizationLedger;
  optimizer: Optimizer;
  now(): number;
  log: Log;
  /** Of this process: only one at a time searches. */
  worker: string;
  limits: {
    triggerMetrics: ReadonlySet<string>;
    maxInventoryAgeMs: number;
    rules: MoveRules;
  };
};

const lease = 'optimizer';
/** What a search may take beyond its own limit for reading and telling, milliseconds. */
const aroundMs = 60_000;

/** Makes the searches that wait, one after another; what a process that died had begun is begun anew. */
export async function runSearches(options: RunSearchesOptions, signal: AbortSignal): Promise<void> {
  const { optimizations, records, worker } = options;
  for (const stored of await waiting(optimizations)) {
    if (signal.aborted) return;
    const ttlMs = stored.value.request.timeLimitMs + 2 * aroundMs;
    const fence = await records.acquireLease(lease, worker, ttlMs);
    if (fence === undefined) return;
    try {
      await runSearch(options, stored.value, signal);
    } finally {
      await records.releaseLease(fence);
    }
  }
  await optimizations.prune();
}

async function waiting(optimizations: OptimizationLedger): Promise<Stored<Optimization>[]> {
  return (await optimizations.open()).filter(({ value }) => value.state === 'computing');
}

async function runSearch(
  options: RunSearchesOptions,
  { id, request }: Optimization,
  signal: AbortSignal,
): Promise<void> {
  const { ledger, limits, log, now, optimizer, records } = options;
  const [live, standing, kept, facts] = await Promise.all([
    ledger.live(),
    ledger.standing(),
    hostLedger(records).held(),
    ledger.guard.facts(now()),
  ]);
  const windowed = facts.windows.flatMap(({ hostId }) => hostId ?? []);
  const moves = placedMoves(
    live,
    standing.map(({ decision }) => decision),
  );
  // The search starts from where everybody is: a host that is about to change is left out of it, whatever its slots.
  const moving = moves.flatMap(({ from, to, words }) => [
    [from, words] as const,
    [to, words] as const,
  ]);
  const limit = AbortSignal.timeout(request.timeLimitMs + aroundMs);
  const outcome = await optimizer.search(
    {
      request,
      held: [
        ...kept,
        ...hostsInMaintenance(facts, windowed),
        ...hostsWithoutBudget(facts),
        ...moving,
      ],
      resting: [...restingServers(facts)],
      rules: limits.rules,
      triggerMetrics: [...limits.triggerMetrics],
      maxInventoryAgeMs: limits.maxInventoryAgeMs,
    },
    AbortSignal.any([signal, limit]),
  );
  // The next process makes it anew.
  if (signal.aborted) return;
  await changeOptimization(records, id, (known) => {
    if (known === undefined) throw new Error(`optimization ${id} is gone`);
    return known.state === 'computing' ? withOutcome(known, outcome, now()) : known;
  });
  log.info({ optimizationId: id, outcome: outcome.kind }, 'An optimization was searched');
}

function withOutcome(
  optimization: Optimization,
  outcome: OptimizationOutcome,
  atMs: number,
): Optimization {
  if (outcome.kind === 'failed') {
    const reason = outcome.problem.detail;
    const failed = settleOptimization(optimization, 'failed', { atMs, by: null, reason });
    return { ...failed, problem: outcome.problem };
  }
  const { moves, result } = outcome;
  const to = moves.length === 0 ? 'nothing' : 'proposed';
  const settled = settleOptimization(optimization, to, { atMs, by: null, reason: null });
  return { ...settled, result, moves };
}
