import { Conflict } from '@sidestep/service-kit';
import type { ModelRecord } from '../domain/model-record.ts';
import type { ModelDeps } from './activate-model.ts';
import { openModel } from './open-model.ts';

/** Lets the model that served before serve again: the newest earlier one that can still be used. */
export async function rollBackModel(deps: ModelDeps): Promise<ModelRecord> {
  const { earlier } = (await deps.documents.getActive()) ?? { earlier: [] };
  for (const [index, version] of earlier.entries()) {
    const opened = await openModel(deps, version);
    if (opened.kind !== 'usable') continue;
    // What served last is not among the ways back: going back twice goes further back.
    await deps.documents.changeActive(() => ({ version, earlier: earlier.slice(index + 1) }));
    deps.serving.serve(opened.model);
    deps.runner.rescore();
    return opened.record;
  }
  throw new Conflict('No model that served before can be used');
}
