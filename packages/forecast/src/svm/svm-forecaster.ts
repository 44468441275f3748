import type { Forecaster } from '../forecaster.ts';
import { type ClassModel, maxClassHosts, readClassModel, svmKind } from './class-model.ts';
import { trainClasses } from './train-classes.ts';

/** The main paper's classifier: the window of all hosts, through an RBF kernel, to the host of the lowest maximum. */
export const svmForecaster: Forecaster<ClassModel> = {
  kind: svmKind,
  answers: 'destination-class',
  needs: `Two to ${maxClassHosts} hosts that stay the same, and 120 ticks at which the outcome of every one of them is known.`,
  chooseWhen:
    'To compare with the paper. It knows no host that came later, and on real fleets it picks no better than least-cpu.',
  fit: async (series, spec, hooks) => trainClasses(series, spec, hooks),
  read: readClassModel,
};
