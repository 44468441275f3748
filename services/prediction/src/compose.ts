import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { type prediction, serviceClient } from '@sidestep/contracts';
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
  type Running,
  sqliteRecords,
  systemClock,
  type Ticker,
  type Worker,
} from '@sidestep/service-kit';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import { folderModelFiles } from './adapters/files/folder-model-files.ts';
import { migrationOwnMoves, noOwnMoves } from './adapters/http/migration-own-moves.ts';
import { monitoringTelemetry } from './adapters/http/monitoring-telemetry.ts';
import { forkedTrainer } from './adapters/process/forked-trainer.ts';
import { tickMetrics } from './adapters/prometheus/tick-metrics.ts';
import { recordDocuments } from './adapters/records/record-documents.ts';
import { type PredictionConfig, settingsOf } from './config.ts';
import { classTraining, outlookId, settingsFor } from './domain/outlook.ts';
import { capabilitiesOf } from './http/capabilities.ts';
import { classHandlers } from './http/classes.ts';
import { destinationHandlers } from './http/destinations.ts';
import { explanationHandlers } from './http/explanations.ts';
import { incidentHandlers } from './http/incidents.ts';
import { migrationCostHandlers } from './http/migration-costs.ts';
import { modelHandlers } from './http/models.ts';
import { outlookHandlers } from './http/outlooks.ts';
import { riskHandlers } from './http/risks.ts';
import { scoreHandlers } from './http/scores.ts';
import { statusHandlers } from './http/status.ts';
import { trainingHandlers } from './http/trainings.ts';
import { trainingJob } from './jobs/training-job.ts';
import type { Trainer } from './ports/trainer.ts';
import { createClassDesk } from './usecases/class-desk.ts';
import { gatherIncidents } from './usecases/gather-incidents.ts';
import { createIncidentDesk } from './usecases/incident-desk.ts';
import { createHonestyKeeper, type HonestyKeeper, reviewAll } from './usecases/keep-honest.ts';
import { restoreScores, saveScores } from './usecases/keep-scores.ts';
import { learnFromOperations } from './usecases/migration-costs.ts';
import { outlookBoard } from './usecases/outlook-board.ts';
import { pruneRecords, versionsInUse } from './usecases/prune-records.ts';
import { createRiskReader } from './usecases/read-risks.ts';
import { recently } from './usecases/recently.ts';
import { trainingQueue } from './usecases/request-training.ts';
import { restoreModel } from './usecases/restore-model.ts';
import { createTickRunner } from './usecases/run-tick.ts';
import { createServingModel } from './usecases/serving-model.ts';
import { endInterrupted, tendTrainings } from './usecases/tend-trainings.ts';
import { trainClassifier } from './usecases/train-classifier.ts';

const version = '0.1.0';
/** How often it is looked whether a tick is over: bounds how late after its end a tick is read. */
const lookEveryMs = 500;
const tendEveryMs = 5_000;
const pruneEveryMs = 600_000;
const reviewEveryMs = 60_000;
const gatherEveryMs = 30_000;
const learnEveryMs = 300_000;
/** Reading and sending happen beside the fitting, which has a limit of its own. */
const trainingGraceMs = 120_000;
/** A worker whose Redis is away never says that it is closed; nothing of ours waits in it by then. */
const queueCloseWithinMs = 2_000;

export type Prediction = Running & {
  app: Express;
  /** Where it listens; undefined before the start. */
  address(): Listening | undefined;
};

/** What a caller may put in place of what the settings would make. */
export type PredictionParts = {
  clock?: Clock;
  jobs?: Jobs;
  trainer?: Trainer;
  log?: Log;
  /** Tests check each answer against the contract. */
  checkReplies?: boolean;
};

