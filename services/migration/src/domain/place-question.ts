import { type FleetView, type HostId, type ServerId, serverOf } from '@sidestep/fleet';

/** What Placement is to be asked for a server: its flavor's traits (Nova's extra specs `trait:…`). */
export function placeQuestion(
  view: Pick<FleetView, 'servers'>,
  serverId: ServerId,
  from: HostId,
): { serverId: ServerId; from: HostId; required: string[]; forbidden: string[] } {
  const specs = Object.entries(serverOf(view, serverId)?.facts?.extraSpecs ?? {});
  const traits = (wanted: string) =>
    specs.flatMap(([key, value]) => {
      const trait = /^trait\d*:(.+)$/.exec(key)?.[1];
      return trait !== undefined && value === wanted ? [trait] : [];
    });
  return { serverId, from, required: traits('required'), forbidden: traits('forbidden') };
}
