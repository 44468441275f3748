import type {
  Chain,
  FleetView,
  Host,
  HostClass,
  HostId,
  PairRisk,
  Server,
  ServerGroup,
  ServerId,
  UnderWay,
} from './fleet-view.ts';
import { remembered } from './remembered.ts';

const byId = <T extends { id: string }>(list: readonly T[]) =>
  new Map(list.map((each) => [each.id, each]));

const hosts = remembered<readonly Host[], Map<HostId, Host>>(byId);
const servers = remembered<readonly Server[], Map<ServerId, Server>>(byId);
const residents = remembered((list: readonly Server[]) =>
  grouped(list.flatMap((server) => (server.hostId === null ? [] : [[server.hostId, server]]))),
);
const places = remembered(
  (list: readonly Server[]) => new Map(list.map(({ id }, place) => [id, place])),
);
/** Lists that differ from another in a few servers: what is found in that one need not be found again. */
const changedOf = new WeakMap<
  readonly Server[],
  { from: readonly Server[]; changed: ReadonlyMap<ServerId, Server> }
>();
const chainMembers = remembered((list: readonly Chain[]) =>
  grouped(
    list.flatMap((chain) => {
      const members = new Set(chain.hops.flatMap(({ memberIds }) => memberIds));
      return [...members].map((id): [ServerId, Chain] => [id, chain]);
    }),
  ),
);
const groupMembers = remembered((list: readonly ServerGroup[]) =>
  grouped(
    list.flatMap((group) => group.memberIds.map((id): [ServerId, ServerGroup] => [id, group])),
  ),
);
const pairs = remembered(
  (list: readonly PairRisk[]) =>
    new Map(list.map((pair) => [`${pair.serverId} ${pair.hostId}`, pair])),
);

const classes = remembered(
  (list: readonly HostClass[]) => new Map(list.map((each) => [each.hostId, each])),
);

const destinations = remembered((list: readonly UnderWay[]) =>
  grouped(list.map((move): [HostId, UnderWay] => [move.to, move])),
);
const travellers = remembered((list: readonly UnderWay[]) =>
  grouped(list.map((move): [ServerId, UnderWay] => [move.serverId, move])),
);

function grouped<T>(entries: readonly (readonly [string, T])[]): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [key, each] of entries) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [each]);
    else group.push(each);
  }
  return groups;
}

/** A host of the view; the look-ups here cost one pass over each frozen list, whatever is asked. */
export const hostOf = (view: Pick<FleetView, 'hosts'>, id: HostId): Host | undefined =>
  hosts(view.hosts).get(id);

export const serverOf = (view: Pick<FleetView, 'servers'>, id: ServerId): Server | undefined => {
  const alike = changedOf.get(view.servers);
  return alike === undefined
    ? servers(view.servers).get(id)
    : (alike.changed.get(id) ?? servers(alike.from).get(id));
};

/** The servers on a host, in the view's order. */
export const serversOn = (view: Pick<FleetView, 'servers'>, id: HostId): readonly Server[] => {
  const alike = changedOf.get(view.servers);
  if (alike === undefined) return residents(view.servers).get(id) ?? [];
  const here = residents(alike.from).get(id) ?? [];
  return here.map((server) => alike.changed.get(server.id) ?? server);
};

/** The servers that are under way to a host and do not count as its own yet. */
export function underWayTo(
  view: Pick<FleetView, 'servers' | 'underWay'>,
  hostId: HostId,
): readonly Server[] {
  if (view.underWay === undefined) return [];
  return (destinations(view.underWay).get(hostId) ?? []).flatMap(({ serverId }) => {
    const server = serverOf(view, serverId);
    return server === undefined || server.hostId === hostId ? [] : [server];
  });
}

/** Where a server is under way to. */
export const underWayOf = (
  { underWay }: Pick<FleetView, 'underWay'>,
  serverId: ServerId,
): readonly HostId[] =>
  underWay === undefined ? [] : (travellers(underWay).get(serverId) ?? []).map(({ to }) => to);

/** The list with some of its servers in another state, on the same hosts; frozen. Its look-ups are those of the list. */
export function withChanged(
  from: readonly Server[],
  changed: ReadonlyMap<ServerId, Server>,
): readonly Server[] {
  if (changed.size === 0) return from;
  const list = from.slice();
  for (const [id, server] of changed) {
    const place = places(from).get(id);
    if (place !== undefined) list[place] = Object.freeze(server);
  }
  changedOf.set(list, { from, changed });
  return Object.freeze(list);
}

/** The chains that a server is a member of. */
export const chainsOf = (view: Pick<FleetView, 'chains'>, id: ServerId): readonly Chain[] =>
  chainMembers(view.chains).get(id) ?? [];

/** The server groups that a server is a member of. */
export const groupsOf = (
  view: Pick<FleetView, 'serverGroups'>,
  id: ServerId,
): readonly ServerGroup[] => groupMembers(view.serverGroups).get(id) ?? [];

/** The scored pair; undefined where it was not scored. */
export const pairRiskOf = (
  view: Pick<FleetView, 'pairRisks'>,
  serverId: ServerId,
  hostId: HostId,
): PairRisk | undefined => pairs(view.pairRisks).get(`${serverId} ${hostId}`);

/** What the classifier says of a host; undefined where it was not asked, or told nothing of it. */
export const hostClassOf = (
  { hostClasses }: Pick<FleetView, 'hostClasses'>,
  hostId: HostId,
): HostClass | undefined =>
  hostClasses === undefined ? undefined : classes(hostClasses).get(hostId);
