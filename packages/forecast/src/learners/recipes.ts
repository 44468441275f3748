import type { FeatureInfo } from '../features/extractor.ts';
import { type BinnedRows, binRows, chooseBorders } from './bins.ts';
import { type BoostingOptions, defaultBoostingOptions, growForest } from './boosted-trees.ts';
import { emptyForest, type Forest } from './forest.ts';
import type { Member } from './member.ts';
import { defaultNeuralOptions, type NeuralOptions, trainNetwork } from './neural.ts';
import { type LabelledRows, measureStandard } from './rows.ts';

/** How one member of a model is fitted: its kind, what it may see, and its settings. */
export type Recipe = {
  readonly name: string;
  /** Features it must not use; diverse views make a better blend. */
  readonly hides: (feature: FeatureInfo) => boolean;
} & (
  | {
      readonly kind: 'boosted-trees';
      readonly options: Partial<BoostingOptions>;
      /** Whether the future maximum is foreseen too; it costs as much again. */
      readonly foreseesMaximum: boolean;
    }
  | { readonly kind: 'neural' | 'logistic'; readonly options: Partial<NeuralOptions> }
);

/** Rows made ready once for all members. */
export type FitInput = {
  readonly rows: LabelledRows;
  readonly features: readonly FeatureInfo[];
  readonly binned: () => BinnedRows;
  readonly seed: number;
  /** Told the share done; answering `stop` ends the fit in good order. */
  readonly onProgress?: (done: number, words: string) => 'go-on' | 'stop';
};

/** Prepares rows for fitting; binning happens on first use. */
export const fitInput = (
  rows: LabelledRows,
  features: readonly FeatureInfo[],
  seed: number,
  onProgress?: FitInput['onProgress'],
): FitInput => {
  let binned: BinnedRows | undefined;
  return {
    rows,
    features,
    seed,
    binned: () => {
      binned ??= binRows(rows, chooseBorders(rows));
      return binned;
    },
    ...(onProgress ? { onProgress } : {}),
  };
};

/** Fits one member; `start` goes on from an earlier fit where the kind allows it. */
export const fitMember = async (
  recipe: Recipe,
  input: FitInput,
  start?: Member,
): Promise<{ member: Member; backend: string }> => {
  if (recipe.kind === 'boosted-trees')
    return {
      member: fitTrees(recipe, recipe.options, recipe.foreseesMaximum, input),
      backend: 'typed-arrays',
    };
  const from = start !== undefined && start.kind !== 'boosted-trees' ? start.network : undefined;
  const standard = from?.standard ?? measureStandard(input.rows);
  if (from === undefined)
    input.features.forEach((feature, i) => {
      // An infinite scale makes the standardised value 0: the network never sees the feature.
      if (recipe.hides(feature)) standard.scale[i] = Infinity;
    });
  const { network, backend } = await trainNetwork(
    input.rows,
    {
      ...defaultNeuralOptions,
      ...recipe.options,
      seed: input.seed,
      onEpoch: (done, loss) =>
        input.onProgress?.(done, `${recipe.name}: loss ${loss.toFixed(4)}`) ?? 'go-on',
    },
    from ?? { standard, layers: [] },
  );
  return { member: { kind: recipe.kind, weight: 1, maxWeight: 1, network }, backend: backend.name };
};

const fitTrees = (
  recipe: Recipe,
  options: Partial<BoostingOptions>,
  foreseesMaximum: boolean,
  input: FitInput,
): Member => {
  const allowed = Int32Array.from(
    input.features.flatMap((feature, i) => (recipe.hides(feature) ? [] : [i])),
  );
  const grow = (objective: BoostingOptions['objective'], from: number): Forest =>
    growForest(
      input.binned(),
      objective === 'value' ? input.rows.futureMax : input.rows.crossed,
      input.rows.weights,
      {
        ...defaultBoostingOptions,
        ...options,
        objective,
        allowed,
        seed: input.seed,
        onTree: (done) => input.onProgress?.(from + done / 2, `${recipe.name}: trees`) ?? 'go-on',
      },
    );
  return {
    kind: 'boosted-trees',
    weight: 1,
    maxWeight: foreseesMaximum ? 1 : 0,
    risk: grow('log-odds', 0),
    max: foreseesMaximum ? grow('value', 0.5) : emptyForest,
  };
};

const never = () => false;
const isClock = ({ name }: FeatureInfo) => name.endsWith('.sine') || name.endsWith('.cosine');

/** Trees and network of one model on all features: what `boosted-trees`, `neural` and `logistic` stand for. */
export const singleRecipes: Readonly<Record<'boosted-trees' | 'neural' | 'logistic', Recipe>> = {
  'boosted-trees': {
    name: 'boosted-trees',
    kind: 'boosted-trees',
    hides: never,
    options: {},
    foreseesMaximum: true,
  },
  neural: { name: 'neural', kind: 'neural', hides: isClock, options: {} },
  logistic: {
    name: 'logistic',
    kind: 'logistic',
    hides: isClock,
    options: { hidden: [], weightDecay: 3e-4 },
  },
};

/** The members of the default blend: each sees another side of the fleet, and the data decide their weights. */
export const blendRecipes: readonly Recipe[] = [
  {
    name: 'own-load-trees',
    kind: 'boosted-trees',
    hides: ({ group }) => group === 'fleet' || group === 'season' || group === 'neighbours',
    options: {},
    foreseesMaximum: true,
  },
  {
    name: 'all-trees',
    kind: 'boosted-trees',
    hides: (feature) => feature.group === 'neighbours' || isClock(feature),
    options: { leaves: 10, minLeafRows: 100 },
    foreseesMaximum: true,
  },
  {
    name: 'neighbour-trees',
    kind: 'boosted-trees',
    hides: isClock,
    options: { leaves: 10, minLeafRows: 100 },
    foreseesMaximum: false,
  },
  {
    name: 'neural',
    kind: 'neural',
    hides: (feature) =>
      feature.group === 'neighbours' || feature.group === 'fleet' || isClock(feature),
    options: {},
  },
];
