import {
  type HostId,
  hostOf,
  type Known,
  type Server,
  type ServerId,
  serverOf,
} from '@sidestep/fleet';
import { NotFound, ProblemError } from '@sidestep/service-kit';
import { destinationsFor } from '../domain/constraints.ts';
import type { DataWindow, RejectedHost } from '../domain/decision.ts';
import {
  hostsInMaintenance,
  hostsWithoutBudget,
  restingServers,
} from '../domain/guardrails/left-alone.ts';
import { type MoveRules, type Obstacle, obstaclesOf } from '../domain/movability.ts';
import { placeQuestion } from '../domain/place-question.ts';
import { fullHosts, type PlacedMove, type Slots, withMoves } from '../domain/traffic.ts';
import { gather, hotHosts, type Situation, type Sources } from './gather.ts';
import { hostLedger } from './hosts/host-ledger.ts';
import type { Ledger } from './ledger.ts';
import { placedMoves } from './occupancy.ts';

export type MovabilityOptions = Sources & {
  ledger: Ledger;
  limits: { triggerMetrics: ReadonlySet<string>; rules: MoveRules; slots: Slots };
};

/** Why a server can or cannot be moved, and where to, as of now. */
export type Movability = {
  serverId: ServerId;
  name: string;
  hostId: HostId | null;
  obstacles: readonly Obstacle[];
  /** Why it is left alone for now; null where it is not. */
  rests: string | null;
  destinations: readonly { hostId: HostId; cpuPercent: Known<number>; risk: Known<number> }[];
  rejected: readonly RejectedHost[];
  /** Why Placement could not be asked; null where it was. */
  unasked: string | null;
  data: DataWindow;
};

/** Looks at one server as a decision would, and decides nothing. */
export async function explainMovability(
  options: MovabilityOptions,
  serverId: ServerId,
): Promise<Movability> {
  const { ledger, limits, telemetry } = options;
  const [read, alarms, standing, live, facts] = await Promise.all([
    gather(options),
    telemetry.raisedAlarms(),
    ledger.standing(),
    ledger.live(),
    ledger.guard.facts(options.now()),
  ]);
  const moves = placedMoves(
    live,
    standing.map(({ decision }) => decision),
  );
  const situation = { ...read, view: withMoves(read.view, moves) };
  const { view, atMs } = situation;
  const server = serverOf(view, serverId);
  if (server === undefined) throw new NotFound('server', serverId);
  const { candidates, rejected } = destinationsFor(serverId, {
    view,
    alarmed: new Set(hotHosts(alarms, limits.triggerMetrics).keys()),
    kept: new Map([
      ...(await hostLedger(ledger.records).held()),
      ...hostsInMaintenance(facts, new Set(view.hosts.map(({ id }) => id))),
    ]),
    occupied: hostsWithoutBudget(facts),
    full: fullHosts({ slots: limits.slots, moves }),
    signedOnly: false,
  });
  const asked = await askPlacement(options, { view, moves }, server, candidates);
  return {
    serverId,
    name: server.name,
    hostId: server.hostId,
    obstacles: obstaclesOf(server, limits.rules),
    rests: restingServers(facts).get(serverId) ?? null,
    destinations: asked.free.map((hostId) => {
      const host = hostOf(view, hostId);
      return { hostId, cpuPercent: host?.cpuPercent ?? 'unknown', risk: host?.risk ?? 'unknown' };
    }),
    rejected: [...rejected, ...asked.refused],
    unasked: asked.unasked,
    data: {
      observedAtMs: atMs,
      inventoryAgeMs: situation.inventoryAgeMs,
      oldestSampleAgeMs: situation.oldestSampleAgeMs,
    },
  };
}

async function askPlacement(
  { places }: MovabilityOptions,
  { view, moves }: { view: Situation['view']; moves: readonly PlacedMove[] },
  { id: serverId, hostId: from }: Server,
  candidates: readonly HostId[],
): Promise<{ free: HostId[]; refused: RejectedHost[]; unasked: string | null }> {
  if (from === null || candidates.length === 0) return { free: [], refused: [], unasked: null };
  try {
    const answers = await places.readPlaces(
      placeQuestion(view, { serverId, from }, moves),
      candidates,
    );
    const refused = candidates.flatMap((hostId): RejectedHost[] => {
      const place = answers.get(hostId);
      if (place?.kind === 'free') return [];
      const { why, detail } = place ?? {
        why: 'no-allocation',
        detail: 'Placement names it nowhere',
      };
      return [{ hostId, why, detail }];
    });
    const free = candidates.filter((hostId) => answers.get(hostId)?.kind === 'free');
    return { free, refused, unasked: null };
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    return { free: [...candidates], refused: [], unasked: error.message };
  }
}
