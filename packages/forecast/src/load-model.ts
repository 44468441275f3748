import { codeVersion } from './code-version.ts';
import type { FeatureSpec } from './features/extractor.ts';
import { createExtractor } from './features/extractor.ts';
import type { ModelInfo, TrainedModel } from './forecast-model.ts';
import { isRecord, type RefusedFile, readModelFile } from './model-file.ts';
import { unpackMembers } from './model-members.ts';
import { assembleModel } from './trained-model.ts';

/** A model read back from its file, or why the file is refused. */
export type LoadedModel = { readonly kind: 'loaded'; readonly model: TrainedModel } | RefusedFile;

/** Reads a model's file; corrupt, foreign and outdated files are refused with the reason. */
export const loadModel = (bytes: Uint8Array): LoadedModel => {
  const file = readModelFile(bytes);
  if ('kind' in file) return file;
  const refuse = (reason: RefusedFile['reason'], detail: string): RefusedFile => ({
    kind: 'refused',
    reason,
    detail,
  });
  const { info, featureSpec, members } = file.header;
  if (!isInfo(info)) return refuse('malformed-header', 'the model is not described');
  if (info.codeVersion !== codeVersion)
    return refuse(
      'other-features',
      `made by ${info.codeVersion.slice(0, 80)}, this is ${codeVersion}`,
    );
  if (!isFeatureSpec(featureSpec))
    return refuse('malformed-header', 'the features are not described');
  const { features } = createExtractor(featureSpec);
  if (features.length !== info.features.length)
    return refuse(
      'other-features',
      `${info.features.length} features, this code has ${features.length}`,
    );
  const unpacked = unpackMembers(members, file.arrays, features.length);
  if ('fault' in unpacked) return refuse('malformed-header', unpacked.fault);
  return { kind: 'loaded', model: assembleModel({ info, featureSpec, members: unpacked }) };
};

// The checksum vouches for the content; these checks vouch for its having been written by this code.
const isInfo = (value: unknown): value is Omit<ModelInfo, 'version' | 'checksum'> =>
  isRecord(value) &&
  typeof value.kind === 'string' &&
  typeof value.codeVersion === 'string' &&
  Array.isArray(value.features) &&
  isRecord(value.calibration) &&
  Number.isFinite(value.calibration.slope) &&
  Number.isFinite(value.calibration.intercept) &&
  isRecord(value.maximumSpread) &&
  Number.isFinite(value.maximumSpread.crossedPercent) &&
  Number.isFinite(value.maximumSpread.errorPercent) &&
  typeof value.targetMetric === 'string' &&
  Number.isFinite(value.windowTicks) &&
  Number.isFinite(value.thresholdPercent);

const isFeatureSpec = (value: unknown): value is FeatureSpec =>
  isRecord(value) &&
  typeof value.targetMetric === 'string' &&
  Array.isArray(value.otherMetrics) &&
  value.otherMetrics.every((metric) => typeof metric === 'string') &&
  [value.windowTicks, value.horizonTicks].every(
    (ticks) => typeof ticks === 'number' && Number.isInteger(ticks) && ticks > 0 && ticks < 1e5,
  ) &&
  typeof value.thresholdPercent === 'number' &&
  Array.isArray(value.neighbours) &&
  value.neighbours.every((name) => typeof name === 'string') &&
  Array.isArray(value.periods) &&
  value.periods.length <= 8 &&
  value.periods.every(
    (ticks) => typeof ticks === 'number' && Number.isInteger(ticks) && ticks > 0 && ticks < 1e6,
  );
