import {
  cpuSharePercent,
  type FleetView,
  freezeView,
  type Host,
  type HostId,
  type Server,
  type ServerId,
  serversOn,
  underWayOf,
  underWayTo,
} from '@sidestep/fleet';

/** How many moves may go on at once. */
export type Slots = {
  /** From or to one host. */
  perHost: number;
  /** Over one link; null for any number. */
  perLink: number | null;
};

/** A move that is planned or in flight, and what it takes. */
export type PlacedMove = {
  serverId: ServerId;
  from: HostId;
  to: HostId;
  /** The links that it crosses. */
  crosses: readonly string[];
  /** Does it take a slot of its source? A host that is being emptied says itself how many leave at once. */
  takesSource: boolean;
  /** Has the cloud claimed its room at the destination already, as far as we know? */
  claimed: boolean;
  /** What it is, for whoever has to wait for it. */
  words: string;
};

/** How many moves there may be, and those that there are now. */
export type Traffic = { slots: Slots; moves: readonly PlacedMove[] };

/** Nothing moves, one move a host may, and no link is counted. */
export const noTraffic: Traffic = { slots: { perHost: 1, perLink: null }, moves: [] };

const inWords = (moves: readonly PlacedMove[]) => moves.map(({ words }) => words).join('; ');

/** The hosts of a move that have to have a slot for it. */
export const hostsTaken = ({
  from,
  to,
  takesSource,
}: Pick<PlacedMove, 'from' | 'to' | 'takesSource'>): HostId[] => (takesSource ? [from, to] : [to]);

/** The hosts without a slot to spare, each with who takes them. */
export function fullHosts({ slots, moves }: Traffic): Map<HostId, string> {
  const byHost = new Map<HostId, PlacedMove[]>();
  for (const move of moves) {
    for (const hostId of hostsTaken(move)) {
      byHost.set(hostId, [...(byHost.get(hostId) ?? []), move]);
    }
  }
  const full = new Map<HostId, string>();
  for (const [hostId, taking] of byHost) {
    if (taking.length < slots.perHost) continue;
    full.set(hostId, `host ${hostId} takes part in ${slots.perHost} at once: ${inWords(taking)}`);
  }
  return full;
}

/** A server's load in percent of a host's CPU to reckon with: all of its vCPUs where its load is unknown. */
export function assumedSharePercent(server: Server, host: Pick<Host, 'cores'>): number {
  const share = cpuSharePercent(server, host);
  const whole = host.cores > 0 ? (100 * server.vcpus) / host.cores : 100;
  return Math.min(100, share === 'unknown' ? whole : share);
}

/** Percent of the host's CPU that is on its way to it. */
export function comingPercent(
  view: Pick<FleetView, 'servers' | 'underWay'>,
  host: Pick<Host, 'id' | 'cores'>,
): number {
  return underWayTo(view, host.id).reduce(
    (sum, server) => sum + assumedSharePercent(server, host),
    0,
  );
}

/** Percent of the host's CPU that is on its way from it: what it is at is not what it will be at. */
export function leavingPercent(
  view: Pick<FleetView, 'servers' | 'underWay'>,
  host: Pick<Host, 'id' | 'cores'>,
): number {
  if (view.underWay === undefined) return 0;
  return serversOn(view, host.id)
    .filter(({ id }) => underWayOf(view, id).some((to) => to !== host.id))
    .reduce((sum, server) => sum + assumedSharePercent(server, host), 0);
}

/**
 * The view with moves that have a place already: a server counts, with its room and by its groups, where it is, where it
 * goes and, should it have to go back, where it came from, until its move is over; its load counts where it goes.
 */
export function withMoves(view: FleetView, moves: readonly PlacedMove[]): FleetView {
  if (moves.length === 0) return view;
  const underWay = moves.flatMap(({ serverId, from, to }) => [
    { serverId, to },
    { serverId, to: from },
  ]);
  const moving = { servers: view.servers, underWay };
  const destinations = new Set(moves.map(({ to }) => to));
  const hosts = view.hosts.map((host) => {
    if (!destinations.has(host.id) || host.cpuPercent === 'unknown') return host;
    return { ...host, cpuPercent: Math.min(100, host.cpuPercent + comingPercent(moving, host)) };
  });
  return freezeView({ ...view, hosts, underWay });
}

/** What is claimed of a host. */
export type Demand = { vcpus: number; ramMiB: number; diskGiB: number };

const noDemand: Demand = { vcpus: 0, ramMiB: 0, diskGiB: 0 };

export function sumOf(demands: readonly Demand[]): Demand {
  return demands.reduce(
    (sum, { vcpus, ramMiB, diskGiB }) => ({
      vcpus: sum.vcpus + vcpus,
      ramMiB: sum.ramMiB + ramMiB,
      diskGiB: sum.diskGiB + diskGiB,
    }),
    noDemand,
  );
}
