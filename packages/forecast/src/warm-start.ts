import type { FeatureInfo } from './features/feature-types.ts';
import type { TrainedModel } from './forecast-model.ts';
import type { Member } from './learners/member.ts';
import type { Recipe } from './learners/recipes.ts';
import type { FleetSeries } from './series.ts';
import { membersOf } from './trained-model.ts';
import type { TrainingRows } from './training-rows.ts';

/** Where a training begins: with nothing, or with the learners of a model that has seen the rows before a tick. */
export type Start =
  | { readonly kind: 'nothing'; readonly words: string }
  | {
      readonly kind: 'model';
      readonly version: string;
      readonly members: readonly Member[];
      /** The newest tick that it has learnt from. */
      readonly seenTick: number;
    };

/** Rows, and rows of each outcome, that have to be new: on them the model is calibrated and measured. */
const minNewRows = 600;
const minNewOutcomes = 40;

/** Whether a training may go on from a model: only if it has the same features and learners, and enough is new to it. */
export const startFrom = (
  model: TrainedModel | undefined,
  about: {
    series: FleetSeries;
    rows: TrainingRows;
    features: readonly FeatureInfo[];
    recipes: readonly Recipe[];
  },
): Start => {
  const nothing = (words: string): Start => ({ kind: 'nothing', words });
  if (model === undefined) return nothing('there is no model to go on from');
  const { series, rows, features, recipes } = about;
  const { version, dataRange } = model.info;
  const members = membersOf(model);
  const sameFeatures =
    features.length === model.info.features.length &&
    features.every(({ name }, i) => name === model.info.features[i]);
  if (!sameFeatures) return nothing(`${version} reads other features`);
  if (members.length !== recipes.length || recipes.some(({ kind }, i) => kind !== members[i]?.kind))
    return nothing(`${version} consists of other learners`);
  const seenTick = Math.round((dataRange.toMs - series.firstTickAtMs) / series.tickMs);
  let unseen = 0;
  let crossed = 0;
  for (let row = 0; row < rows.count; row++) {
    if ((rows.ticks[row] ?? 0) <= seenTick) continue;
    unseen++;
    crossed += rows.crossed[row] ?? 0;
  }
  if (unseen < minNewRows || Math.min(crossed, unseen - crossed) < minNewOutcomes)
    return nothing(`too little is new to ${version} to judge on`);
  if (unseen === rows.count) return nothing(`${version} has seen nothing of this stretch`);
  return { kind: 'model', version, members, seenTick };
};
