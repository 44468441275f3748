import type { prediction } from '@sidestep/contracts';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import { activateModel, type ModelDeps } from '../usecases/activate-model.ts';
import { modelOnWire } from './wire.ts';

export const modelHandlers = (
  deps: ModelDeps,
): Pick<Handlers<prediction.operations>, 'listModels' | 'getModel' | 'activateModel'> => {
  const activeVersion = () => deps.serving.current().version;
  return {
    listModels: async ({ query }) => {
      const { items, nextCursor } = await deps.documents.listModels({
        limit: query.limit ?? 100,
        cursor: query.cursor,
      });
      return {
        status: 200,
        body: { models: items.map((model) => modelOnWire(model, activeVersion())), nextCursor },
      };
    },

    getModel: async ({ params }) => {
      const model = await deps.documents.getModel(params.version);
      if (model === undefined) throw new NotFound('model', params.version);
      return { status: 200, body: modelOnWire(model, activeVersion()) };
    },

    activateModel: async ({ params }) => {
      const model = await activateModel(deps, params.version);
      return { status: 200, body: modelOnWire(model, activeVersion()) };
    },
  };
};
