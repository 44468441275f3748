import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type migration, serviceClient } from '@sidestep/contracts';
import { createOpenStack } from '@sidestep/openstack';
import { policyNamed } from '@sidestep/policies';
import {
  bullmqJobs,
  type Clock,
  createLog,
  createServiceApp,
  everyMs,
  type Jobs,
  type Listening,
  type Log,
  listen,
  openStackLogin,
  type Records,
  type Running,
  sqliteRecords,
  systemClock,
  type Ticker,
} from '@sidestep/service-kit';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import { configuredHook, hookInWords } from './adapters/fencing/configured-hook.ts';
import { headFile } from './adapters/files/head-file.ts';
import { openstackCompute } from './adapters/openstack/openstack-compute.ts';
import { openstackHosts } from './adapters/openstack/openstack-hosts.ts';
import { placementPlaces } from './adapters/openstack/placement-places.ts';
import { prometheusMeters } from './adapters/prometheus/prometheus-meters.ts';
import { monitoringTelemetry } from './adapters/services/monitoring-telemetry.ts';
import { nfvoChains } from './adapters/services/nfvo-chains.ts';
import { predictionForecasts } from './adapters/services/prediction-forecasts.ts';
import { serviceSurroundings } from './adapters/services/surroundings.ts';
import { threadedOptimizer } from './adapters/thread/threaded-optimizer.ts';
import { realPace } from './adapters/timers/real-pace.ts';
import { readCapabilities } from './capabilities.ts';
import type { MigrationConfig } from './config.ts';
import { migrationHandlers } from './http/handlers.ts';
import { toOperation } from './http/to-contract.ts';
import { coalesced } from './jobs/coalesced.ts';
import { optimizationJobs } from './jobs/optimization-jobs.ts';
import { wakeUps } from './jobs/wake-ups.ts';
import { limitsOf } from './limits.ts';
import type { Chains } from './ports/chains.ts';
import type { Compute } from './ports/compute.ts';
import type { FencingHook } from './ports/fencing.ts';
import type { Forecasts } from './ports/forecasts.ts';
import type { Hosts } from './ports/hosts.ts';
import type { Optimizer } from './ports/optimizer.ts';
import type { Places } from './ports/places.ts';
import type { Surroundings } from './ports/surroundings.ts';
import type { Telemetry } from './ports/telemetry.ts';
import { headTeller } from './usecases/export-head.ts';
import { forgetOldLayouts } from './usecases/forget-old-layouts.ts';
import { forgetHostWork } from './usecases/hosts/forget-host-work.ts';
import { runHostWork } from './usecases/hosts/run-host-work.ts';
import { forgetOldDecisions } from './usecases/keep-decisions.ts';
import { createLedger } from './usecases/ledger.ts';
import { LiveOperations } from './usecases/live-operations.ts';
import { recoverOperations } from './usecases/operate/recover-operations.ts';
import { runOperation } from './usecases/operate/run-operation.ts';
import type { OnPoint } from './usecases/operate/step.ts';
import { optimizationLedger } from './usecases/optimise/optimization-ledger.ts';
import { isOutsideFailure, reconcile } from './usecases/reconcile.ts';
import { judgeChoices } from './usecases/score-policies.ts';

const version = '0.1.0';
/** A whole fleet is read for a search: it is larger than what services usually tell each other, and nobody waits for it. */
const fleetTimeoutMs = 60_000;
/** How often readers are told of operations that have changed, and at least something. */
const streamMs = 500;
const beatMs = 15_000;
/** How often it is looked whether a horizon has passed. */
const scoreEveryMs = 15_000;
/** How often what is too old to matter is forgotten. */
const pruneEveryMs = 60_000;

/** What a caller may put in place of what the settings would make. */
export type MigrationParts = {
  clock?: Clock;
  log?: Log;
  records?: Records;
  jobs?: Jobs;
  compute?: Compute;
  places?: Places;
  surroundings?: Surroundings;
  hosts?: Hosts;
  hook?: FencingHook;
  telemetry?: Telemetry;
  forecasts?: Forecasts;
  chains?: Chains;
  optimizer?: Optimizer;
  /** Called at each place where a worker may be cut off: tests stop it dead there. */
  onPoint?: OnPoint;
  /** Tests check each answer against the contract. */
  checkReplies?: boolean;
};

export type Migration = Running & {
  app: Express;
  /** Where it listens; undefined before the start. */
  address(): Listening | undefined;
  /** Looks at the alarms now, as a wake-up does. */
  reconcile(): Promise<void>;
};

