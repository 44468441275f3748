import {
  cpuSharePercent,
  type FleetView,
  type Host,
  type HostId,
  hostOf,
  type Known,
  type ServerId,
  serverOf,
} from '@sidestep/fleet';
import type { ChainEffect, LoadEffect, Operation } from './operation.ts';

/** A host's CPU in percent before and after a move, and its risk (0–1) as it stands or with the server on it; null: unknown. */
export type HostForecast = LoadEffect & { hostId: HostId; risk: number | null };

/** What a move was expected to do when it was decided. */
export type PredictedEffect = { source: HostForecast; destination: HostForecast };

/** What a move did, as measured around it; null where it was not. */
export type MeasuredEffect = {
  source: LoadEffect | null;
  destination: LoadEffect | null;
  /** Percentage points of CPU. */
  sourceReliefPercent: number | null;
  destinationRisePercent: number | null;
  durationMs: number | null;
  gapMs: number | null;
  chains: readonly ChainEffect[];
};

type Planned = {
  hostId: HostId;
  serverId: ServerId | null;
  destinationHostId: HostId | null;
  candidates: readonly { hostId: HostId; risk: number | null }[];
};

/** The effect that a plan is expected to have; null where nothing is planned. */
export function predictedEffect(
  { hostId, serverId, destinationHostId, candidates }: Planned,
  view: FleetView,
): PredictedEffect | null {
  const server = view.servers.find(({ id }) => id === serverId);
  const from = view.hosts.find(({ id }) => id === hostId);
  const to = view.hosts.find(({ id }) => id === destinationHostId);
  if (server === undefined || from === undefined || to === undefined) return null;
  const ranked = candidates.find((each) => each.hostId === to.id);
  return {
    source: {
      hostId: from.id,
      ...load(from.cpuPercent, cpuSharePercent(server, from), -1),
      risk: known(from.risk),
    },
    destination: {
      hostId: to.id,
      ...load(to.cpuPercent, cpuSharePercent(server, to), 1),
      risk: ranked?.risk ?? known(to.risk),
    },
  };
}

/** The effects that moves are expected to have one after another, each with those before it made; null where a host is unknown. */
export function predictedInTurn(
  moves: readonly {
    serverId: ServerId;
    from: HostId;
    to: HostId;
    destinationRisk: number | null;
  }[],
  view: FleetView,
): (PredictedEffect | null)[] {
  const loads = new Map<HostId, Known<number>>();
  return moves.map(({ serverId, from, to, destinationRisk: risk }) => {
    const server = serverOf(view, serverId);
    const source = hostOf(view, from);
    const destination = hostOf(view, to);
    if (server === undefined || source === undefined || destination === undefined) return null;
    const after = (host: Host, sign: 1 | -1) => {
      const before = loads.get(host.id) ?? host.cpuPercent;
      const effect = load(before, cpuSharePercent(server, host), sign);
      loads.set(host.id, effect.cpuPercentAfter ?? 'unknown');
      return { hostId: host.id, ...effect };
    };
    return {
      source: { ...after(source, -1), risk: known(source.risk) },
      destination: { ...after(destination, 1), risk },
    };
  });
}

/** The effect of an operation that has ended. */
export function measuredEffect(ended: Operation): MeasuredEffect {
  const { effects, repath, chains, createdAtMs, endedAtMs } = ended;
  return {
    source: effects?.source ?? null,
    destination: effects?.destination ?? null,
    sourceReliefPercent: effects?.sourceReliefPercent ?? null,
    destinationRisePercent: effects?.destinationRisePercent ?? null,
    durationMs: endedAtMs === null ? null : endedAtMs - createdAtMs,
    gapMs: repath?.gapMs ?? null,
    chains,
  };
}

const known = (value: Known<number>): number | null => (value === 'unknown' ? null : value);

function load(before: Known<number>, share: Known<number>, sign: 1 | -1): LoadEffect {
  return {
    cpuPercentBefore: known(before),
    cpuPercentAfter:
      before === 'unknown' || share === 'unknown' ? null : Math.max(0, before + sign * share),
  };
}
