import type { Inventory } from '../../domain/view-of.ts';

/** An answer about the fleet: all of it, or what changed after the revision that it names. */
export type FleetAnswer = {
  inventory: Inventory;
  /** Null where the service does not number its states: then it is all of it. */
  revision: string | null;
  since: string | null;
  goneIds: readonly string[];
};

/**
 * Keeps the servers and chains of a large fleet, and reads only what changed. While nothing did, the lists that it answers
 * stay the same ones, and so does all that was made of them. Calls at the same time share one reading.
 */
export function fleetMirror(
  read: (since: string | null) => Promise<FleetAnswer>,
): () => Promise<Inventory> {
  let revision: string | null = null;
  let servers: Inventory['servers'] = [];
  let chains: Inventory['chains'] = [];
  let reading: Promise<Inventory> | undefined;

  const refresh = async (): Promise<Inventory> => {
    const answer = await read(revision);
    const { goneIds, inventory, since } = answer;
    if (since === null || since !== revision) {
      servers = inventory.servers;
      chains = inventory.chains;
    } else {
      servers = merged(servers, inventory.servers, goneIds);
      chains = merged(chains, inventory.chains, goneIds);
    }
    revision = answer.revision;
    return { ...inventory, servers, chains };
  };

  return () => {
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

function merged<T extends { id: string }>(
  known: readonly T[],
  changed: readonly T[],
  goneIds: readonly string[],
): readonly T[] {
  if (changed.length === 0 && goneIds.length === 0) return known;
  const byId = new Map(known.map((each) => [each.id, each]));
  for (const id of goneIds) byId.delete(id);
  for (const each of changed) byId.set(each.id, each);
  return [...byId.values()];
}
