import { loadClassModel } from '@sidestep/forecast';
import { ProblemError } from '@sidestep/service-kit';
import { type Duel, promotion } from '../domain/duel.ts';
import { classTraining } from '../domain/outlook.ts';
import type { TrainingTask } from '../ports/trainer.ts';
import type { ClassDesk } from './class-desk.ts';
import { type CarryOut, historyOf, keepModel, recorder, trainedBy } from './run-training.ts';

/** Trains a classifier; it serves if its picks are better than those of the one that does, or that one is of other hosts. */
export const trainClassifier =
  (desk: Pick<ClassDesk, 'activate' | 'champion' | 'version'>): CarryOut =>
  async (deps, training, signal) => {
    const task: TrainingTask = {
      ...(await historyOf(deps, training)),
      makes: classTraining,
      champion: await desk.champion(),
    };
    const hooks = { onProgress: recorder(deps, training.id), signal };
    const outcome = trainedBy(await deps.trainer.train(task, hooks));
    const loaded = loadClassModel(outcome.bytes);
    if (loaded.kind === 'refused')
      throw new ProblemError('MODEL_REFUSED', `${loaded.reason}: ${loaded.detail}`);
    const { info } = loaded.model;
    const { duel } = outcome;
    await keepModel(deps, training, info, outcome, duel === null ? {} : { duel });
    const { activate, reason } = promotion(meetingOf(desk.version(), duel));
    if (activate) await desk.activate(info.version);
    const detail = activate
      ? `serves: ${reason}; it tells ${info.dataRange.hosts} hosts apart`
      : `kept, does not serve: ${reason}`;
    return { modelVersion: info.version, backend: outcome.backend, detail };
  };

/** How the newcomer did against what serves now, whatever the training met. */
const meetingOf = (serves: string | null, met: Duel | null): Duel | 'none' => {
  if (serves === null) return 'none';
  return met?.against === serves
    ? met
    : { against: serves, difference: null, detail: `it was not compared with ${serves}` };
};
