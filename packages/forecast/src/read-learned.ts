import type { FeatureSpec } from './features/extractor.ts';
import { createExtractor } from './features/extractor.ts';
import type { TrainedModel } from './forecast-model.ts';
import type { LoadedFile } from './forecaster.ts';
import { isRecord, type ModelFile } from './model-file.ts';
import { unpackMembers } from './model-members.ts';
import { readInfo, refuseFile } from './seal-model.ts';
import { assembleModel } from './trained-model.ts';

/** A model of fitted learners from its file; corrupt, foreign and outdated files are refused with the reason. */
export const readLearned = (file: ModelFile): LoadedFile<TrainedModel> => {
  const info = readInfo(file);
  if (info.kind === 'refused') return info;
  const { featureSpec, members } = file.header;
  if (!isFeatureSpec(featureSpec))
    return refuseFile('malformed-header', 'the features are not described');
  const { features } = createExtractor(featureSpec);
  if (features.length !== info.features.length)
    return refuseFile(
      'other-features',
      `${info.features.length} features, this code has ${features.length}`,
    );
  const unpacked = unpackMembers(members, file.arrays, features.length);
  if ('fault' in unpacked) return refuseFile('malformed-header', unpacked.fault);
  return { kind: 'loaded', model: assembleModel({ info, featureSpec, members: unpacked }) };
};

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
