import { loadClassModel } from '@sidestep/forecast';
import { ProblemError } from '@sidestep/service-kit';
import { classTraining } from '../domain/outlook.ts';
import type { TrainingTask } from '../ports/trainer.ts';
import type { ClassDesk } from './class-desk.ts';
import { type CarryOut, historyOf, keepModel, recorder, trainedBy } from './run-training.ts';

/** Trains a classifier and lets it serve at once: there is no risk of it that could be compared. */
export const trainClassifier =
  (desk: Pick<ClassDesk, 'activate'>): CarryOut =>
  async (deps, training, signal) => {
    const task: TrainingTask = {
      ...(await historyOf(deps, training)),
      makes: classTraining,
      champion: null,
    };
    const hooks = { onProgress: recorder(deps, training.id), signal };
    const outcome = trainedBy(await deps.trainer.train(task, hooks));
    const loaded = loadClassModel(outcome.bytes);
    if (loaded.kind === 'refused')
      throw new ProblemError('MODEL_REFUSED', `${loaded.reason}: ${loaded.detail}`);
    const { info } = loaded.model;
    await keepModel(deps, training, info, outcome);
    await desk.activate(info.version);
    const detail = `serves: it tells ${info.dataRange.hosts} hosts apart`;
    return { modelVersion: info.version, backend: outcome.backend, detail };
  };
