import type { HostState } from './host-state.ts';
import { claimOf } from './placement-ledger.ts';
import { type ServerState, serviceState, type World } from './world.ts';

/** Nova's words for a refusal of the scheduler's filters. */
export const noValidHost = 'No valid host was found. ';
/** Nova's words when the conductor itself runs out of hosts to try. */
export const noMoreHosts = 'No valid host was found. There are not enough hosts available.';

/** True when a strict server group keeps the server off the host. */
function groupForbids(world: World, server: ServerState, host: string): boolean {
  for (const group of world.groups.values()) {
    if (!group.members.has(server.id)) continue;
    const others = [...group.members].flatMap((id) =>
      id === server.id ? [] : (world.servers.get(id) ?? []),
    );
    const shared = others.some((other) => other.host === host);
    if (group.policy === 'anti-affinity' && shared) return true;
    if (group.policy === 'affinity' && others.length > 0 && !shared) return true;
  }
  return false;
}

/** Whether the scheduler would pass a host for a server, or Nova's words for why not. */
export function scheduleOn(world: World, server: ServerState, host: HostState): string | 'fits' {
  if (serviceState(world, host) === 'down') return noMoreHosts;
  if (!host.enabled) return noValidHost;
  if (!world.ledger.fits(host.name, claimOf(server))) return noValidHost;
  return groupForbids(world, server, host.name) ? noValidHost : 'fits';
}

/** The host with the most free memory that the scheduler passes, none of `except`. */
export function pickHost(
  world: World,
  server: ServerState,
  except: readonly string[],
): HostState | undefined {
  let best: HostState | undefined;
  let bestFree = Number.NEGATIVE_INFINITY;
  for (const host of world.hosts.values()) {
    if (except.includes(host.name) || scheduleOn(world, server, host) !== 'fits') continue;
    const provider = world.ledger.ofHost(host.name);
    if (provider === undefined) continue;
    const free = provider.inventory.MEMORY_MB.total - provider.used.MEMORY_MB;
    if (free > bestFree) [best, bestFree] = [host, free];
  }
  return best;
}
