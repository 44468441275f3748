import { codeVersion } from './code-version.ts';
import type { ModelInfo } from './forecast-model.ts';
import { isRecord, type ModelFile, type RefusedFile, writeModelFile } from './model-file.ts';

/** What is told of a model but for what its file's content decides. */
export type UnsealedInfo = Omit<ModelInfo, 'version' | 'checksum'>;

/** A model's file content, and what is told of it: checksum and version follow from the content. */
export const sealModel = (
  info: UnsealedInfo,
  more: Readonly<Record<string, unknown>>,
  arrays: Readonly<Record<string, Float32Array>> = {},
): { info: ModelInfo; bytes: Uint8Array } => {
  const bytes = writeModelFile({ info, ...more }, arrays);
  const checksum = Buffer.from(bytes.subarray(8, 40)).toString('hex');
  return { info: { ...info, checksum, version: `${info.kind}-${checksum.slice(0, 8)}` }, bytes };
};

/** A refusal of a file. */
export const refuseFile = (reason: RefusedFile['reason'], detail: string): RefusedFile => ({
  kind: 'refused',
  reason,
  detail,
});

/** What a file tells of its model of risks; a file of other code is refused. */
export const readInfo = ({ header: { info } }: ModelFile): UnsealedInfo | RefusedFile => {
  if (!isInfo(info)) return refuseFile('malformed-header', 'the model is not described');
  return info.codeVersion === codeVersion
    ? info
    : refuseFile(
        'other-features',
        `made by ${info.codeVersion.slice(0, 80)}, this is ${codeVersion}`,
      );
};

// Far beyond what a calibration on log-odds gives, and too little to overflow.
const isModest = (value: unknown): value is number =>
  typeof value === 'number' && Math.abs(value) <= 1e6;

// The checksum vouches for the content; these checks vouch for its having been written by this code.
const isInfo = (value: unknown): value is UnsealedInfo =>
  isRecord(value) &&
  typeof value.kind === 'string' &&
  typeof value.codeVersion === 'string' &&
  Array.isArray(value.features) &&
  isRecord(value.calibration) &&
  isModest(value.calibration.slope) &&
  isModest(value.calibration.intercept) &&
  isRecord(value.maximumSpread) &&
  Number.isFinite(value.maximumSpread.crossedPercent) &&
  Number.isFinite(value.maximumSpread.errorPercent) &&
  typeof value.targetMetric === 'string' &&
  Number.isFinite(value.windowTicks) &&
  Number.isFinite(value.thresholdPercent);
