import { type Clock, type Log, NotFound, ProblemError } from '@sidestep/service-kit';
import { correctedMs, fitCosts, type MoveExperience } from '../domain/cost-regression.ts';
import {
  type MoveAssumptions,
  type MoveLoads,
  preCopyConditions,
  preCopyCost,
} from '../domain/pre-copy-cost.ts';
import { tickOf } from '../domain/ticks.ts';
import type { Documents } from '../ports/documents.ts';
import type { FinishedMove, OwnMovesSource } from '../ports/own-moves-source.ts';
import type { Telemetry } from '../ports/telemetry.ts';

export type CostDeps = {
  clock: Clock;
  log: Log;
  tickMs: number;
  assumptions: MoveAssumptions;
  telemetry: Pick<Telemetry, 'readSamples' | 'readInventory'>;
  ownMoves: OwnMovesSource;
  documents: Pick<Documents, 'listExperiences' | 'saveExperience' | 'getExperience'>;
};

/** What a live migration would take, and what that rests on. */
export type MigrationCost = {
  method: 'pre-copy-formula' | 'regression';
  expectedMs: number;
  /** Null for the formula. */
  lowMs: number | null;
  highMs: number | null;
  downtimeMs: number;
  trafficMiB: number;
  converges: boolean;
  operations: number;
  conditions: ReturnType<typeof preCopyConditions>;
  loads: MoveLoads;
};

/** Loads are the mean of this long before the moment. */
const loadsOverMs = 60_000;
/** The newest operations teach; the network of years ago does not. */
const mostOperations = 500;
/** How far back operations are asked for. */
const lookBackMs = 90 * 86_400_000;

const metrics = [
  'host.cpuPercent',
  'host.netTxBytesPerSecond',
  'host.netRxBytesPerSecond',
  'server.cpuPercent',
  'server.memPercent',
] as const;

/** Estimates a move as things stand; throws while Monitoring is away. */
export async function estimateCost(
  deps: CostDeps,
  asked: { serverId: string; from: string; to: string },
): Promise<MigrationCost> {
  const { hosts, servers } = await deps.telemetry.readInventory();
  const server = servers.find(({ id }) => id === asked.serverId);
  if (server === undefined) throw new NotFound('server', asked.serverId);
  for (const hostId of [asked.from, asked.to])
    if (!hosts.some(({ id }) => id === hostId)) throw new NotFound('host', hostId);
  if (asked.from === asked.to)
    throw new ProblemError('UNPROCESSABLE', 'The server would not move', {
      errors: [{ pointer: '/body/to', detail: 'is the host that it comes from' }],
    });
  const loads = await loadsAt(deps, asked, deps.clock.now());
  const conditions = preCopyConditions(server, loads, deps.assumptions);
  if (server.hostId !== asked.from)
    conditions.notes.push(`the server is on ${server.hostId ?? 'no host'} now`);
  const formula = preCopyCost(conditions);
  const experiences = await deps.documents.listExperiences(mostOperations);
  const regression = fitCosts(experiences);
  const common = {
    downtimeMs: formula.downtimeMs,
    trafficMiB: formula.trafficMiB,
    converges: formula.converges,
    conditions,
    loads,
  };
  if (regression === 'too-few')
    return {
      ...common,
      method: 'pre-copy-formula',
      expectedMs: formula.totalMs,
      lowMs: null,
      highMs: null,
      operations: experiences.length,
    };
  return {
    ...common,
    method: 'regression',
    ...correctedMs(regression, formula.totalMs, { ...loads, memoryMiB: conditions.memoryMiB }),
    operations: regression.operations,
  };
}

/** Keeps of each finished operation what a regression needs, once; the loads of that time are soon rolled up. */
export async function learnFromOperations(deps: CostDeps): Promise<void> {
  const moves = await deps.ownMoves.finishedSince(deps.clock.now() - lookBackMs);
  const { servers } = await deps.telemetry.readInventory();
  for (const move of moves.slice(-mostOperations)) {
    if ((await deps.documents.getExperience(move.operationId)) !== undefined) continue;
    const server = servers.find(({ id }) => id === move.serverId);
    const experience = await experienceOf(deps, move, server);
    if (experience !== 'unknown') await deps.documents.saveExperience(experience);
  }
}

async function experienceOf(
  deps: CostDeps,
  move: FinishedMove,
  server: { ramMiB: number; vcpus: number } | undefined,
): Promise<MoveExperience | 'unknown'> {
  const ramMiB = move.memoryMiB ?? server?.ramMiB;
  if (ramMiB === undefined) return 'unknown';
  const asked = { serverId: move.serverId, from: move.sourceHostId, to: move.destinationHostId };
  const loads = await loadsAt(deps, asked, move.startedAtMs);
  const conditions = preCopyConditions(
    { ramMiB, vcpus: server?.vcpus ?? 1 },
    loads,
    deps.assumptions,
  );
  return {
    operationId: move.operationId,
    endedAtMs: move.endedAtMs,
    actualMs: move.endedAtMs - move.startedAtMs,
    formulaMs: preCopyCost(conditions).totalMs,
    memoryMiB: conditions.memoryMiB,
    fromCpuPercent: loads.fromCpuPercent,
    toCpuPercent: loads.toCpuPercent,
  };
}

async function loadsAt(
  { telemetry, tickMs }: CostDeps,
  { serverId, from, to }: { serverId: string; from: string; to: string },
  atMs: number,
): Promise<MoveLoads> {
  const toMs = tickOf(atMs, tickMs);
  const samples = await telemetry.readSamples({
    fromMs: toMs - Math.max(tickMs, tickOf(loadsOverMs, tickMs)),
    toMs,
    tickMs,
    metrics,
    resources: [from, to, serverId],
  });
  const mean = (resource: string, metric: (typeof metrics)[number]): number | 'unknown' => {
    const values = samples
      .filter((row) => row.hostId === resource && row.metric === metric)
      .flatMap((row) => row.values.filter((value) => value !== null));
    return values.length === 0
      ? 'unknown'
      : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    serverCpuPercent: mean(serverId, 'server.cpuPercent'),
    serverMemPercent: mean(serverId, 'server.memPercent'),
    fromCpuPercent: mean(from, 'host.cpuPercent'),
    toCpuPercent: mean(to, 'host.cpuPercent'),
    fromTxBytesPerSecond: mean(from, 'host.netTxBytesPerSecond'),
    toRxBytesPerSecond: mean(to, 'host.netRxBytesPerSecond'),
  };
}
