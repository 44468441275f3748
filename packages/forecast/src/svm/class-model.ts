import { defaultMaximumSpread } from '../added-load.ts';
import { noCalibration } from '../calibration.ts';
import { codeVersion } from '../code-version.ts';
import { type ModelInfo, maxGapRatio, type UnknownWhy } from '../forecast-model.ts';
import {
  isRecord,
  type ModelFile,
  type RefusedFile,
  readModelFile,
  writeModelFile,
} from '../model-file.ts';
import { hostReadiness } from '../readiness.ts';
import { refuseFile } from '../seal-model.ts';
import type { FleetSeries } from '../series.ts';
import {
  type ClassMachine,
  type ClassWindow,
  inputWidth,
  mappedFeatures,
  marginsAt,
} from './class-machine.ts';

/** The kind under which the paper's classifier is trained, kept and told of. */
export const svmKind = 'svm';

/** Hosts that can be told apart at most: inputs, classes and ties all grow with them. */
export const maxClassHosts = 64;

/** A host's class score at one tick. */
export type ClassScore =
  | {
      readonly host: string;
      /** Distance from the class's hyperplane: the higher, the likelier it will have the lowest maximum; no probability. */
      readonly margin: number;
    }
  | {
      readonly host: string;
      readonly margin: 'unknown';
      /** `unknown-host`: it was not there when the model was trained. */
      readonly why: UnknownWhy;
    };

/** The paper's classifier: from the window of all its hosts to the one with the lowest future maximum. */
export type ClassModel = {
  readonly answers: 'destination-class';
  readonly info: ModelInfo;
  /** The hosts that it was trained on; it can tell of no other. */
  readonly hosts: readonly string[];
  /** One score per host of the series, from samples at or before `atTick`. */
  classify(series: FleetSeries, atTick: number): ClassScore[];
  /** The model's file content. */
  serialize(): Uint8Array;
};

/** A classifier read back from its file, or why the file is refused. */
export type LoadedClassModel =
  | { readonly kind: 'loaded'; readonly model: ClassModel }
  | RefusedFile;

/** Of the hosts that it has a margin for, the one that it picks; `none` where it has a margin for none. */
export const pickOf = (scores: readonly ClassScore[]): number | 'none' => {
  let best: number | 'none' = 'none';
  let highest = -Infinity;
  scores.forEach(({ margin }, host) => {
    if (margin === 'unknown' || margin <= highest) return;
    best = host;
    highest = margin;
  });
  return best;
};

/** What is told about a classifier beyond what every one of them shares. */
export type ClassModelHead = Pick<
  ModelInfo,
  | 'createdAtMs'
  | 'dataRange'
  | 'tickMs'
  | 'windowTicks'
  | 'horizonTicks'
  | 'thresholdPercent'
  | 'targetMetric'
  | 'inputMetrics'
  | 'picks'
> & { readonly hosts: readonly string[] };

const arrayNames = ['mean', 'scale', 'frequencies', 'phases', 'planes'] as const;

/** A classifier from its parts; version and checksum follow from the content. */
export const assembleClassModel = (head: ClassModelHead, machine: ClassMachine): ClassModel => {
  const { hosts, ...told } = head;
  const bytes = writeModelFile({ kind: svmKind, codeVersion, head }, { ...machine });
  const checksum = Buffer.from(bytes.subarray(8, 40)).toString('hex');
  const info: ModelInfo = {
    ...told,
    kind: svmKind,
    version: `${svmKind}-${checksum.slice(0, 8)}`,
    codeVersion,
    checksum,
    features: ['window of all hosts'],
    seasonTicks: 'none',
    historyTicks: head.windowTicks,
    calibration: noCalibration,
    maximumSpread: defaultMaximumSpread,
    metrics: 'not-measured',
    backend: 'none',
  };
  return {
    answers: 'destination-class',
    info,
    hosts,
    classify: (series, atTick) => classify(head, machine, series, atTick),
    serialize: () => bytes.slice(),
  };
};

/** Reads a classifier's file; corrupt, foreign and outdated files are refused with the reason. */
export const loadClassModel = (bytes: Uint8Array): LoadedClassModel => {
  const file = readModelFile(bytes);
  return 'kind' in file ? file : readClassModel(file);
};

