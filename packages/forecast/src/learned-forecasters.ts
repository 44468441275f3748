import type { TrainedModel } from './forecast-model.ts';
import type { Forecaster } from './forecaster.ts';
import type { LearnedKind } from './model-kinds.ts';
import { readLearned } from './read-learned.ts';
import { trainLearned } from './train-learned.ts';

const rows =
  'Five windows and horizons of history, 300 host-ticks of known outcome, 40 of them before a crossing; for incidents ten that have begun.';

const learned = (
  kind: LearnedKind,
  chooseWhen: string,
  needs: string = rows,
): Forecaster<TrainedModel> => ({
  kind,
  answers: 'risk',
  needs,
  chooseWhen,
  fit: (...asked) => trainLearned(kind, ...asked),
  read: readLearned,
});

/** Learners on the features of each host's window. */
export const learnedForecasters: readonly Forecaster<TrainedModel>[] = [
  learned(
    'logistic',
    'Many outlooks on little machine: fitted in seconds, its contributions are exact, and it goes on from the model that serves.',
  ),
  learned(
    'boosted-trees',
    'The signal is in combinations of metrics and times, as with incidents; of the single learners the best on recurring load. Grown anew at each refit.',
  ),
  learned(
    'neural',
    'Load changes its ways slowly and refits should go on from what was learnt (tfjs). It takes more time than logistic.',
    `${rows} A backend of tfjs (GET /capabilities tells).`,
  ),
  learned(
    'blend',
    'The default: two forests and a network, weighed by what each foresaw of a stretch it had not seen. Best or near it on every fleet that it was measured on.',
    `${rows} A backend of tfjs (GET /capabilities tells).`,
  ),
];
