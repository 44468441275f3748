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

/** Progress is recorded in steps of this size: each is a write to the disk. */
const progressStep = 0.02;

/** Carries a queued training out, to its recorded end. Does nothing for one that is not queued any more. */
export async function runTraining(
  deps: TrainingDeps,
  id: string,
  signal: AbortSignal,
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
    await carryOut(deps, taken.training, signal);
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

async function carryOut(
  deps: TrainingDeps,
  training: Training,
  signal: AbortSignal,
): Promise<void> {
  const { documents, settings, trainer } = deps;
  const task = await taskFor(deps, training);
  const outcome = await trainer.train(task, { onProgress: recorder(deps, training.id), signal });
  if (outcome.kind !== 'trained') throw failure(outcome);

  const loaded = loadModel(outcome.bytes);
  if (loaded.kind === 'refused')
    throw new ProblemError('MODEL_REFUSED', `${loaded.reason}: ${loaded.detail}`);
  const { info } = loaded.model;
  const record: ModelRecord = {
    version: info.version,
    createdAtMs: deps.clock.now(),
    seed: training.seed,
    rows: outcome.rows,
    fileChecksum: await deps.files.save(info.version, outcome.bytes),
    info,
    ...(outcome.duel === null ? {} : { duel: outcome.duel }),
    reference: outcome.reference,
  };
  await documents.saveModel(record);

  const { activate, reason } = promotion(await meetingOf(deps, info, outcome.duel));
  if (activate) await activateModel(deps, info.version);
  deps.log.info(
    { model: info.version, serves: activate, reason, tickMs: settings.tickMs },
    'Trained',
  );
  await documents.changeTraining(training.id, (now) =>
    mayFollow(now.state, 'completed')
      ? {
          ...now,
          state: 'completed',
          progress: 1,
          endedAtMs: deps.clock.now(),
          backend: outcome.backend,
          detail: activate ? `serves: ${reason}` : `kept, does not serve: ${reason}`,
          modelVersion: info.version,
        }
      : undefined,
  );
}

async function taskFor(deps: TrainingDeps, training: Training): Promise<TrainingTask> {
  const { settings, clock } = deps;
  const { tickMs } = settings;
  const nowMs = clock.now();
  const toMs = newestWholeTick(nowMs - settings.settleMs, tickMs) + tickMs;
  const fromMs = tickOf(toMs - training.lastMs, tickMs);
  const reachMs = settings.horizonTicks * tickMs;
  const moves = await deps.ownMoves.movesSince(fromMs - reachMs);
  const active = await deps.documents.getActive();
  const opened = active?.version == null ? undefined : await openModel(deps, active.version);
  return {
    fromMs,
    toMs,
    tickMs,
    maxSamples: settings.maxTrainingSamples,
    ...(onlyBeginsOf(settings.targetMetric)
      ? { incidents: timesOf(await readIncidents(deps.documents)) }
      : {}),
    spec: trainingSpecOf(settings, { seed: training.seed, censored: censoredBy(moves, nowMs) }),
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

function recorder({ documents, log }: TrainingDeps, id: string) {
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
