import type { Chain, FleetView, HostId } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import { oldestAgeMs, viewOf } from '../domain/view-of.ts';
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

/** Reads what a decision needs, all at once. Without Prediction every risk is unknown, and the scorer says why. */
export async function gather({
  telemetry,
  forecasts,
  surroundings,
  now,
}: Omit<Sources, 'places'>): Promise<Situation> {
  const [inventory, hostCpu, serverCpu, risks, links, promises] = await Promise.all([
    telemetry.inventory(),
    telemetry.newest('host.cpuPercent'),
    telemetry.newest('server.cpuPercent'),
    forecasts.hostRisks().catch((error: unknown) => ({
      risks: new Map<HostId, number>(),
      modelVersion: null,
      fallback: withoutPrediction(error),
    })),
    surroundings.links().catch((error: unknown) => unreadable(error, [])),
    surroundings.promises().catch((error: unknown) => unreadable(error, new Map())),
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

const withPromises = (
  chains: readonly Chain[],
  promises: Awaited<ReturnType<Surroundings['promises']>>,
): Chain[] =>
  chains.map((chain) => {
    const promise = promises.get(chain.id);
    return promise === undefined ? chain : { ...chain, promise };
  });

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
