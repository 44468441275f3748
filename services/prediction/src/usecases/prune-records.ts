import type { Documents, Page } from '../ports/documents.ts';
import type { ModelFiles } from '../ports/model-files.ts';

/** How many are kept, newest first. */
export type Kept = { models: number; trainings: number; incidents: number };

const pageLimit = 200;

/** Removes old models with their files, old trainings and incidents; what lasts, serves or is a way back stays, whatever its age. */
export async function pruneRecords(
  deps: { documents: Documents; files: ModelFiles },
  kept: Kept,
  needed: ReadonlySet<string>,
): Promise<Kept> {
  const { documents, files } = deps;
  const models = (await everything(documents.listModels)).slice(kept.models);
  const spare = models.filter(({ version }) => !needed.has(version));
  for (const { version } of spare) {
    // A file without a record is found by nobody; a record without its file would be offered and refused.
    await documents.removeModel(version);
    await files.remove(version);
  }
  const trainings = (await everything(documents.listTrainings)).slice(kept.trainings);
  const ended = trainings.filter(({ state }) => state === 'completed' || state === 'failed');
  for (const { id } of ended) await documents.removeTraining(id);
  const incidents = (await everything(documents.listIncidents)).slice(kept.incidents);
  // An operator need not tell an end: what they told does not last for ever.
  const over = incidents.filter(
    ({ endedAtMs, source }) => endedAtMs !== null || source === 'operator',
  );
  for (const { id } of over) await documents.removeIncident(id);
  return { models: spare.length, trainings: ended.length, incidents: over.length };
}

/** Versions of the models that serve or are a way back, wherever that is kept. */
export async function versionsInUse(
  kept: readonly Pick<Documents, 'getActive'>[],
): Promise<ReadonlySet<string>> {
  const actives = await Promise.all(kept.map((documents) => documents.getActive()));
  return new Set(
    actives.flatMap((active) => [
      ...(active?.earlier ?? []),
      ...(active?.version == null ? [] : [active.version]),
    ]),
  );
}

async function everything<T>(
  list: (query: { limit: number; cursor?: string | undefined }) => Promise<Page<T>>,
): Promise<T[]> {
  const all: T[] = [];
  let cursor: string | undefined;
  do {
    const page = await list({ limit: pageLimit, cursor });
    all.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}
