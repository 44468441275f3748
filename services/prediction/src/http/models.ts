import type { prediction } from '@sidestep/contracts';
import { forecasters, svmKind } from '@sidestep/forecast';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import { classTraining, outlookId } from '../domain/outlook.ts';
import { activateModel } from '../usecases/activate-model.ts';
import type { ClassDesk } from '../usecases/class-desk.ts';
import type { OutlookBoard } from '../usecases/outlook-board.ts';
import { rollBackModel } from '../usecases/roll-back-model.ts';
import { modelOnWire } from './wire.ts';

type Handled = 'listModels' | 'getModel' | 'activateModel' | 'rollBackModel';

/** What can be trained, with the outlooks for which it is by the settings. */
const kindsOf = ({ all }: Pick<OutlookBoard, 'all'>) =>
  forecasters.map(({ kind, answers, needs, chooseWhen, unfitted }) => ({
    kind,
    answers,
    needs,
    chooseWhen,
    fitted: unfitted === undefined,
    trainedFor:
      kind === svmKind
        ? [classTraining]
        : all.filter(({ settings }) => settings.modelKind === kind).map(({ id }) => id),
  }));

export const modelHandlers = (
  outlooks: OutlookBoard,
  classes: Pick<ClassDesk, 'activate' | 'rollBack' | 'version'>,
): Pick<Handlers<prediction.operations>, Handled> => {
  const { documents } = outlooks.chief.models;
  const activeVersions = () =>
    new Set([...outlooks.all.map(({ serving }) => serving.current().version), classes.version()]);
  const modelNamed = async (version: string) => {
    const model = await documents.getModel(version);
    if (model === undefined) throw new NotFound('model', version);
    return model;
  };
  return {
    listModels: async ({ query }) => {
      const { items, nextCursor } = await documents.listModels({
        limit: query.limit ?? 100,
        cursor: query.cursor,
      });
      return {
        status: 200,
        body: {
          kinds: kindsOf(outlooks),
          models: items.map((model) => modelOnWire(model, activeVersions())),
          nextCursor,
        },
      };
    },

    getModel: async ({ params }) => ({
      status: 200,
      body: modelOnWire(await modelNamed(params.version), activeVersions()),
    }),

    rollBackModel: async ({ query }) => {
      const model =
        query.outlook === classTraining
          ? await classes.rollBack()
          : await rollBackModel(outlooks.named(query.outlook, '/query/outlook').models);
      return { status: 200, body: modelOnWire(model, activeVersions()) };
    },

    activateModel: async ({ params }) => {
      const { version, info } = await modelNamed(params.version);
      if (info.kind === svmKind) {
        const classifier = await classes.activate(version);
        return { status: 200, body: modelOnWire(classifier, activeVersions()) };
      }
      // A model of nothing that is foreseen here is tried on the chief outlook, which says why it does not fit.
      const part = outlooks.all.find(({ id }) => id === outlookId(info)) ?? outlooks.chief;
      const model = await activateModel(part.models, version);
      return { status: 200, body: modelOnWire(model, activeVersions()) };
    },
  };
};
