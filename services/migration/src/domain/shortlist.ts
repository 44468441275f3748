import type { FleetView, Host, HostId } from '@sidestep/fleet';

/** Most destinations that are scored with a server's load on them. */
export const maxShortlistedHosts = 64;
/** Most servers of a hot host that are considered. */
export const maxVictims = 8;

/**
 * Stage one: of the hosts that could take one of the servers, the few of the least risk at the last tick; a host of
 * unknown risk comes last, and then the less busy one first.
 */
export function shortlistHosts(
  view: FleetView,
  feasible: ReadonlySet<HostId>,
  most = maxShortlistedHosts,
): HostId[] {
  const worst = Number.POSITIVE_INFINITY;
  const risk = (host: Host) => (host.risk === 'unknown' ? worst : host.risk);
  const cpu = (host: Host) => (host.cpuPercent === 'unknown' ? worst : host.cpuPercent);
  return view.hosts
    .filter((host) => feasible.has(host.id))
    .toSorted((a, b) => compare(risk(a), risk(b)) || compare(cpu(a), cpu(b)))
    .slice(0, most)
    .map((host) => host.id);
}

/** Like subtraction, but for infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
