import type { components } from './generated/monitoring.ts';

type Fleet = components['schemas']['Fleet'];
type Part = { readonly id: string };

/** What a reader makes of a fleet, at least: its servers and chains, which a large one has many of. */
export type MirroredFleet = { servers: readonly Part[]; chains: readonly Part[] };

/** An answer of Monitoring about the fleet, read: all of it, or what changed after the revision that it names. */
export type FleetAnswer<T extends MirroredFleet> = {
  fleet: T;
  /** No revision: the service does not number its states, and this is all of the fleet. */
  change: Pick<Fleet, 'revision' | 'since' | 'goneIds'>;
};

/**
 * Keeps the servers and chains of a large fleet, and reads only what changed. While nothing did, the lists that it answers
 * stay the same ones, and so does all that was made of them. Calls at the same time share one reading.
 */
export function fleetMirror<T extends MirroredFleet>(
  read: (query: { since?: string }) => Promise<FleetAnswer<T>>,
): () => Promise<T> {
  let revision: string | undefined;
  let servers: T['servers'] = [];
  let chains: T['chains'] = [];
  let reading: Promise<T> | undefined;

  const refresh = async (): Promise<T> => {
    const { change, fleet } = await read(revision === undefined ? {} : { since: revision });
    const { goneIds = [], since } = change;
    if (typeof since !== 'string' || since !== revision) {
      servers = fleet.servers;
      chains = fleet.chains;
    } else {
      servers = merged(servers, fleet.servers, goneIds);
      chains = merged(chains, fleet.chains, goneIds);
    }
    revision = change.revision;
    return { ...fleet, servers, chains };
  };

  return () => {
    reading ??= refresh().finally(() => {
      reading = undefined;
    });
    return reading;
  };
}

function merged<P extends Part>(
  known: readonly P[],
  changed: readonly P[],
  goneIds: readonly string[],
): readonly P[] {
  if (changed.length === 0 && goneIds.length === 0) return known;
  const byId = new Map(known.map((each) => [each.id, each]));
  for (const id of goneIds) byId.delete(id);
  for (const each of changed) byId.set(each.id, each);
  return [...byId.values()];
}