/** Puts the service together; nothing runs before start(). */
export function composePrediction(
  config: PredictionConfig,
  parts: PredictionParts = {},
): Prediction {
  const settings = settingsOf(config);
  const clock = parts.clock ?? systemClock;
  const log = parts.log ?? createLog('prediction', config.SIDESTEP_LOG_LEVEL);
  const folder = config.SIDESTEP_DATA_DIR;
  const token = config.SIDESTEP_SERVICE_TOKEN_FILE;
  const monitoring = { baseUrl: config.SIDESTEP_MONITORING_URL, token };

  const records = sqliteRecords(join(folder, 'prediction.sqlite'), clock);
  const documents = recordDocuments(records);
  const jobs =
    parts.jobs ??
    bullmqJobs({ redisUrl: config.SIDESTEP_REDIS_URL, prefix: config.SIDESTEP_QUEUE_PREFIX, log });
  const registry = new Registry();
  const observer = tickMetrics(registry);
  const telemetry = monitoringTelemetry(serviceClient('monitoring', monitoring));
  const ownMoves =
    config.SIDESTEP_MIGRATION_URL === undefined
      ? noOwnMoves
      : migrationOwnMoves(
          serviceClient('migration', { baseUrl: config.SIDESTEP_MIGRATION_URL, token }),
        );
  const trainer =
    parts.trainer ??
    forkedTrainer({
      monitoring,
      maxOldSpaceMiB: config.SIDESTEP_PREDICTION_TRAIN_MAX_HEAP_MIB,
      maxRssMiB: config.SIDESTEP_PREDICTION_TRAIN_MAX_MEMORY_MIB,
      killAfterMs: settings.maxTrainingMs + trainingGraceMs,
    });

  const serving = createServingModel(settings, observer);
  // The gauge of the model that serves is about the chief outlook; the others are told of by /outlooks.
  const sides = settings.sideOutlooks.map((outlook) => {
    const own = settingsFor(settings, outlook);
    return { settings: own, serving: createServingModel(own, { serves: () => undefined }) };
  });
  const keepers = new Map<string, HonestyKeeper>();
  const incidents = createIncidentDesk(documents);
  const runner = createTickRunner({
    clock,
    incidents: incidents.times,
    settings,
    telemetry,
    serving,
    sides,
    observer,
    onScored: async (outlook, forecast) => keepers.get(outlook)?.scored(forecast),
    log,
  });
  const risks = createRiskReader({ clock, settings, runner, serving });
  const models = {
    documents,
    files: folderModelFiles(join(folder, 'models')),
    settings,
    serving,
    runner,
  };
  const classDocuments = recordDocuments(records, classTraining);
  const classes = createClassDesk({ ...models, clock, documents: classDocuments, log });
  const outlooks = outlookBoard(
    { settings, serving, models, risks, forecast: runner.forecast },
    sides.map((side) => {
      const id = outlookId(side.settings);
      const forecast = () => runner.sideForecast(id);
      return {
        ...side,
        models: {
          ...models,
          ...side,
          documents: recordDocuments(records, id),
          // Its risks are due with the next tick anyway, and nothing acts on them before.
          runner: { rescore: () => undefined },
        },
        risks: createRiskReader({ clock, ...side, runner: { forecast } }),
        forecast,
      };
    }),
  );
  for (const part of outlooks.all)
    keepers.set(part.id, createHonestyKeeper({ clock, log, ownMoves, part }));
  const watched = [...keepers].map(([id, keeper]) => ({ id, keeper }));
  const keeperOf = (outlook: string): HonestyKeeper => {
    const keeper = keepers.get(outlook);
    if (keeper === undefined) throw new RangeError(`nothing watches ${outlook}`);
    return keeper;
  };
  const costs = {
    clock,
    log,
    tickMs: settings.tickMs,
    assumptions: {
      linkMiBPerSecond: config.SIDESTEP_PREDICTION_MIGRATION_MIB_PER_S,
      dirtyMiBPerVcpuSecond: config.SIDESTEP_PREDICTION_DIRTY_MIB_PER_VCPU_S,
    },
    telemetry,
    ownMoves,
    documents,
  };
  const requests = { clock, settings, documents, jobs, newId: randomUUID, log };
  const closing = new AbortController();
  const training = { clock, trainer, ownMoves, log };
  const trainings = trainingJob(
    { ...models, ...training },
    closing.signal,
    new Map(outlooks.all.map((part) => [part.id, { ...part.models, ...training }])),
    new Map([[classTraining, trainClassifier(classes)]]),
  );
  const servingBySide = new Map(
    outlooks.all.flatMap((part) => (part.chief ? [] : [[part.id, part.serving] as const])),
  );

  let backend: Awaited<ReturnType<Trainer['probe']>> | undefined;
  const app = createServiceApp<prediction.operations>({
    service: 'prediction',
    version,
    handlers: {
      ...statusHandlers({
        settings,
        documents,
        serving,
        runner,
        backend: () => (backend?.kind === 'found' ? backend.backend : null),
      }),
      ...outlookHandlers(outlooks),
      ...riskHandlers(outlooks),
      ...classHandlers(classes, settings),
      ...destinationHandlers({ clock, telemetry, risks, classes, policyNamed }),
      ...trainingHandlers({ ...requests, outlooks, basePath: config.SIDESTEP_BASE_PATH }),
      ...modelHandlers(outlooks, classes),
      ...scoreHandlers(outlooks, keeperOf),
      ...explanationHandlers(outlooks, keeperOf),
      ...incidentHandlers(requests),
      ...migrationCostHandlers(costs, {
        ...costs,
        telemetry: { ...telemetry, readInventory: recently(telemetry.readInventory, clock) },
      }),
    },
    tokens: config.SIDESTEP_TOKENS_FILE,
    log,
    readiness: {
      records: async () => {
        await documents.ping();
        return { ok: true, detail: null };
      },
      redis: () => jobs.ping(),
      monitoring: () => telemetry.ping(),
    },
    capabilities: () => capabilitiesOf(backend, serving.current().fallback),
    basePath: config.SIDESTEP_BASE_PATH,
    registry,
    checkReplies: parts.checkReplies ?? false,
    ...(config.SIDESTEP_DOCS_TOKEN_FILE === undefined
      ? {}
      : { docsToken: config.SIDESTEP_DOCS_TOKEN_FILE }),
  });

  let listening: Listening | undefined;
  let worker: Worker | undefined;
  const tickers: Ticker[] = [];
  return {
    app,
    address: () => listening,
    start: async () => {
      await endInterrupted(requests);
      await incidents.refresh();
      for (const part of outlooks.all) await restoreModel({ ...part.models, log });
      await classes.restore();
      await restoreScores(documents, watched);
      listening = await listen(app, config.SIDESTEP_BIND, config.SIDESTEP_PREDICTION_PORT);
      worker = jobs.work(trainingQueue, trainings.process, { concurrency: 1 });
      const failing = sayOnce(log);
      tickers.push(
        everyMs(lookEveryMs, () => runner.run().then(failing.works), failing.fails),
        everyMs(
          tendEveryMs,
          () =>
            tendTrainings({
              ...requests,
              runner,
              serving,
              sides: servingBySide,
              classifier: classes,
            }),
          (error) => log.error({ error }, 'The trainings could not be looked after'),
        ),
        everyMs(
          reviewEveryMs,
          () => reviewAll({ clock, telemetry, log }, [...keepers.values()]),
          (error) => log.warn({ error }, 'Monitoring could not be told how the models do'),
        ),
        everyMs(
          reviewEveryMs,
          () => saveScores(documents, watched),
          (error) => log.error({ error }, 'What was judged could not be kept'),
        ),
        everyMs(
          gatherEveryMs,
          () => gatherIncidents({ clock, documents, telemetry }).finally(incidents.refresh),
          (error) => log.warn({ error }, 'Incidents could not be read from Monitoring'),
        ),
        everyMs(
          learnEveryMs,
          () => learnFromOperations(costs),
          (error) => log.warn({ error }, 'Finished operations could not be learnt from'),
        ),
        everyMs(
          pruneEveryMs,
          async () => {
            const needed = await versionsInUse([
              ...outlooks.all.map((part) => part.models.documents),
              classDocuments,
            ]);
            const kept = {
              models: config.SIDESTEP_PREDICTION_KEEP_MODELS,
              trainings: config.SIDESTEP_PREDICTION_KEEP_TRAININGS,
              incidents: config.SIDESTEP_PREDICTION_KEEP_INCIDENTS,
            };
            await pruneRecords(models, kept, needed);
          },
          (error) => log.error({ error }, 'Old models could not be removed'),
        ),
      );
      void trainer.probe(closing.signal).then((found) => {
        backend = found;
        log.info(found, 'What computes trainings here');
      });
      log.info({ url: listening.url }, 'Prediction listens');
    },
    close: async () => {
      await listening?.close();
      closing.abort();
      await Promise.all(tickers.splice(0).map((ticker) => ticker.stop()));
      await trainings.settled();
      await saveScores(documents, watched).catch((error: unknown) =>
        log.error({ error }, 'What was judged could not be kept'),
      );
      await atMost(
        queueCloseWithinMs,
        worker?.close().then(() => jobs.close()),
      );
      await records.close();
    },
  };
}

async function atMost(limitMs: number, work: Promise<void> | undefined): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, limitMs);
  });
  await Promise.race([work, limit]);
  clearTimeout(timer);
}

/** A state that lasts is logged when it begins and when it ends, not each time it is met. */
function sayOnce(log: Log): { works: () => void; fails: (error: unknown) => void } {
  let failing = false;
  return {
    works: () => {
      if (failing) log.info({}, 'Ticks are read again');
      failing = false;
    },
    fails: (error) => {
      if (!failing) log.error({ error }, 'A tick could not be read; risks go unknown until it can');
      failing = true;
    },
  };
}
