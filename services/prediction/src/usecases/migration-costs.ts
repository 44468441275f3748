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
import type { FleetInventory, Telemetry } from '../ports/telemetry.ts';

export type CostDeps = {
  clock: Clock;
  log: Log;
  tickMs: number;
  assumptions: MoveAssumptions;
  telemetry: Pick<Telemetry, 'readSamples' | 'readInventory'>;
  ownMoves: OwnMovesSource;
  documents: Pick<
    Documents,
    'listExperiences' | 'saveExperience' | 'getExperience' | 'forgetExperiences'
  >;
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
/** More than teach: one that was forgotten and is still told of would be learnt again. */
const experiencesKept = 2 * mostOperations;
/** How far back operations are asked for. */
const lookBackMs = 90 * 86_400_000;

const metrics = [
  'host.cpuPercent',
  'host.netTxBytesPerSecond',
  'host.netRxBytesPerSecond',
  'server.cpuPercent',
  'server.memPercent',
] as const;

/** A move that is thought of. */
export type AskedMove = { serverId: string; from: string; to: string };

/** Estimates a move as things stand; throws while Monitoring is away. */
export async function estimateCost(deps: CostDeps, asked: AskedMove): Promise<MigrationCost> {
  const { hosts, servers } = await deps.telemetry.readInventory();
  if (!servers.some(({ id }) => id === asked.serverId))
    throw new NotFound('server', asked.serverId);
  for (const hostId of [asked.from, asked.to])
    if (!hosts.some(({ id }) => id === hostId)) throw new NotFound('host', hostId);
  if (asked.from === asked.to)
    throw new ProblemError('UNPROCESSABLE', 'The server would not move', {
      errors: [{ pointer: '/body/to', detail: 'is the host that it comes from' }],
    });
  const [estimate] = await estimatesOf(deps, [asked], { hosts, servers });
  if (estimate === undefined) throw new NotFound('server', asked.serverId);
  return estimate.cost;
}

/** Estimates many moves from one reading; those of servers or hosts that nobody knows are left out. */
export async function estimateCosts(
  deps: CostDeps,
  asked: readonly AskedMove[],
): Promise<{ asked: AskedMove; cost: MigrationCost }[]> {
  return estimatesOf(deps, asked, await deps.telemetry.readInventory());
}

async function estimatesOf(
  deps: CostDeps,
  asked: readonly AskedMove[],
  { hosts, servers }: Pick<FleetInventory, 'hosts' | 'servers'>,
): Promise<{ asked: AskedMove; cost: MigrationCost }[]> {
  const hostIds = new Set(hosts.map(({ id }) => id));
  const wanted = new Set(asked.map(({ serverId }) => serverId));
  const known = new Map(servers.filter(({ id }) => wanted.has(id)).map((each) => [each.id, each]));
  const moves = asked.flatMap((move) => {
    const server = known.get(move.serverId);
    const there = hostIds.has(move.from) && hostIds.has(move.to) && move.from !== move.to;
    return server === undefined || !there ? [] : [{ asked: move, server }];
  });
  if (moves.length === 0) return [];
  const resources = new Set(
    moves.flatMap(({ asked: { serverId, from, to } }) => [from, to, serverId]),
  );
  const [loadsOf, experiences] = await Promise.all([
    readLoads(deps, [...resources], deps.clock.now()),
    deps.documents.listExperiences(mostOperations),
  ]);
  const regression = fitCosts(experiences);
  return moves.map(({ asked: move, server }) => {
    const loads = loadsOf(move);
    const conditions = preCopyConditions(server, loads, deps.assumptions);
    if (server.hostId !== move.from)
      conditions.notes.push(`the server is on ${server.hostId ?? 'no host'} now`);
    const formula = preCopyCost(conditions);
    const common = {
      downtimeMs: formula.downtimeMs,
      trafficMiB: formula.trafficMiB,
      converges: formula.converges,
      conditions,
      loads,
    };
    const cost: MigrationCost =
      regression === 'too-few'
        ? {
            ...common,
            method: 'pre-copy-formula',
            expectedMs: formula.totalMs,
            lowMs: null,
            highMs: null,
            operations: experiences.length,
          }
        : {
            ...common,
            method: 'regression',
            ...correctedMs(regression, formula.totalMs, {
              ...loads,
              memoryMiB: conditions.memoryMiB,
            }),
            operations: regression.operations,
          };
    return { asked: move, cost };
  });
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
  await deps.documents.forgetExperiences(experiencesKept);
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

async function loadsAt(deps: CostDeps, asked: AskedMove, atMs: number): Promise<MoveLoads> {
  return (await readLoads(deps, [asked.from, asked.to, asked.serverId], atMs))(asked);
}

/** Means of the loads before a moment, of every resource by one question. */
async function readLoads(
  { telemetry, tickMs }: Pick<CostDeps, 'telemetry' | 'tickMs'>,
  resources: readonly string[],
  atMs: number,
): Promise<(asked: AskedMove) => MoveLoads> {
  const toMs = tickOf(atMs, tickMs);
  const samples = await telemetry.readSamples({
    fromMs: toMs - Math.max(tickMs, tickOf(loadsOverMs, tickMs)),
    toMs,
    tickMs,
    metrics,
    resources,
  });
  const byName = new Map<string, number[]>();
  for (const { hostId, metric, values } of samples) {
    const key = `${hostId} ${metric}`;
    const known = values.filter((value) => value !== null);
    byName.set(key, [...(byName.get(key) ?? []), ...known]);
  }
  const mean = (resource: string, metric: (typeof metrics)[number]): number | 'unknown' => {
    const values = byName.get(`${resource} ${metric}`) ?? [];
    return values.length === 0
      ? 'unknown'
      : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return ({ serverId, from, to }) => ({
    serverCpuPercent: mean(serverId, 'server.cpuPercent'),
    serverMemPercent: mean(serverId, 'server.memPercent'),
    fromCpuPercent: mean(from, 'host.cpuPercent'),
    toCpuPercent: mean(to, 'host.cpuPercent'),
    fromTxBytesPerSecond: mean(from, 'host.netTxBytesPerSecond'),
    toRxBytesPerSecond: mean(to, 'host.netRxBytesPerSecond'),
  });
}
