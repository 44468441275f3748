import { parentPort, workerData } from 'node:worker_threads';
import { serviceClient } from '@sidestep/contracts';
import { systemClock } from '@sidestep/service-kit';
import { monitoringTelemetry } from './adapters/services/monitoring-telemetry.ts';
import { predictionForecasts } from './adapters/services/prediction-forecasts.ts';
import { monitoringLinks } from './adapters/services/surroundings.ts';
import type { SearchOrder } from './adapters/thread/optimizer-messages.ts';
import { searchPlaces } from './usecases/optimise/search-places.ts';

/** The thread of one search: it reads the fleet, searches, reports and ends. */
const { order, monitoring, prediction }: SearchOrder = workerData;

const client = serviceClient('monitoring', monitoring);
const now = () => systemClock.now();
const outcome = await searchPlaces(
  {
    telemetry: monitoringTelemetry(client),
    // What chains promise is no part of the search's objective.
    surroundings: { links: monitoringLinks(client, now), promises: async () => new Map() },
    forecasts: predictionForecasts(serviceClient('prediction', prediction)),
    now,
    // Nobody else is in this thread.
    yieldTurn: async () => undefined,
  },
  order,
  new AbortController().signal,
);
parentPort?.postMessage(outcome);
