import { type FleetView, type HostId, type ServerId, serverOf } from '@sidestep/fleet';
import { type Demand, type PlacedMove, sumOf } from './traffic.ts';

/** What is asked: may what the server has claimed be claimed on another host, which has to have these traits? */
export type PlaceQuestion = {
  serverId: ServerId;
  from: HostId;
  required: readonly string[];
  forbidden: readonly string[];
  /** What has to find room there as well, by host; none where a host is not in it. */
  besides?: ReadonlyMap<HostId, Demand>;
};

/**
 * What Placement is to be asked for a server: the traits of its flavor (Nova's extra specs `trait:…`) and of its image,
 * and what moves that Placement has not heard of will claim besides.
 */
export function placeQuestion(
  view: Pick<FleetView, 'servers'>,
  { serverId, from }: { serverId: ServerId; from: HostId },
  moves: readonly PlacedMove[],
): PlaceQuestion {
  const facts = serverOf(view, serverId)?.facts;
  const specs = [facts?.extraSpecs, facts?.imageProperties].flatMap((each) =>
    Object.entries(each ?? {}),
  );
  const traits = (wanted: string) => [
    ...new Set(
      specs.flatMap(([key, value]) => {
        const trait = /^trait\d*:(.+)$/.exec(key)?.[1];
        return trait !== undefined && value === wanted ? [trait] : [];
      }),
    ),
  ];
  return {
    serverId,
    from,
    required: traits('required'),
    forbidden: traits('forbidden'),
    besides: unclaimed(view, serverId, moves),
  };
}

/** By host: what moves planned and in flight will claim there and have not yet. */
function unclaimed(
  view: Pick<FleetView, 'servers'>,
  serverId: ServerId,
  moves: readonly PlacedMove[],
): Map<HostId, Demand> {
  const coming = moves.filter((move) => !move.claimed && move.serverId !== serverId);
  const byHost = Map.groupBy(coming, ({ to }) => to);
  return new Map(
    [...byHost].map(([hostId, own]) => [
      hostId,
      sumOf(own.flatMap((move) => serverOf(view, move.serverId) ?? [])),
    ]),
  );
}
