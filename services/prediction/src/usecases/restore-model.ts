import type { Log } from '@sidestep/service-kit';
import type { ModelDeps } from './activate-model.ts';
import { openModel } from './open-model.ts';

/** At start: the model that served last serves again; where it is refused, the newest earlier one that is not. */
export async function restoreModel(deps: ModelDeps & { log: Log }): Promise<void> {
  const active = await deps.documents.getActive();
  if (active === undefined) return;
  if (active.version === null) {
    if (active.reason !== undefined) deps.serving.fallBack(active.reason);
    return;
  }
  const refusals: string[] = [];
  const versions = [active.version, ...active.earlier];
  for (const [index, version] of versions.entries()) {
    const opened = await openModel(deps, version);
    if (opened.kind === 'usable') {
      deps.serving.serve(opened.model);
      if (index > 0)
        await deps.documents.changeActive(() => ({ version, earlier: versions.slice(index + 1) }));
      return;
    }
    const reason = opened.kind === 'refused' ? opened.reason : 'it is not recorded';
    deps.log.error({ model: version, reason }, 'A model is refused');
    refusals.push(`${version}: ${reason}`);
  }
  deps.serving.fallBack(`no stored model can be used (${refusals[0] ?? ''})`);
}
