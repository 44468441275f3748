import type { FeatureInfo } from '../features/extractor.ts';
import { type BinnedRows, binRows, chooseBorders } from './bins.ts';
import { type BoostingOptions, defaultBoostingOptions } from './boosted-trees.ts';
import { type FitJob, type Fitted, runFitJob } from './fit-jobs.ts';
import { emptyForest } from './forest.ts';
import type { Member } from './member.ts';
import { defaultNeuralOptions, type NeuralOptions } from './neural.ts';
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

/** The fits that make one member, and how it is put together of what they made. */
export type MemberPlan = {
  readonly jobs: readonly FitJob[];
  readonly assemble: (fitted: readonly Fitted[]) => Member;
};

/** Plans one member; `start` goes on from an earlier fit where the kind allows it. */
export const planMember = (
  recipe: Recipe,
  { rows, features, seed }: Pick<FitInput, 'rows' | 'features' | 'seed'>,
  start?: Member,
): MemberPlan => {
  if (recipe.kind === 'boosted-trees') return planTrees(recipe, features, seed);
  const { kind } = recipe;
  const from = start !== undefined && start.kind !== 'boosted-trees' ? start.network : undefined;
  const standard = from?.standard ?? measureStandard(rows);
  if (from === undefined)
    features.forEach((feature, i) => {
      // An infinite scale makes the standardised value 0: the network never sees the feature.
      if (recipe.hides(feature)) standard.scale[i] = Infinity;
    });
  const options = { ...defaultNeuralOptions, ...recipe.options, seed };
  return {
    jobs: [{ kind: 'network', options, start: from ?? { standard, layers: [] } }],
    assemble: ([made]) => {
      if (made?.kind !== 'network') throw new Error(`${recipe.name}: no network was made`);
      return { kind, weight: 1, maxWeight: 1, network: made.network };
    },
  };
};

const planTrees = (
  recipe: Recipe & { kind: 'boosted-trees' },
  features: readonly FeatureInfo[],
  seed: number,
): MemberPlan => {
  const allowed = Int32Array.from(
    features.flatMap((feature, i) => (recipe.hides(feature) ? [] : [i])),
  );
  const job = (outcome: 'crossed' | 'futureMax'): FitJob => ({
    kind: 'forest',
    outcome,
    options: {
      ...defaultBoostingOptions,
      ...recipe.options,
      objective: outcome === 'crossed' ? 'log-odds' : 'value',
      allowed,
      seed,
    },
  });
  return {
    jobs: recipe.foreseesMaximum ? [job('crossed'), job('futureMax')] : [job('crossed')],
    assemble: ([risk, max]) => {
      if (risk?.kind !== 'forest') throw new Error(`${recipe.name}: no forest was made`);
      return {
        kind: 'boosted-trees',
        weight: 1,
        maxWeight: recipe.foreseesMaximum ? 1 : 0,
        risk: risk.forest,
        max: max?.kind === 'forest' ? max.forest : emptyForest,
      };
    },
  };
};

/** Fits one member in this thread, telling how far it is. */
export const fitMember = async (
  recipe: Recipe,
  input: FitInput,
  start?: Member,
): Promise<{ member: Member; backend: string }> => {
  const { jobs, assemble } = planMember(recipe, input, start);
  const fitted: Fitted[] = [];
  for (const [j, job] of jobs.entries())
    fitted.push(await runFitJob(told(job, recipe.name, j / 2, input), input));
  const [first] = fitted;
  return {
    member: assemble(fitted),
    backend: first?.kind === 'network' ? first.backend : 'typed-arrays',
  };
};

const told = (job: FitJob, name: string, from: number, { onProgress }: FitInput): FitJob =>
  job.kind === 'forest'
    ? {
        ...job,
        options: {
          ...job.options,
          onTree: (done) => onProgress?.(from + done / 2, `${name}: trees`) ?? 'go-on',
        },
      }
    : {
        ...job,
        options: {
          ...job.options,
          onEpoch: (done, loss) =>
            onProgress?.(done, `${name}: loss ${loss.toFixed(4)}`) ?? 'go-on',
        },
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

/** More and smaller steps, each of which sees a fifth of the features of half the rows: quicker to fit, slower to answer. */
const patience: Partial<BoostingOptions> = {
  trees: 160,
  learningRate: 0.05,
  featureShare: 0.2,
  rowShare: 0.5,
};

/** The blend where time allows more trees than a service's ticks do: patient forests, which also foresee the maximum, beside the quick ones. */
export const patientRecipes: readonly Recipe[] = blendRecipes.flatMap((recipe): Recipe[] => {
  if (recipe.kind !== 'boosted-trees') return [recipe];
  const shape = recipe.name === 'neighbour-trees' ? {} : { leaves: 16, minLeafRows: 60 };
  const options = { ...recipe.options, ...patience, ...shape };
  return [
    { ...recipe, name: `patient-${recipe.name}`, options },
    { ...recipe, foreseesMaximum: false },
  ];
});
