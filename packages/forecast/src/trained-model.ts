import { type HostForecast, withAddedLoad } from './added-load.ts';
import { calibrated } from './calibration.ts';
import { createExtractor, type FeatureSpec, type PreparedSeries } from './features/extractor.ts';
import type {
  HostScore,
  ModelInfo,
  PairScore,
  TrainedModel,
  UnknownWhy,
} from './forecast-model.ts';
import { createBlendRunner, type Member } from './learners/member.ts';
import { writeModelFile } from './model-file.ts';
import { packMembers } from './model-members.ts';
import { hostReadiness } from './readiness.ts';
import { tellReasons } from './reasons.ts';
import { type FleetSeries, sliceTicks } from './series.ts';

/** What a trained model consists of. */
export type ModelParts = {
  /** Without what the file's content decides. */
  readonly info: Omit<ModelInfo, 'version' | 'checksum'>;
  readonly featureSpec: FeatureSpec;
  readonly members: readonly Member[];
};

const defaultExplainTop = 32;

/** A model from its parts; version and checksum follow from the content. */
export const assembleModel = (parts: ModelParts): TrainedModel => {
  const packed = packMembers(parts.members);
  const bytes = writeModelFile(
    { info: parts.info, featureSpec: parts.featureSpec, members: packed.members },
    packed.arrays,
  );
  const checksum = Buffer.from(bytes.subarray(8, 40)).toString('hex');
  const info: ModelInfo = {
    ...parts.info,
    checksum,
    version: `${parts.info.kind}-${checksum.slice(0, 8)}`,
  };
  return { ...createScorer(info, parts), info, serialize: () => bytes.slice() };
};

const createScorer = (info: ModelInfo, { featureSpec, members }: ModelParts) => {
  const extractor = createExtractor(featureSpec);
  const runner = createBlendRunner(members);
  const row = new Float32Array(extractor.features.length);
  // A series never changes, so what was computed for it serves the pairs of the same tick too.
  const prepared = new WeakMap<FleetSeries, { atTick: number; ready: PreparedSeries }>();
  const prepare = (
    series: FleetSeries,
    atTick: number,
  ): { ready: PreparedSeries; tick: number } => {
    const first = Math.max(0, atTick - extractor.historyTicks + 1);
    const known = prepared.get(series);
    if (known?.atTick === atTick) return { ready: known.ready, tick: atTick - first };
    const ready = extractor.prepare(sliceTicks(series, first, atTick + 1));
    prepared.set(series, { atTick, ready });
    return { ready, tick: atTick - first };
  };
  const readiness = (series: FleetSeries, host: number, atTick: number): 'ready' | UnknownWhy =>
    hostReadiness(series, info.targetMetric, info.windowTicks, host, atTick);
  const evaluate = () => {
    const { logit, maxPercent } = runner.run(row, 0);
    return { risk: calibrated(info.calibration, logit), expectedMaxPercent: maxPercent };
  };

  return {
    score(series: FleetSeries, atTick: number, options: { explainTop?: number } = {}): HostScore[] {
      const { ready, tick } = prepare(series, atTick);
      const scores = series.hosts.map((host, hostIndex): HostScore => {
        const why = readiness(series, hostIndex, atTick);
        if (why !== 'ready') return { host, hostIndex, risk: 'unknown', why };
        extractor.write(ready, hostIndex, tick, row, 0);
        return { host, hostIndex, ...evaluate(), reasons: [] };
      });
      const top = scores
        .flatMap((score) => (score.risk === 'unknown' ? [] : [score]))
        .sort((a, b) => b.risk - a.risk)
        .slice(0, options.explainTop ?? defaultExplainTop);
      for (const score of top) {
        extractor.write(ready, score.hostIndex, tick, row, 0);
        const contributions = new Float64Array(row.length);
        runner.contribute(row, 0, info.calibration.slope, contributions);
        scores[score.hostIndex] = { ...score, reasons: tellReasons(extractor, row, contributions) };
      }
      return scores;
    },
    scorePairs(
      series: FleetSeries,
      atTick: number,
      pairs: readonly { hostIndex: number; addedCpuPercent: number }[],
    ): PairScore[] {
      const { ready, tick } = prepare(series, atTick);
      const own = new Map<number, HostForecast | UnknownWhy>();
      return pairs.map((pair): PairScore => {
        const { hostIndex, addedCpuPercent } = pair;
        let alone = own.get(hostIndex);
        if (alone === undefined) {
          const why = readiness(series, hostIndex, atTick);
          if (why === 'ready') {
            extractor.write(ready, hostIndex, tick, row, 0);
            alone = {
              ...evaluate(),
              currentPercent: ready.targets[hostIndex]?.values[tick] ?? 0,
            };
          } else alone = why;
          own.set(hostIndex, alone);
        }
        if (typeof alone === 'string') return { ...pair, risk: 'unknown', why: alone };
        return {
          ...pair,
          ...withAddedLoad(alone, addedCpuPercent, info.thresholdPercent, info.maximumSpread),
        };
      });
    },
  };
};
