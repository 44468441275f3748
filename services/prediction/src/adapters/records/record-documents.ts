import { type Records, update } from '@sidestep/service-kit';
import type { MoveExperience } from '../../domain/cost-regression.ts';
import type { Incident } from '../../domain/incident.ts';
import type { ActiveModel, ModelRecord } from '../../domain/model-record.ts';
import type { ScoreChunk } from '../../domain/score-chunk.ts';
import { isOpen, type Training } from '../../domain/training.ts';
import type { Documents } from '../../ports/documents.ts';

const kinds = {
  training: 'training',
  model: 'model',
  active: 'active-model',
  incident: 'incident',
  experience: 'move-experience',
  scores: 'score-chunk',
} as const;
/** More hosts than this are not down at once. */
const mostOpenIncidents = 10_000;
const chiefActiveId = 'active';
const experiencesForgottenAtOnce = 500;
/** A chunk may hold a minute of a large fleet: not many of them at once. */
const chunksAtOnce = 50;

const incidentKeys = ({ resource, source, endedAtMs }: Incident) => ({
  resource,
  source,
  open: String(endedAtMs === null),
});

const keysOf = (training: Training) => ({ open: String(isOpen(training)) });

/** Prediction's documents in Records; which model serves is kept for each outlook by itself. */
export function recordDocuments(records: Records, activeId = chiefActiveId): Documents {
  const list = async <T extends object>(kind: string, query: Parameters<Records['list']>[1]) => {
    const { items, nextCursor } = await records.list<T>(kind, query);
    return { items: items.map(({ value }) => value), nextCursor };
  };
  const remove = async (kind: string, id: string) => {
    const stored = await records.get(kind, id);
    if (stored !== undefined)
      await records.commit([{ kind, id, expected: stored.version, value: null }]);
  };
  const chunksOf = async function* (outlook: string) {
    let cursor: string | undefined;
    do {
      const page: { items: ScoreChunk[]; nextCursor: string | null } = await list<ScoreChunk>(
        kinds.scores,
        { where: { outlook }, order: 'oldest', limit: chunksAtOnce, cursor },
      );
      yield* page.items;
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  };
  const chunkId = ({ outlook, fromMs }: ScoreChunk) => `${outlook} ${fromMs}`;
  return {
    getTraining: async (id) => (await records.get<Training>(kinds.training, id))?.value,
    listTrainings: (query) => list<Training>(kinds.training, query),
    openTrainings: async () =>
      (await list<Training>(kinds.training, { where: { open: 'true' }, limit: 100 })).items,
    addTraining: (training) =>
      records.commit([
        {
          kind: kinds.training,
          id: training.id,
          expected: 'absent',
          value: training,
          keys: keysOf(training),
        },
      ]),
    changeTraining: (id, change) =>
      update<Training>(records, kinds.training, id, (training) => {
        const changed = training === undefined ? undefined : change(training);
        return changed === undefined ? undefined : { value: changed, keys: keysOf(changed) };
      }),

    removeTraining: (id) => remove(kinds.training, id),

    getModel: async (version) => (await records.get<ModelRecord>(kinds.model, version))?.value,
    listModels: (query) => list<ModelRecord>(kinds.model, query),
    saveModel: async (model) => {
      await update<ModelRecord>(records, kinds.model, model.version, () => ({ value: model }));
    },
    removeModel: (version) => remove(kinds.model, version),

    saveIncident: async (incident) => {
      await update<Incident>(records, kinds.incident, incident.id, (known) =>
        // When it was first heard of stays; only its end may come to be known later.
        known !== undefined && known.endedAtMs === incident.endedAtMs
          ? undefined
          : {
              value: { ...incident, recordedAtMs: known?.recordedAtMs ?? incident.recordedAtMs },
              keys: incidentKeys(incident),
            },
      );
    },
    removeIncident: (id) => remove(kinds.incident, id),
    listIncidents: ({ resource, source, ...query }) =>
      list<Incident>(kinds.incident, {
        ...query,
        where: {
          ...(resource === undefined ? {} : { resource }),
          ...(source === undefined ? {} : { source }),
        },
      }),
    openIncidents: async (source) =>
      (
        await list<Incident>(kinds.incident, {
          where: { source, open: 'true' },
          limit: mostOpenIncidents,
        })
      ).items,

    saveScoreChunk: async (chunk) => {
      await update<ScoreChunk>(records, kinds.scores, chunkId(chunk), () => ({
        value: chunk,
        keys: { outlook: chunk.outlook },
      }));
    },
    listScoreChunks: chunksOf,
    removeScoreChunks: async (outlook, beforeMs) => {
      for await (const chunk of chunksOf(outlook)) {
        if (chunk.toMs >= beforeMs) return;
        await remove(kinds.scores, chunkId(chunk));
      }
    },

    getExperience: async (operationId) =>
      (await records.get<MoveExperience>(kinds.experience, operationId))?.value,
    saveExperience: async (experience) => {
      await update<MoveExperience>(records, kinds.experience, experience.operationId, () => ({
        value: experience,
      }));
    },
    forgetExperiences: async (keep) => {
      const { items } = await records.list<MoveExperience>(kinds.experience, {
        limit: keep + experiencesForgottenAtOnce,
      });
      for (const { id } of items.slice(keep)) await remove(kinds.experience, id);
    },
    listExperiences: async (limit) =>
      (await list<MoveExperience>(kinds.experience, { limit })).items,

    getActive: async () => (await records.get<ActiveModel>(kinds.active, activeId))?.value,
    changeActive: async (change) => {
      let next = change(undefined);
      await update<ActiveModel>(records, kinds.active, activeId, (active) => {
        next = change(active);
        return { value: next };
      });
      return next;
    },
    ping: async () => {
      await records.get(kinds.active, activeId);
    },
  };
}
