import { logitOf, sigmoid } from '../calibration.ts';
import { binRows, chooseBorders } from '../learners/bins.ts';
import {
  type BoostingOptions,
  defaultBoostingOptions,
  growForest,
} from '../learners/boosted-trees.ts';
import { forestOutput } from '../learners/forest.ts';
import { createMemberRunner } from '../learners/member.ts';
import { fitInput, fitMember, type Recipe, singleRecipes } from '../learners/recipes.ts';
import { type LabelledRows, pickRows } from '../learners/rows.ts';
import type { FolderReader } from './fleet-folder.ts';
import { readTable } from './fleet-folder.ts';
import {
  incidentFeatureNames,
  incidentStarts,
  joinMachine,
  type Machine,
  writeIncidentFeatures,
} from './incident-features.ts';
import { incidentMetrics, type MachineForecast } from './incident-metrics.ts';
import type { EvaluationOptions, EvaluationReport } from './report.ts';

/** `meta.json` of machines with labelled incidents. */
export type IncidentsMeta = {
  readonly interval_s: number;
  readonly H: number;
  readonly train_fraction: number;
  readonly machines: readonly { readonly id: string; readonly labelled_rows: number }[];
};

const trees: Partial<BoostingOptions> = {
  trees: 60,
  leaves: 6,
  minLeafRows: 60,
  learningRate: 0.06,
  lambda: 10,
  featureShare: 0.5,
};
/** Forests of other seeds are averaged: incidents are few, and one forest hangs on single ones. */
const forestSeeds = 12;
/** Weight of the plain rate at this time of day beside the forests (chosen on the train part). */
const rateWeight = 0.5;
/** Of rows before which nothing happens every so many-th is learnt from: they differ little from one to the next. */
const calmStep = 5;

type Store = LabelledRows & { machine: Int32Array; row: Int32Array };

/** Task (ii): does an incident begin within the horizon; one model for all machines, refitted daily in the stream. */
export const evaluateIncidents = async (
  read: FolderReader,
  meta: IncidentsMeta,
  options: EvaluationOptions,
): Promise<EvaluationReport> => {
  const machines: Machine[] = [];
  for (const { id } of meta.machines) {
    const normal = await readTable(read, `${id}.normal`);
    const labelled = await readTable(read, `${id}.labelled`);
    if (normal === 'missing' || labelled === 'missing')
      throw new Error(`${id} lacks its normal or labelled half`);
    machines.push(joinMachine(id, normal, labelled, meta.interval_s));
    options.onProgress?.(`read ${id}`);
  }
  const splits = machines.map(({ label }) => Math.floor(label.length * meta.train_fraction));
  const store = collect(machines, meta.H);
  options.onProgress?.(`${store.count} rows of ${store.width} features`);
  const day = machines[0]?.rowsPerDay ?? 1440;
  const risks = new Float64Array(store.count).fill(NaN);
  const testLength = Math.max(...machines.map(({ label }, m) => label.length - (splits[m] ?? 0)));
  for (let from = 0; from < testLength; from += day) {
    // Machines are not synchronous: each row of the test part is as far from its own split.
    const known: number[] = [];
    const next: number[] = [];
    for (let i = 0; i < store.count; i++) {
      const since = (store.row[i] ?? 0) - (splits[store.machine[i] ?? 0] ?? 0);
      if (since + meta.H < from) known.push(i);
      else if (since >= from && since < from + day) next.push(i);
    }
    const foresee = await fitIncidents(store, known, options);
    for (const i of next) risks[i] = foresee(i);
    options.onProgress?.(`day ${from / day + 1} of the test part`);
  }
  return report(machines, splits, store, risks, meta, options);
};

const collect = (machines: readonly Machine[], horizonRows: number): Store => {
  const width = incidentFeatureNames.length;
  const refs: [number, number][] = [];
  machines.forEach(({ label }, m) => {
    for (let row = 0; row < label.length; row++) if (label[row] === 0) refs.push([m, row]);
  });
  const store = {
    data: new Float32Array(refs.length * width),
    count: refs.length,
    width,
    crossed: new Uint8Array(refs.length),
    futureMax: new Float32Array(refs.length),
    weights: new Float32Array(refs.length).fill(1),
    machine: Int32Array.from(refs, ([m]) => m),
    row: Int32Array.from(refs, ([, row]) => row),
  };
  const starts = machines.map(({ label }) => incidentStarts(label));
  refs.forEach(([m, row], i) => {
    const machine = machines[m];
    const own = starts[m];
    if (machine === undefined || own === undefined) return;
    writeIncidentFeatures(machine, own, row, horizonRows, store.data, i * width);
    store.crossed[i] = own.some((start) => start > row && start <= row + horizonRows) ? 1 : 0;
  });
  return store;
};

