import { ProblemError } from '@sidestep/service-kit';
import type { LoadEffect, MoveEffects, Operation } from '../../domain/operation.ts';
import type { StepContext } from './step.ts';

const hostMetric = 'host.cpuPercent';
const serverMetric = 'server.cpuPercent';

/**
 * The source's relief and the destination's load: as long before the call as since the settling began. And whether the
 * server's samples come from its new place. No move fails for want of a figure.
 */
export async function moveEffects(
  operation: Operation,
  sinceMs: number,
  { telemetry, limits, now, log }: Pick<StepContext, 'telemetry' | 'limits' | 'now' | 'log'>,
): Promise<MoveEffects> {
  const { from, to, serverId, serverName } = operation;
  const toMs = now();
  const calledMs = operation.intent?.atMs ?? operation.createdAtMs;
  const effects = (
    source: LoadEffect,
    destination: LoadEffect,
    serverMetrics: MoveEffects['serverMetrics'],
  ): MoveEffects => ({
    measuredFromMs: sinceMs,
    measuredToMs: toMs,
    source,
    destination,
    sourceReliefPercent: less(source.cpuPercentBefore, source.cpuPercentAfter),
    destinationRisePercent: less(destination.cpuPercentAfter, destination.cpuPercentBefore),
    serverMetrics,
  });
  try {
    const [before, after, own] = await Promise.all([
      telemetry.means(hostMetric, [from, to], calledMs - limits.settleMs, calledMs),
      telemetry.means(hostMetric, [from, to], sinceMs, toMs),
      // From inside it reports under its UUID or, where cloud-init names it so, its name.
      telemetry.means(serverMetric, [serverId, serverName], sinceMs, toMs),
    ]);
    const load = (hostId: string): LoadEffect => ({
      cpuPercentBefore: before.get(hostId) ?? null,
      cpuPercentAfter: after.get(hostId) ?? null,
    });
    const flowing = [serverId, serverName].some((name) => (own.get(name) ?? null) !== null);
    return effects(load(from), load(to), flowing ? 'flowing' : 'silent');
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    log.warn({ operationId: operation.id, error: error.message }, 'The hosts were not measured');
    const unknown: LoadEffect = { cpuPercentBefore: null, cpuPercentAfter: null };
    return effects(unknown, unknown, 'unknown');
  }
}

function less(from: number | null, to: number | null): number | null {
  return from === null || to === null ? null : from - to;
}
