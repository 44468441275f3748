import { seededRandom } from '@sidestep/fleet';
import type { FeatureExtractor, PreparedSeries } from './features/extractor.ts';
import { valueAt } from './features/views.ts';
import { type Labels, unknownOutcome } from './labels.ts';
import type { LabelledRows } from './learners/rows.ts';
import { shuffle } from './random.ts';

/** Labelled rows with where each came from. */
export type TrainingRows = LabelledRows & {
  readonly ticks: Int32Array;
  readonly hosts: Int32Array;
  /** The target's current value, 0–100. */
  readonly current: Float32Array;
};

/** Features and outcomes of all host-ticks with a known outcome, at most `maxRows` of them, in order of time. */
export const collectRows = (
  extractor: FeatureExtractor,
  prepared: PreparedSeries,
  labels: Labels,
  bounds: { firstTick: number; maxRows: number; seed: number; halfLifeTicks?: number | undefined },
): TrainingRows => {
  const { hosts, ticks } = prepared.series;
  const found: number[] = [];
  for (let tick = bounds.firstTick; tick < ticks; tick++)
    for (let host = 0; host < hosts.length; host++)
      if (labels.crossed[host * ticks + tick] !== unknownOutcome)
        found.push(tick * hosts.length + host);
  const kept =
    found.length <= bounds.maxRows
      ? Int32Array.from(found)
      : shuffle(Int32Array.from(found), seededRandom(bounds.seed)).slice(0, bounds.maxRows).sort();
  const width = extractor.features.length;
  const count = kept.length;
  const rows = {
    data: new Float32Array(count * width),
    count,
    width,
    crossed: new Uint8Array(count),
    futureMax: new Float32Array(count),
    weights: new Float32Array(count).fill(1),
    ticks: new Int32Array(count),
    hosts: new Int32Array(count),
    current: new Float32Array(count),
  };
  const newest = Math.floor((kept[count - 1] ?? 0) / hosts.length);
  for (let i = 0; i < count; i++) {
    const host = (kept[i] ?? 0) % hosts.length;
    const tick = Math.floor((kept[i] ?? 0) / hosts.length);
    rows.ticks[i] = tick;
    if (bounds.halfLifeTicks !== undefined)
      rows.weights[i] = 0.5 ** ((newest - tick) / bounds.halfLifeTicks);
    rows.hosts[i] = host;
    rows.crossed[i] = labels.crossed[host * ticks + tick] ?? 0;
    rows.futureMax[i] = labels.futureMax[host * ticks + tick] ?? 0;
    const target = prepared.targets[host];
    rows.current[i] = target === undefined ? NaN : valueAt(target, tick);
    extractor.write(prepared, host, tick, rows.data, i * width);
  }
  return rows;
};
