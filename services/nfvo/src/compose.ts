import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { serviceClient } from '@sidestep/contracts';
import { createOpenStack } from '@sidestep/openstack';
import {
  createLog,
  createServiceApp,
  everyMs,
  type Listening,
  listen,
  type Running,
  sqliteRecords,
  systemClock,
  type Ticker,
} from '@sidestep/service-kit';
import { Registry } from 'prom-client';
import { configuredProber } from './adapters/probes/configured-prober.ts';
import { prometheusMeters } from './adapters/prometheus/prometheus-meters.ts';
import { predictionDestinations } from './adapters/services/prediction-destinations.ts';
import type { NfvoConfig } from './config.ts';
import { nfvoHandlers } from './http/handlers.ts';
import { nfvoCapabilities } from './usecases/capabilities.ts';
import type { Context } from './usecases/context.ts';
import { forgetOldWork } from './usecases/forget-old-work.ts';
import { createLocks } from './usecases/locks.ts';
import { findOrphans } from './usecases/orphans.ts';
import { recover } from './usecases/recover.ts';
import { sfcExtensionReader } from './usecases/sfc-extension.ts';
import { advanceStandbys } from './usecases/standby.ts';
import type { VnfOptions } from './usecases/vnfs.ts';

/** How often what was broken off is looked for. */
const recoverEveryMs = 5_000;
const advanceStandbysEveryMs = 1_000;
const predictionTimeoutMs = 10_000;
/** How often orphans are counted, which reads all of networking-sfc. */
const countOrphansEveryMs = 300_000;
const forgetEveryMs = 600_000;

/** The process: everything constructed, nothing started. `url` is known once it has started. */
export function composeNfvo(config: NfvoConfig): Running & { url(): string } {
  const { settings } = config;
  const log = createLog('nfvo', settings.SIDESTEP_LOG_LEVEL);
  const cloud = createOpenStack(config.openstack);
  const records = sqliteRecords(join(settings.SIDESTEP_DATA_DIR, 'nfvo.sqlite'), systemClock);
  const registry = new Registry();
  const meters = prometheusMeters(registry);
  const newId = () => randomUUID().slice(0, 18);
  const context: Context = {
    cloud,
    records,
    clock: systemClock,
    log,
    meters,
    newId,
    sleep,
    locks: createLocks({
      records,
      holder: newId(),
      sleep,
      leaseMs: settings.SIDESTEP_NFVO_LEASE_MS,
    }),
  };
  const askDestination = predictionDestinations(
    serviceClient('prediction', {
      baseUrl: settings.SIDESTEP_PREDICTION_URL,
      token: settings.SIDESTEP_SERVICE_TOKEN_FILE,
      timeoutMs: predictionTimeoutMs,
    }),
  );
  const vnfs: VnfOptions = {
    defaults: {
      networks: settings.SIDESTEP_NFVO_VNF_NETWORKS,
      imageId: settings.SIDESTEP_NFVO_VNF_IMAGE ?? null,
      monitoring: config.monitoring,
    },
    askDestination,
  };
  const readSfc = sfcExtensionReader(cloud, systemClock);
  // /ready is open to everybody and shall not be a way to flood Neutron.
  const readNow = sfcExtensionReader(cloud, systemClock, 5_000);
  const app = createServiceApp({
    service: 'nfvo',
    version: '0.1.0',
    handlers: nfvoHandlers(context, {
      readSfc,
      probeChain: configuredProber(settings.SIDESTEP_NFVO_PROBES_FILE ?? [], systemClock),
      vnfs,
    }),
    tokens: settings.SIDESTEP_TOKENS_FILE,
    log,
    readiness: {
      openstack: async () => {
        await readNow();
        return { ok: true, detail: null };
      },
      records: async () => {
        await records.list('change', { limit: 1 });
        return { ok: true, detail: null };
      },
    },
    capabilities: () => nfvoCapabilities(context, readSfc),
    registry,
    basePath: settings.SIDESTEP_BASE_PATH,
    ...(settings.SIDESTEP_DOCS_TOKEN_FILE === undefined
      ? {}
      : { docsToken: settings.SIDESTEP_DOCS_TOKEN_FILE }),
  });

  let listening: Listening | undefined;
  const tickers: Ticker[] = [];
  return {
    url: () => {
      if (listening === undefined) throw new Error('nfvo has not started');
      return `${listening.url}${settings.SIDESTEP_BASE_PATH}`;
    },
    start: async () => {
      listening = await listen(app, settings.SIDESTEP_BIND, settings.SIDESTEP_NFVO_PORT);
      const { url } = listening;
      log.info({ url }, 'nfvo listens');
      const tick = async () => {
        await recover(context);
      };
      const failed = (error: unknown) =>
        log.warn({ error }, 'what was broken off could not be looked for');
      await tick().catch(failed);
      const count = async () => {
        if ((await readSfc()).available) meters.orphans((await findOrphans(context)).length);
      };
      const uncounted = (error: unknown) => log.warn({ error }, 'orphans could not be counted');
      const counted = count().catch(uncounted);
      tickers.push(
        { stop: () => counted },
        everyMs(recoverEveryMs, tick, failed),
        everyMs(
          advanceStandbysEveryMs,
          async () => {
            await advanceStandbys(context, { vnfs, readSfc });
          },
          (error) => log.warn({ error }, 'standbys could not be looked for'),
        ),
        everyMs(countOrphansEveryMs, count, uncounted),
        everyMs(
          forgetEveryMs,
          async () => {
            await forgetOldWork(records, systemClock.now() - settings.SIDESTEP_NFVO_KEEP_MS);
          },
          (error) => log.warn({ error }, 'old work is forgotten later'),
        ),
      );
    },
    close: async () => {
      await listening?.close();
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      await records.close();
    },
  };
}
