import { loadModel, type ModelInfo, onlyBeginsOf } from '@sidestep/forecast';
import {
  type Clock,
  type Log,
  type ProblemCode,
  ProblemError,
  toProblem,
} from '@sidestep/service-kit';
import { type Duel, promotion } from '../domain/duel.ts';
import { timesOf } from '../domain/incident-series.ts';
import type { ModelRecord } from '../domain/model-record.ts';
import { censoredBy } from '../domain/own-moves.ts';
import { trainingSpecOf } from '../domain/settings.ts';
import { newestWholeTick, tickOf } from '../domain/ticks.ts';
import { mayFollow, type Training } from '../domain/training.ts';
import type { OwnMovesSource } from '../ports/own-moves-source.ts';
import type { Trainer, TrainerOutcome, TrainerProgress, TrainingTask } from '../ports/trainer.ts';
import { activateModel, type ModelDeps } from './activate-model.ts';
import { readIncidents } from './incident-desk.ts';
import { openModel } from './open-model.ts';

export type TrainingDeps = ModelDeps & {
  clock: Clock;
  trainer: Trainer;
  ownMoves: OwnMovesSource;
  log: Log;
};

type Trained = Extract<TrainerOutcome, { kind: 'trained' }>;

/** What came of a training that was carried out. */
type Carried = { modelVersion: string; backend: string; detail: string };

/** Makes what a training is for; throws a ProblemError that says why it could not. */
export type CarryOut = (
  deps: TrainingDeps,
  training: Training,
  signal: AbortSignal,
) => Promise<Carried>;

/** Progress is recorded in steps of this size: each is a write to the disk. */
const progressStep = 0.02;

/** Carries a queued training out, to its recorded end. Does nothing for one that is not queued any more. */
export async function runTraining(
  deps: TrainingDeps,
  id: string,
  signal: AbortSignal,
  carryOut: CarryOut = trainForecast,
): Promise<void> {
  const taken: { training?: Training } = {};
  await deps.documents.changeTraining(id, (training) => {
    if (training.state !== 'queued') {
      delete taken.training;
      return undefined;
    }
    taken.training = {
      ...training,
      state: 'running',
      startedAtMs: deps.clock.now(),
      detail: 'asks Migration for our own moves',
    };
    return taken.training;
  });
  if (taken.training === undefined) return;
  try {
    await complete(deps, id, await carryOut(deps, taken.training, signal));
  } catch (error) {
    const cause =
      error instanceof ProblemError
        ? error
        : new ProblemError('TRAINING_FAILED', 'The training broke off; the log says why', {
            cause: error,
          });
    deps.log.error({ error, training: id }, 'A training failed');
    await endTraining(deps, id, cause);
  }
}

/** Marks a training failed with its reason, unless it has ended already. */
export async function endTraining(
  { documents, clock }: Pick<TrainingDeps, 'documents' | 'clock'>,
  id: string,
  cause: ProblemError,
): Promise<void> {
  await documents.changeTraining(id, (training) =>
    mayFollow(training.state, 'failed')
      ? {
          ...training,
          state: 'failed',
          endedAtMs: clock.now(),
          detail: cause.message,
          problem: toProblem(cause, { instance: `/trainings/${id}`, traceId: id }),
        }
      : undefined,
  );
}

async function complete(
  { documents, clock }: TrainingDeps,
  id: string,
  { modelVersion, backend, detail }: Carried,
): Promise<void> {
  await documents.changeTraining(id, (now) =>
    mayFollow(now.state, 'completed')
      ? {
          ...now,
          state: 'completed',
          progress: 1,
          endedAtMs: clock.now(),
          backend,
          detail,
          modelVersion,
        }
      : undefined,
  );
}

/** Keeps what was trained: its file first, as a record without one would be offered and refused. */
export async function keepModel(
  { clock, files, documents }: TrainingDeps,
  { seed }: Training,
  info: ModelInfo,
  { bytes, rows }: Trained,
  more: Pick<ModelRecord, 'duel' | 'reference'> = {},
): Promise<void> {
  await documents.saveModel({
    version: info.version,
    createdAtMs: clock.now(),
    seed,
    rows,
    fileChecksum: await files.save(info.version, bytes),
    info,
    ...more,
  });
}

