import {
  type Chain,
  type FleetView,
  type HostId,
  type Known,
  type Link,
  serversOn,
} from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import {
  type Inventory,
  type NewestSample,
  oldestAgeMs,
  serversWithoutLoad,
  viewOf,
} from '../domain/view-of.ts';
import type { Forecasts, Scorer } from '../ports/forecasts.ts';
import type { Places } from '../ports/places.ts';
import type { Surroundings } from '../ports/surroundings.ts';
import type { RaisedAlarm, Telemetry } from '../ports/telemetry.ts';

/** Everything that decisions of one moment are made from. */
export type Situation = {
  atMs: number;
  view: FleetView;
  inventoryAgeMs: number | null;
  oldestSampleAgeMs: number | null;
  scorer: Scorer;
};

/** What a look at the whole fleet is read from. */
export type Readings = Omit<Sources, 'places'>;

export type Sources = {
  telemetry: Telemetry;
  forecasts: Forecasts;
  places: Places;
  surroundings: Surroundings;
  now(): number;
};

/** What is read of the whole fleet. */
export type FleetReading = {
  inventory: Inventory;
  hostCpu: readonly NewestSample[];
  risks: Scorer & { risks: ReadonlyMap<HostId, Known<number>> };
  links: readonly Link[];
  promises: Promises;
};
type Promises = Awaited<ReturnType<Surroundings['promises']>>;

/** Reads the fleet, all at once. Without Prediction every risk is unknown, and the scorer says why. */
export async function readFleet({
  telemetry,
  forecasts,
  surroundings,
}: Readings): Promise<FleetReading> {
  const [inventory, hostCpu, risks, links, promises] = await Promise.all([
    telemetry.inventory(),
    telemetry.newest('host.cpuPercent'),
    forecasts.hostRisks().catch((error: unknown) => ({
      risks: new Map<HostId, number>(),
      modelVersion: null,
      fallback: withoutPrediction(error),
    })),
    surroundings.links().catch((error: unknown) => unreadable(error, [])),
    surroundings.promises().catch((error: unknown) => unreadable(error, new Map())),
  ]);
  return { inventory, hostCpu, risks, links, promises };
}

/**
 * Reads what a decision needs. The loads of servers are read for the hosts that they may have to leave; of a large fleet
 * they are most of what there is to read. Elsewhere they are unknown.
 */
export async function gather(
  readings: Readings,
  loadsOf: 'every-host' | readonly HostId[] = 'every-host',
  fleet: Promise<FleetReading> = readFleet(readings),
): Promise<Situation> {
  const { telemetry, now } = readings;
  const [{ inventory, hostCpu, risks, links, promises }, serverCpu] = await Promise.all([
    fleet,
    loadsOf === 'every-host'
      ? telemetry.newest('server.cpuPercent')
      : fleet.then((read) => newestOn(loadsOf, read, telemetry)),
  ]);
  const atMs = now();
  return {
    atMs,
    view: viewOf({
      atMs,
      inventory: { ...inventory, links, chains: withPromises(inventory.chains, promises) },
      hostCpu,
      serverCpu,
      hostRisks: risks.risks,
      modelVersion: risks.modelVersion,
    }),
    inventoryAgeMs: inventory.ageMs,
    oldestSampleAgeMs: oldestAgeMs([...hostCpu, ...serverCpu]),
    scorer: { modelVersion: risks.modelVersion, fallback: risks.fallback },
  };
}

/** What cannot be read of the surroundings is unknown: no delay and no promise is reckoned with. */
function unreadable<T>(error: unknown, nothing: T): T {
  if (!(error instanceof ProblemError)) throw error;
  return nothing;
}

const promised = new WeakMap<readonly Chain[], { promises: Promises; chains: readonly Chain[] }>();

/** The chains with what they promise: the same list for as long as both stay the same. */
function withPromises(chains: readonly Chain[], promises: Promises): readonly Chain[] {
  if (promises.size === 0) return chains;
  const known = promised.get(chains);
  if (known?.promises === promises) return known.chains;
  const made = chains.map((chain) => {
    const promise = promises.get(chain.id);
    return promise === undefined ? chain : { ...chain, promise };
  });
  promised.set(chains, { promises, chains: made });
  return made;
}

async function newestOn(
  hostIds: readonly HostId[],
  { inventory }: FleetReading,
  telemetry: Telemetry,
): Promise<NewestSample[]> {
  const view = { servers: serversWithoutLoad(inventory) };
  const resources = new Set(
    hostIds.flatMap((hostId) => serversOn(view, hostId).flatMap(({ id, name }) => [id, name])),
  );
  return resources.size === 0 ? [] : telemetry.newest('server.cpuPercent', [...resources]);
}

/** What stands in the record where Prediction should be. */
export function withoutPrediction(error: unknown): string {
  if (!(error instanceof ProblemError)) throw error;
  return `no prediction: ${error.message}`;
}

/** The alarms that ask for a move, by host. */
export function hotHosts(
  alarms: readonly RaisedAlarm[],
  triggerMetrics: ReadonlySet<string>,
): Map<HostId, RaisedAlarm[]> {
  const hot = new Map<HostId, RaisedAlarm[]>();
  for (const alarm of alarms) {
    if (!triggerMetrics.has(alarm.metric)) continue;
    hot.set(alarm.hostId, [...(hot.get(alarm.hostId) ?? []), alarm]);
  }
  return hot;
}
