import { NotFound, ProblemError } from '@sidestep/service-kit';
import { type ModelRecord, withActive } from '../domain/model-record.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { Documents } from '../ports/documents.ts';
import type { ModelFiles } from '../ports/model-files.ts';
import { openModel } from './open-model.ts';
import type { TickRunner } from './run-tick.ts';
import type { ServingModel } from './serving-model.ts';

export type ModelDeps = {
  documents: Documents;
  files: ModelFiles;
  settings: PredictionSettings;
  serving: ServingModel;
  runner: Pick<TickRunner, 'rescore'>;
};

/** Lets a model serve; what served goes on serving when the new one is refused. */
export async function activateModel(deps: ModelDeps, version: string): Promise<ModelRecord> {
  const opened = await openModel(deps, version);
  if (opened.kind === 'unknown') throw new NotFound('model', version);
  if (opened.kind === 'refused')
    throw new ProblemError('MODEL_REFUSED', `The model ${version} is refused: ${opened.reason}`);
  await deps.documents.changeActive((active) => withActive(active, version));
  deps.serving.serve(opened.model);
  deps.runner.rescore();
  return opened.record;
}
