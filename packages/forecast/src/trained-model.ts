import { type HostForecast, withAddedLoad } from './added-load.ts';
import { calibrated } from './calibration.ts';
import { createExtractor, type FeatureSpec, type PreparedSeries } from './features/extractor.ts';
import { valueAt } from './features/views.ts';
import { warmViews } from './features/warm-fleet.ts';
import type {
  HostScore,
  ModelInfo,
  PairScore,
  Reason,
  ScoreOptions,
  TrainedModel,
  UnknownWhy,
} from './forecast-model.ts';
import { createBlendRunner, type Member } from './learners/member.ts';
import { packMembers } from './model-members.ts';
import { beginsAt } from './past-rate.ts';
import { fleetReadiness, hostReadiness } from './readiness.ts';
import { tellReasons } from './reasons.ts';
import { sealModel, type UnsealedInfo } from './seal-model.ts';
import { type FleetSeries, sliceTicks } from './series.ts';

/** What a trained model consists of. */
export type ModelParts = {
  readonly info: UnsealedInfo;
  readonly featureSpec: FeatureSpec;
  readonly members: readonly Member[];
};

const defaultExplainTop = 32;
/** Hosts whose features are held at once. */
const rowsPerPass = 512;

/** A model from its parts; version and checksum follow from the content. */
export const assembleModel = (parts: ModelParts): TrainedModel => {
  const packed = packMembers(parts.members);
  const { info, bytes } = sealModel(
    parts.info,
    { featureSpec: parts.featureSpec, members: packed.members },
    packed.arrays,
  );
  const model: TrainedModel = {
    ...createScorer(info, parts),
    answers: 'risk',
    info,
    serialize: () => bytes.slice(),
  };
  partsOf.set(model, parts);
  return model;
};

const partsOf = new WeakMap<TrainedModel, ModelParts>();

/** The fitted learners of a model, for a training that goes on from them. */
export const membersOf = (model: TrainedModel): readonly Member[] =>
  partsOf.get(model)?.members ?? [];

/** The views of a series at a tick, and that tick's number in them. */
type Ready = { readonly ready: PreparedSeries; readonly tick: number };

const createScorer = (info: ModelInfo, { featureSpec, members }: ModelParts) => {
  const extractor = createExtractor(featureSpec);
  const width = extractor.features.length;
  const runner = createBlendRunner(members, width);
  // A series never changes, so what was computed for it serves the pairs of the same tick too.
  const prepared = new WeakMap<FleetSeries, { atTick: number; at: Ready }>();
  const prepare = (series: FleetSeries, atTick: number): Ready => {
    if (atTick === series.ticks - 1) {
      const warm = warmViews(series, extractor);
      if (warm !== 'cold') return warm;
    }
    const known = prepared.get(series);
    if (known?.atTick === atTick) return known.at;
    const first = Math.max(0, atTick - extractor.historyTicks + 1);
    const ready = extractor.prepare(sliceTicks(series, first, atTick + 1));
    const at = { ready, tick: atTick - first };
    prepared.set(series, { atTick, at });
    return at;
  };
  /** Risk and expected maximum of some hosts, in their order. */
  const evaluate = ({ ready, tick }: Ready, hosts: ArrayLike<number>) => {
    const data = new Float32Array(Math.min(hosts.length, rowsPerPass) * width);
    const out = { logits: new Float64Array(rowsPerPass), maxima: new Float64Array(rowsPerPass) };
    const risks = new Float64Array(hosts.length);
    const maxima = new Float64Array(hosts.length);
    for (let begin = 0; begin < hosts.length; begin += rowsPerPass) {
      const count = Math.min(rowsPerPass, hosts.length - begin);
      for (let i = 0; i < count; i++)
        extractor.write(ready, hosts[begin + i] ?? -1, tick, data, i * width);
      runner.run(data, count, out);
      for (let i = 0; i < count; i++) {
        risks[begin + i] = calibrated(info.calibration, out.logits[i] ?? 0);
        maxima[begin + i] = out.maxima[i] ?? 0;
      }
    }
    return { risks, maxima };
  };
  const reasonsOf = ({ ready, tick }: Ready, host: number): Reason[] => {
    const row = new Float32Array(width);
    extractor.write(ready, host, tick, row, 0);
    const contributions = new Float64Array(width);
    runner.contribute(row, 0, info.calibration.slope, contributions);
    return tellReasons(extractor, row, contributions);
  };

  return {
    score(series: FleetSeries, atTick: number, options: ScoreOptions = {}): HostScore[] {
      const at = prepare(series, atTick);
      const states = fleetReadiness(series, info.targetMetric, info.windowTicks, atTick).map(
        (state, host) => (state === 'ready' ? beginsAt(series, info, host, atTick) : state),
      );
      const ready = Int32Array.from(states.keys()).filter((host) => states[host] === 'ready');
      const { risks, maxima } = evaluate(at, ready);
      const explained = new Set(
        Array.from(ready.keys())
          .sort((a, b) => (risks[b] ?? 0) - (risks[a] ?? 0))
          .slice(0, options.explainTop ?? defaultExplainTop),
      );
      let place = 0;
      return series.hosts.map((host, hostIndex): HostScore => {
        const why = states[hostIndex] ?? 'unknown-host';
        if (why !== 'ready') return { host, hostIndex, risk: 'unknown', why };
        const own = place++;
        const isExplained = explained.has(own) || hostIndex === options.explainHost;
        return {
          host,
          hostIndex,
          risk: risks[own] ?? 0,
          expectedMaxPercent: maxima[own] ?? 0,
          reasons: isExplained ? reasonsOf(at, hostIndex) : [],
        };
      });
    },
    scorePairs(
      series: FleetSeries,
      atTick: number,
      pairs: readonly { hostIndex: number; addedCpuPercent: number }[],
    ): PairScore[] {
      const at = prepare(series, atTick);
      const own = new Map<number, HostForecast | UnknownWhy>();
      for (const { hostIndex } of pairs) {
        if (own.has(hostIndex)) continue;
        const state = hostReadiness(series, info.targetMetric, info.windowTicks, hostIndex, atTick);
        const why = state === 'ready' ? beginsAt(series, info, hostIndex, atTick) : state;
        own.set(hostIndex, why === 'ready' ? waiting : why);
      }
      const hosts = [...own].flatMap(([host, state]) => (state === waiting ? [host] : []));
      const { risks, maxima } = evaluate(at, hosts);
      hosts.forEach((host, i) => {
        const target = at.ready.targets[host];
        own.set(host, {
          risk: risks[i] ?? 0,
          expectedMaxPercent: maxima[i] ?? 0,
          currentPercent: target === undefined ? 0 : valueAt(target, at.tick),
        });
      });
      return pairs.map((pair): PairScore => {
        const alone = own.get(pair.hostIndex) ?? 'unknown-host';
        if (typeof alone === 'string') return { ...pair, risk: 'unknown', why: alone };
        return {
          ...pair,
          ...withAddedLoad(alone, pair.addedCpuPercent, info.thresholdPercent, info.maximumSpread),
        };
      });
    },
  };
};

/** Stands for a host whose forecast is still to be made. */
const waiting: HostForecast = { risk: 0, expectedMaxPercent: 0, currentPercent: 0 };
