import { createHash } from 'node:crypto';
import { codeVersion, emptySeries, loadModel, sampleIndex } from '@sidestep/forecast';
import { createExtractor } from '../../../packages/forecast/src/features/extractor.ts';
import type { Forest } from '../../../packages/forecast/src/learners/forest.ts';
import { writeModelFile } from '../../../packages/forecast/src/model-file.ts';
import { assemblePersistence } from '../../../packages/forecast/src/persistence-forecaster.ts';
import { assembleSeasonal } from '../../../packages/forecast/src/seasonal/seasonal-model.ts';
import { assembleModel, type ModelParts } from '../../../packages/forecast/src/trained-model.ts';
import type { Dice } from '../dice.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';
import { mutateJson } from '../mutate-json.ts';

const METRIC = 'host.cpuPercent';
const TICKS = 80;
const HEADER_AT = 44;

const featureSpec: ModelParts['featureSpec'] = {
  targetMetric: METRIC,
  otherMetrics: [],
  windowTicks: 4,
  horizonTicks: 2,
  thresholdPercent: 90,
  periods: [],
  neighbours: [],
};
const width = createExtractor(featureSpec).features.length;

const forest = (low: number, high: number): Forest => ({
  base: 0.5,
  starts: Int32Array.of(0, 3),
  features: Int32Array.of(0, -1, -1),
  borders: Float32Array.of(50, 0, 0),
  left: Int32Array.of(1, 0, 0),
  right: Int32Array.of(2, 0, 0),
  unknownLeft: Uint8Array.of(1, 0, 0),
  values: Float32Array.of(0, low, high),
});

const interval = { fromMs: 0, toMs: TICKS * 10_000 };

/** A model of two learners, small enough to be loaded thousands of times a second. */
const parts: ModelParts = {
  featureSpec,
  info: {
    kind: 'blend',
    codeVersion,
    createdAtMs: 1_795_207_471_512,
    dataRange: { ...interval, ticks: TICKS, hosts: 2 },
    tickMs: 10_000,
    windowTicks: 4,
    horizonTicks: 2,
    thresholdPercent: 90,
    targetMetric: METRIC,
    inputMetrics: [METRIC],
    features: createExtractor(featureSpec).features.map(({ name }) => name),
    seasonTicks: 'none',
    historyTicks: createExtractor(featureSpec).historyTicks,
    calibration: { kind: 'platt', slope: 1.1, intercept: -0.2, rows: 100 },
    maximumSpread: { crossedPercent: 5, errorPercent: 5 },
    metrics: 'not-measured',
    backend: 'none',
  },
  members: [
    { kind: 'boosted-trees', weight: 0.5, maxWeight: 1, risk: forest(-2, 2), max: forest(40, 95) },
    {
      kind: 'logistic',
      weight: 0.5,
      maxWeight: 0,
      network: {
        standard: { mean: new Float32Array(width), scale: new Float32Array(width).fill(1) },
        layers: [
          {
            inputs: width,
            outputs: 2,
            weights: new Float32Array(width * 2).fill(0.01),
            biases: Float32Array.of(0.1, 0.5),
          },
        ],
      },
    },
  ],
};

const series = emptySeries({
  hosts: ['compute1', 'compute2'],
  metrics: [METRIC],
  tickMs: 10_000,
  firstTickAtMs: 0,
  ticks: TICKS,
});
for (let tick = 0; tick < TICKS; tick += 1) {
  series.values[sampleIndex(series, tick, 0, 0)] = 50 + 45 * Math.sin(tick / 5);
  series.values[sampleIndex(series, tick, 1, 0)] = 97;
}

/** Gives content its magic, format and checksum, so that what lies behind them is reached. */
function sealed(bytes: Uint8Array): Uint8Array {
  const body = Buffer.from(bytes);
  if (body.length < HEADER_AT) return body;
  body.write('SSFM', 0, 'latin1');
  body.writeUInt32LE(1, 4);
  createHash('sha256').update(body.subarray(40)).digest().copy(body, 8);
  return body;
}

