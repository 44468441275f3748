/** The kinds of model that can be trained, evaluated and kept, from the plainest to the shipped default. */
export const modelKinds = [
  'persistence',
  'seasonal',
  'svm',
  'logistic',
  'boosted-trees',
  'neural',
  'blend',
] as const;

/** One of those kinds. */
export type TrainableKind = (typeof modelKinds)[number];

/** The kinds that answer with a risk for each host; `svm` names the best destination instead. */
export type RiskKind = Exclude<TrainableKind, 'svm'>;

/** The kinds that consist of learners fitted to features. */
export type LearnedKind = Exclude<RiskKind, 'persistence' | 'seasonal'>;

/** The kinds that answer with risks, in the same order. */
export const riskKinds: readonly RiskKind[] = modelKinds.filter((kind) => kind !== 'svm');