const features = incidentFeatureNames.map((name) => ({ name, group: 'other-metrics' as const }));
const paced = (recipe: Recipe, epochs: number): Recipe =>
  recipe.kind === 'boosted-trees' ? recipe : { ...recipe, options: { ...recipe.options, epochs } };
const rateFeature = incidentFeatureNames.indexOf('history.decayed0');
const unusualFeature = incidentFeatureNames.indexOf('unusual.mean1');

const fitIncidents = async (
  store: Store,
  known: readonly number[],
  options: EvaluationOptions,
): Promise<(i: number) => number> => {
  const feature = (i: number, at: number) => store.data[i * store.width + at] ?? NaN;
  const rateLogit = (i: number): number => {
    const rate = feature(i, rateFeature);
    return logitOf(0.01 + 0.9 * (Number.isNaN(rate) ? 0.02 : rate));
  };
  if (options.model === 'persistence') return (i) => feature(i, unusualFeature) / 8;
  if (options.model === 'seasonal') return (i) => sigmoid(rateLogit(i));
  const learnt = known.filter(
    (i) => store.crossed[i] === 1 || (store.row[i] ?? 0) % calmStep === 0,
  );
  const rows = pickRows(store, learnt);
  const weights = rows.crossed.map((crossed) => (crossed === 1 ? 1 : calmStep));
  if (options.model === 'logistic' || options.model === 'neural') {
    const recipe = singleRecipes[options.model];
    const epochs = Math.max(3, Math.min(25, Math.round(250_000 / Math.max(1, rows.count))));
    const { member } = await fitMember(
      paced(recipe, epochs),
      fitInput({ ...rows, weights: Float32Array.from(weights) }, features, options.seed),
    );
    const runner = createMemberRunner(member);
    return (i) => sigmoid(runner.run(store.data, i * store.width).logit);
  }
  const byRate = options.model === 'boosted-trees' ? 0 : rateWeight;
  const binned = binRows(rows, chooseBorders(rows));
  const forests = Array.from({ length: forestSeeds }, (_, n) =>
    growForest(binned, rows.crossed, weights, {
      ...defaultBoostingOptions,
      ...trees,
      seed: options.seed + n,
    }),
  );
  return (i) => {
    const byTrees =
      forests.reduce((sum, own) => sum + forestOutput(own, store.data, i * store.width), 0) /
      forestSeeds;
    return sigmoid((1 - byRate) * byTrees + byRate * rateLogit(i));
  };
};

const report = (
  machines: readonly Machine[],
  splits: readonly number[],
  store: Store,
  risks: Float64Array,
  meta: IncidentsMeta,
  options: EvaluationOptions,
): EvaluationReport => {
  const lines = ['machine,row,p'];
  const forecasts = machines.map(({ id, label, rowsPerDay }, m): MachineForecast => {
    const rows: number[] = [];
    const own: number[] = [];
    const outcomes: number[] = [];
    const split = splits[m] ?? 0;
    for (let i = 0; i < store.count; i++) {
      const row = store.row[i] ?? 0;
      if (store.machine[i] !== m || row < split) continue;
      lines.push(`${id},${row},${(risks[i] ?? 0).toFixed(6)}`);
      if (row + meta.H >= label.length) continue;
      rows.push(row);
      own.push(risks[i] ?? 0);
      outcomes.push(store.crossed[i] ?? 0);
    }
    return {
      machine: id,
      rows,
      risks: own,
      outcomes,
      starts: incidentStarts(label).filter((start) => start > split),
      rowsPerDay,
      testRows: label.length - split,
    };
  });
  return {
    fleet: 'incidents',
    model: options.model,
    incidents: incidentMetrics(forecasts, meta.H),
    files: { 'incidents.csv': [...lines, ''].join('\n') },
    notes: ['rows inside an incident are left out'],
  };
};