/** Model files: what is loaded scores hosts with probabilities, whatever its numbers are. */
export const modelFiles = (): FuzzTarget => {
  const learned = takenApart(assembleModel(parts).serialize());
  const { info } = parts;
  const others = [
    assembleSeasonal({ ...info, kind: 'seasonal' }, { periodTicks: 16, usualLogOdds: -2 }),
    assemblePersistence({ ...info, kind: 'persistence' }),
  ].map((model) => takenApart(model.serialize()));
  const { bytes, headerBytes, header, tail } = learned;

  const otherHeader = (dice: Dice): Uint8Array => {
    const { header, tail } = dice.pick([learned, ...others]);
    const json = Buffer.from(JSON.stringify(mutateJson(header, dice)));
    const head = Buffer.alloc(HEADER_AT);
    head.writeUInt32LE(json.length, 40);
    return sealed(Buffer.concat([head, json, tail]));
  };
  const otherNumbers = (dice: Dice): Uint8Array => {
    const body = Buffer.from(bytes);
    for (let changes = 1 + dice.below(4); changes > 0; changes -= 1) {
      const at = HEADER_AT + headerBytes + 4 * dice.below(tail.length / 4);
      body.writeFloatLE(
        dice.pick([Number.NaN, Number.POSITIVE_INFINITY, 3e38, -3e38, -1, 0, 1, 2, 1e-45, 0.5]),
        at,
      );
    }
    return sealed(body);
  };

  return {
    name: 'model file',
    seeds: [
      bytes,
      ...others.map((other) => other.bytes),
      writeModelFile({ ...header, arrays: [] }, arraysOf(header.arrays, tail)),
    ],
    dictionary: [
      'SSFM',
      '"arrays":[',
      '"members":[',
      '"seasonal":{"periodTicks":',
      '"__proto__"',
      'null',
      '1e309',
    ],
    generate: (dice) => {
      const way = dice.below(4);
      return way === 0 ? undefined : way === 1 ? otherNumbers(dice) : otherHeader(dice);
    },
    seal: (input, dice) => (dice.oneIn(4) ? input : sealed(input)),
    run: (input) => {
      const loaded = loadModel(input);
      if (loaded.kind === 'refused') {
        hold(loaded.detail !== '' && loaded.detail.length < 300, 'a refusal says why in short');
        return 'refused';
      }
      for (const score of loaded.model.score(series, TICKS - 1)) {
        if (score.risk === 'unknown') continue;
        hold(score.risk >= 0 && score.risk <= 1, 'a risk is a probability');
        hold(Number.isFinite(score.expectedMaxPercent), 'an expected maximum is finite');
        for (const { contribution } of score.reasons) {
          hold(Number.isFinite(contribution), 'a contribution is finite');
        }
      }
      const pairs = [{ hostIndex: 0, addedCpuPercent: 20 }];
      for (const { risk } of loaded.model.scorePairs(series, TICKS - 1, pairs)) {
        hold(risk === 'unknown' || (risk >= 0 && risk <= 1), 'a pair’s risk is a probability');
      }
      const again = loadModel(loaded.model.serialize());
      hold(again.kind === 'loaded', 'what was loaded is loaded again');
      hold(
        again.model.info.checksum === loaded.model.info.checksum,
        'what was loaded is written as it was',
      );
      return 'accepted';
    },
  };
};

/** A model's file, and its header and numbers by themselves. */
function takenApart(bytes: Uint8Array) {
  const headerBytes = Buffer.from(bytes).readUInt32LE(40);
  const header = JSON.parse(
    Buffer.from(bytes).toString('utf8', HEADER_AT, HEADER_AT + headerBytes),
  );
  return { bytes, headerBytes, header, tail: bytes.subarray(HEADER_AT + headerBytes) };
}

function arraysOf(
  layout: readonly { name: string; at: number; length: number }[],
  tail: Uint8Array,
): Record<string, Float32Array> {
  const floats = new Float32Array(Uint8Array.from(tail).buffer);
  return Object.fromEntries(
    layout.map(({ name, at, length }) => [name, floats.slice(at, at + length)]),
  );
}