/** Trains a model of the outlook; it serves if it is better than the one that does. */
const trainForecast: CarryOut = async (deps, training, signal) => {
  const { settings, trainer } = deps;
  const task = await taskFor(deps, training);
  const hooks = { onProgress: recorder(deps, training.id), signal };
  const outcome = trainedBy(await trainer.train(task, hooks));

  const loaded = loadModel(outcome.bytes);
  if (loaded.kind === 'refused')
    throw new ProblemError('MODEL_REFUSED', `${loaded.reason}: ${loaded.detail}`);
  const { info } = loaded.model;
  await keepModel(deps, training, info, outcome, {
    ...(outcome.duel === null ? {} : { duel: outcome.duel }),
    reference: outcome.reference,
  });

  const { activate, reason } = promotion(await meetingOf(deps, info, outcome.duel));
  if (activate) await activateModel(deps, info.version);
  deps.log.info(
    { model: info.version, serves: activate, reason, tickMs: settings.tickMs },
    'Trained',
  );
  const detail = activate ? `serves: ${reason}` : `kept, does not serve: ${reason}`;
  return { modelVersion: info.version, backend: outcome.backend, detail };
};

/** Which history is learnt from, without our own moves, and within which bounds. */
export async function historyOf(
  { settings, clock, ownMoves }: TrainingDeps,
  training: Training,
): Promise<Omit<TrainingTask, 'champion'>> {
  const { tickMs } = settings;
  const nowMs = clock.now();
  const toMs = newestWholeTick(nowMs - settings.settleMs, tickMs) + tickMs;
  const fromMs = tickOf(toMs - training.lastMs, tickMs);
  const reachMs = settings.horizonTicks * tickMs;
  const moves = await ownMoves.movesSince(fromMs - reachMs);
  return {
    fromMs,
    toMs,
    tickMs,
    maxSamples: settings.maxTrainingSamples,
    spec: trainingSpecOf(settings, {
      seed: training.seed,
      censored: censoredBy(moves, nowMs),
      ...(training.kind === undefined || training.kind === 'svm' ? {} : { kind: training.kind }),
    }),
  };
}

async function taskFor(deps: TrainingDeps, training: Training): Promise<TrainingTask> {
  const { settings } = deps;
  const history = await historyOf(deps, training);
  const active = await deps.documents.getActive();
  const opened = active?.version == null ? undefined : await openModel(deps, active.version);
  return {
    ...history,
    ...(onlyBeginsOf(settings.targetMetric)
      ? { incidents: timesOf(await readIncidents(deps.documents)) }
      : {}),
    champion:
      opened?.kind === 'usable'
        ? {
            version: opened.record.version,
            bytes: opened.bytes,
            seenUntilMs: opened.record.info.dataRange.toMs,
          }
        : null,
  };
}

/** How the newcomer did against what serves now; `none` while a fallback does, whatever the training met. */
async function meetingOf(
  { serving, documents }: TrainingDeps,
  info: ModelInfo,
  met: Duel | null,
): Promise<Duel | 'none'> {
  const { version } = serving.current();
  if (version === null) {
    // Where a model was found worse than the fallback, the next has to beat the fallback at least.
    const wasDegraded = (await documents.getActive())?.reason !== undefined;
    const held = info.metrics === 'not-measured' ? undefined : info.metrics;
    if (!wasDegraded || held === undefined || held.model.brier < held.persistence.brier)
      return 'none';
    const detail = `no better than the fallback on its own held-out stretch: Brier score ${held.model.brier.toFixed(4)} against ${held.persistence.brier.toFixed(4)}`;
    return { against: 'persistence', difference: null, detail };
  }
  return met?.against === version
    ? met
    : { against: version, difference: null, detail: `it was not compared with ${version}` };
}

/** Records how far a training has come, in steps. */
export function recorder({ documents, log }: TrainingDeps, id: string) {
  let told = -1;
  let writing: Promise<unknown> = Promise.resolve();
  return ({ done, words }: TrainerProgress) => {
    if (done - told < progressStep) return;
    told = done;
    writing = writing
      .then(() =>
        documents.changeTraining(id, (training) =>
          training.state === 'running'
            ? { ...training, progress: Math.min(0.99, done), detail: words }
            : undefined,
        ),
      )
      .catch((error: unknown) => log.warn({ error }, 'Progress could not be recorded'));
  };
}

/** The outcome of a training that was carried out; throws why it was not. */
export function trainedBy(outcome: TrainerOutcome): Trained {
  if (outcome.kind !== 'trained') throw failure(outcome);
  return outcome;
}

function failure(outcome: Exclude<TrainerOutcome, { kind: 'trained' }>): ProblemError {
  const as = (code: ProblemCode, words: string) => new ProblemError(code, words);
  switch (outcome.kind) {
    case 'not-enough-data':
      return as('NOT_ENOUGH_DATA', outcome.words);
    case 'refused':
      return as('TRAINING_FAILED', outcome.faults.join('; '));
    case 'failed':
      return as('TRAINING_FAILED', outcome.words);
    case 'cancelled':
      return as('TRAINING_FAILED', 'The service was stopped while it trained');
  }
}