/** Puts the service together; nothing runs before start(). */
export function composeMigration(config: MigrationConfig, parts: MigrationParts = {}): Migration {
  const clock = parts.clock ?? systemClock;
  const now = () => clock.now();
  const log = parts.log ?? createLog('migration', config.SIDESTEP_LOG_LEVEL);
  const limits = limitsOf(config);
  const registry = new Registry();
  const meters = prometheusMeters(registry);

  const records =
    parts.records ?? sqliteRecords(join(config.SIDESTEP_DATA_DIR, 'migration.sqlite'), clock);
  const jobs =
    parts.jobs ??
    bullmqJobs({ redisUrl: config.SIDESTEP_REDIS_URL, prefix: config.SIDESTEP_QUEUE_PREFIX, log });
  const ledger = createLedger(records, {
    mode: config.SIDESTEP_MODE,
    policy: config.SIDESTEP_POLICY,
    guardrails: config.SIDESTEP_GUARDRAILS,
    controlShare: config.SIDESTEP_CONTROL_SHARE,
  });

  const token = config.SIDESTEP_SERVICE_TOKEN_FILE;
  const timeoutMs = config.SIDESTEP_SERVICE_TIMEOUT_MS;
  // A decision that waits long is made from old data: better fail soon and look again.
  const quick = { token, timeoutMs, retries: 1 };
  const advice = { token, timeoutMs: config.SIDESTEP_ADVICE_TIMEOUT_MS, retries: 0 };
  const monitoring = serviceClient('monitoring', {
    baseUrl: config.SIDESTEP_MONITORING_URL,
    ...quick,
  });
  const telemetry = parts.telemetry ?? monitoringTelemetry(monitoring);
  const forecasts =
    parts.forecasts ??
    predictionForecasts(
      serviceClient('prediction', { baseUrl: config.SIDESTEP_PREDICTION_URL, ...quick }),
      serviceClient('prediction', { baseUrl: config.SIDESTEP_PREDICTION_URL, ...advice }),
    );
  const nfvo = serviceClient('nfvo', {
    baseUrl: config.SIDESTEP_NFVO_URL,
    token,
    timeoutMs: config.SIDESTEP_REPATH_TIMEOUT_MS,
  });
  const advisingNfvo = serviceClient('nfvo', { baseUrl: config.SIDESTEP_NFVO_URL, ...advice });
  const chains = parts.chains ?? nfvoChains(nfvo, advisingNfvo);
  const surroundings =
    parts.surroundings ?? serviceSurroundings({ monitoring, nfvo: advisingNfvo }, now);
  const cloud = createOpenStack({
    ...openStackLogin(config),
    timeoutMs: config.SIDESTEP_OPENSTACK_TIMEOUT_MS,
  });
  const compute = parts.compute ?? openstackCompute(cloud);
  const hosts = parts.hosts ?? openstackHosts(cloud);
  const hook = parts.hook ?? configuredHook(config);

  const worker = randomUUID();
  const pace = realPace(records, limits.operate.leaseMs);
  const places = parts.places ?? placementPlaces(cloud, { timeoutMs, now });
  const sources = { telemetry, forecasts, places, surroundings, now };
  const runOptions = {
    worker,
    pace,
    now,
    ledger,
    compute,
    hosts,
    chains,
    telemetry,
    forecasts,
    meters,
    log,
    limits: limits.operate,
    rules: limits.decide.rules,
    places,
    triggerMetrics: limits.decide.triggerMetrics,
    onPoint: parts.onPoint ?? (() => undefined),
  };
  const searching = { token, timeoutMs: fleetTimeoutMs };
  const optimizer =
    parts.optimizer ??
    threadedOptimizer({
      monitoring: { baseUrl: config.SIDESTEP_MONITORING_URL, ...searching },
      prediction: { baseUrl: config.SIDESTEP_PREDICTION_URL, ...searching },
      maxHeapMiB: config.SIDESTEP_OPTIMIZER_HEAP_MIB,
    });
  const queues = wakeUps({
    jobs,
    log,
    concurrency: config.SIDESTEP_WORKERS,
    onAlarm: () => lookNow(),
    run: async (operationId) => {
      if (!(await runOperation(operationId, runOptions))) return;
      nudge();
      nudgeHosts();
      replacement.nudge();
    },
  });
  const reconcileOptions = {
    ...sources,
    ledger,
    meters,
    log,
    limits: limits.decide,
    policyNamed,
    wake: queues.wake,
  };
  const optimizations = optimizationLedger(records);
  const expiryMs = config.SIDESTEP_OPTIMIZATION_EXPIRY_MS;
  const replacement = optimizationJobs(
    { ...reconcileOptions, records, optimizations, optimizer, worker, expiryMs },
    config.SIDESTEP_RECONCILE_MS,
  );
  const look = (woken: boolean) => async () => {
    try {
      await reconcile(reconcileOptions, woken);
    } catch (error) {
      if (isOutsideFailure(error))
        log.warn({ error: error.message }, 'The alarms are looked at again later');
      else log.error({ error }, 'The alarms could not be looked at');
    }
  };
  // One at a time, a tick or a wake-up: two would decide for the same hosts.
  let woken = false;
  const lookOnce = coalesced(() => {
    const wasWoken = woken;
    woken = false;
    return look(wasWoken)();
  });
  const lookNow = () => {
    woken = true;
    return lookOnce();
  };
  const nudge = () => {
    if (!pace.stopping()) void lookNow();
  };

  const hostOptions = {
    ...sources,
    ledger,
    hosts,
    meters,
    log,
    limits: limits.hosts.placing,
    incidents: limits.hosts.incidents,
    hook,
    wake: queues.wake,
    worker,
    pace,
    leaseMs: limits.operate.leaseMs,
  };
  const hostWork = coalesced(() => runHostWork(hostOptions));
  const hostWorkFailed = (error: unknown) => log.error({ error }, 'The host work broke off');
  const nudgeHosts = () => {
    if (!pace.stopping()) void hostWork().catch(hostWorkFailed);
  };

  const live = new LiveOperations(ledger, toOperation);
  const scoring = {
    ledger,
    telemetry,
    log,
    now,
    horizonMs: config.SIDESTEP_SCORE_HORIZON_MS,
    overloadPercent: config.SIDESTEP_OVERLOAD_PERCENT,
  };
  const app = createServiceApp<migration.operations>({
    service: 'migration',
    version,
    handlers: migrationHandlers({
      ...sources,
      ledger,
      meters,
      limits: limits.decide,
      scoring,
      wake: queues.wake,
      nudge,
      records,
      optimizations,
      expiryMs,
      nudgeOptimizer: replacement.nudge,
      live,
      hostWork: { ...hostOptions, hookConfigured: hook !== null, nudgeHosts },
    }),
    tokens: config.SIDESTEP_TOKENS_FILE,
    log,
    registry,
    readiness: {
      records: async () => {
        await records.list('control', { limit: 1 });
        return { ok: true, detail: null };
      },
      redis: () => jobs.ping(),
      monitoring: async () => {
        await telemetry.raisedAlarms();
        return { ok: true, detail: null };
      },
      openstack: async () => {
        await cloud.keystone.identity({ timeoutMs });
        return { ok: true, detail: null };
      },
    },
    capabilities: () => readCapabilities({ cloud, nfvo, fencing: hookInWords(config), timeoutMs }),
    basePath: config.SIDESTEP_BASE_PATH,
    checkReplies: parts.checkReplies ?? false,
    ...(config.SIDESTEP_DOCS_TOKEN_FILE === undefined
      ? {}
      : { docsToken: config.SIDESTEP_DOCS_TOKEN_FILE }),
  });

  const tellHead = headTeller({
    ledger,
    meters,
    log,
    exports: headFile(join(config.SIDESTEP_DATA_DIR, 'decision-heads.jsonl')),
  });
  let listening: Listening | undefined;
  const tickers: Ticker[] = [];
  const recover = async (quietMs: number) => {
    await recoverOperations({ ledger, worker, now, wake: queues.wake }, quietMs);
  };
  return {
    app,
    address: () => listening,
    reconcile: lookNow,
    start: async () => {
      listening = await listen(app, config.SIDESTEP_BIND, config.SIDESTEP_MIGRATION_PORT);
      log.info({ url: listening.url }, 'migration listens');
      queues.start();
      const failed = (error: unknown) => log.error({ error }, 'Operations could not be recovered');
      // What an earlier process left behind goes on at once, as soon as its lease has run out.
      await recover(0).catch(failed);
      tickers.push(
        everyMs(config.SIDESTEP_RECONCILE_MS, lookOnce, failed),
        everyMs(config.SIDESTEP_RECONCILE_MS, hostWork, hostWorkFailed),
        everyMs(config.SIDESTEP_RECOVER_MS, () => recover(limits.operate.leaseMs), failed),
        everyMs(
          streamMs,
          () => live.look(),
          (error) => log.error({ error }, 'Readers could not be told'),
        ),
        everyMs(
          beatMs,
          async () => live.beat(),
          () => undefined,
        ),
        everyMs(
          scoreEveryMs,
          async () => {
            await judgeChoices(scoring);
          },
          (error) => log.warn({ error }, 'What came of the choices is looked at later'),
        ),
        everyMs(config.SIDESTEP_HEAD_EXPORT_MS, tellHead, (error) =>
          log.warn({ error }, 'The head of the decisions could not be told of'),
        ),
        everyMs(
          pruneEveryMs,
          async () => {
            await ledger.guard.prune(now());
            await forgetOldDecisions(ledger, config.SIDESTEP_KEEP_DECISION_EVENTS);
            await forgetHostWork({ records, telemetry }, now() - config.SIDESTEP_KEEP_HOST_WORK_MS);
            await forgetOldLayouts(records);
          },
          (error) => log.warn({ error }, 'Old records are forgotten later'),
        ),
      );
      replacement.start();
      nudge();
      nudgeHosts();
    },
    close: async () => {
      pace.stop();
      live.close();
      await listening?.close();
      await Promise.all(tickers.map((ticker) => ticker.stop()));
      // Waits for the look under way; the one that this asks for sees that it is to stop.
      await hostWork().catch(hostWorkFailed);
      await replacement.close();
      await queues.close();
      await jobs.close();
      await records.close();
    },
  };
}
