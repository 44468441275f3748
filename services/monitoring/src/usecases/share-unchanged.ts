import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Inventory } from '../domain/fleet.ts';
import { sameLists } from '../domain/inventory-changes.ts';
import { sameValue } from '../domain/same-value.ts';

/** Some milliseconds of comparing, then requests and alarms have their turn. */
const ITEMS_A_TURN = 512;

/**
 * A reading in which all that says the same as before is the very same object: whoever looks for changes then compares no more
 * than identities. A reading without any change is the one before itself.
 */
export async function shareUnchanged(before: Inventory, after: Inventory): Promise<Inventory> {
  if (before === after) return before;
  const shared: Inventory = {
    hosts: await sharedList(before.hosts, after.hosts),
    servers: await sharedList(before.servers, after.servers),
    serverGroups: await sharedList(before.serverGroups, after.serverGroups),
    chains: await sharedList(before.chains, after.chains),
    flavors: await sharedList(before.flavors, after.flavors),
  };
  return sameLists(before, shared) ? before : shared;
}

async function sharedList<T extends { readonly id: string }>(
  before: readonly T[],
  after: readonly T[],
): Promise<readonly T[]> {
  const known = new Map(before.map((item) => [item.id, item]));
  const shared: T[] = [];
  let isSame = before.length === after.length;
  for (const item of after) {
    const at = shared.length;
    const one = known.get(item.id);
    shared.push(one !== undefined && sameValue(one, item) ? one : item);
    if (shared[at] !== before[at]) isSame = false;
    if (at % ITEMS_A_TURN === ITEMS_A_TURN - 1) await nextTurn();
  }
  return isSame ? before : shared;
}