/** The same of a file that has been taken apart. */
export const readClassModel = (file: ModelFile): LoadedClassModel => {
  const { kind, codeVersion: madeBy, head } = file.header;
  if (kind !== svmKind) return refuseFile('malformed-header', `it is no ${svmKind}`);
  if (madeBy !== codeVersion)
    return refuseFile(
      'other-features',
      `made by ${String(madeBy).slice(0, 80)}, this is ${codeVersion}`,
    );
  if (!isHead(head)) return refuseFile('malformed-header', 'the model is not described');
  const machine = machineFrom(file.arrays, head);
  if (machine === 'misfit')
    return refuseFile('malformed-header', 'the arrays do not fit its hosts, metrics and window');
  return { kind: 'loaded', model: assembleClassModel(head, machine) };
};

const classify = (
  head: ClassModelHead,
  machine: ClassMachine,
  series: FleetSeries,
  atTick: number,
): ClassScore[] => {
  const columnOf = new Map(series.hosts.map((host, column) => [host, column]));
  const window: ClassWindow = {
    hosts: head.hosts.map((host) => columnOf.get(host) ?? -1),
    metrics: head.inputMetrics.map((metric) => series.metrics.indexOf(metric)),
    windowTicks: head.windowTicks,
  };
  const states = window.hosts.map((host) =>
    hostReadiness(series, head.targetMetric, head.windowTicks, host, atTick),
  );
  const silent = states.filter((state) => state !== 'ready').length;
  // It compares hosts with each other: with most of them missing it would compare means of the training.
  const blind = silent > head.hosts.length * maxGapRatio;
  const margins = blind ? [] : marginsAt(machine, series, window, atTick);
  const placeOf = new Map(head.hosts.map((host, place) => [host, place]));
  return series.hosts.map((host): ClassScore => {
    const place = placeOf.get(host);
    if (place === undefined) return { host, margin: 'unknown', why: 'unknown-host' };
    const state = states[place] ?? 'unknown-host';
    if (state !== 'ready') return { host, margin: 'unknown', why: state };
    const margin = margins[place];
    return margin === undefined ? { host, margin: 'unknown', why: 'gaps' } : { host, margin };
  });
};

const machineFrom = (
  arrays: Readonly<Record<string, Float32Array>>,
  { hosts, inputMetrics, windowTicks }: ClassModelHead,
): ClassMachine | 'misfit' => {
  const [mean, scale, frequencies, phases, planes] = arrayNames.map((name) => arrays[name]);
  if (!mean || !scale || !frequencies || !phases || !planes) return 'misfit';
  const width = inputWidth({
    hosts: hosts.map((_, host) => host),
    metrics: inputMetrics.map((_, metric) => metric),
    windowTicks,
  });
  const fits =
    mean.length === width &&
    scale.length === width &&
    frequencies.length === mappedFeatures * width &&
    phases.length === mappedFeatures &&
    planes.length === hosts.length * (mappedFeatures + 1);
  const finite = [mean, scale, frequencies, phases, planes].every((values) =>
    values.every(Number.isFinite),
  );
  return fits && finite ? { mean, scale, frequencies, phases, planes } : 'misfit';
};

// The checksum vouches for the content; these checks vouch for its having been written by this code.
const isHead = (value: unknown): value is ClassModelHead =>
  isRecord(value) &&
  isNames(value.hosts) &&
  value.hosts.length >= 2 &&
  value.hosts.length <= maxClassHosts &&
  isNames(value.inputMetrics) &&
  typeof value.targetMetric === 'string' &&
  value.inputMetrics[0] === value.targetMetric &&
  isRecord(value.dataRange) &&
  Object.values(value.dataRange).every(Number.isFinite) &&
  (value.picks === undefined || isPicks(value.picks)) &&
  [value.createdAtMs, value.thresholdPercent].every(Number.isFinite) &&
  [value.tickMs, value.windowTicks, value.horizonTicks].every(
    (count) => typeof count === 'number' && Number.isInteger(count) && count > 0,
  );

const isPicks = (value: unknown): boolean =>
  isRecord(value) &&
  [value.model, value.leastCpu].every(
    (own) =>
      isRecord(own) &&
      Number.isFinite(own.rightShare) &&
      Number.isFinite(own.regretPercent) &&
      (own.hitRate === 'unknown' || Number.isFinite(own.hitRate)),
  ) &&
  [value.ticks, value.decidableTicks].every(Number.isFinite) &&
  isRecord(value.heldOut) &&
  [value.heldOut.fromMs, value.heldOut.toMs].every(Number.isFinite);

const isNames = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string');
