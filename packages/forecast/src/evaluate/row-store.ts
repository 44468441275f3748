import { seededRandom } from '@sidestep/fleet';
import type { FeatureExtractor, PreparedSeries } from '../features/extractor.ts';
import { type Labels, unknownOutcome } from '../labels.ts';
import type { LabelledRows } from '../learners/rows.ts';
import type { FleetSeries } from '../series.ts';

/** A host-tick whose features are computed when they are needed. */
export type RowRef = { readonly part: number; readonly host: number; readonly tick: number };

/** One stretch of samples with its outcomes. */
export type Part = {
  readonly prepared: PreparedSeries<FleetSeries>;
  readonly labels: Labels;
};

/** All host-ticks of the parts with a known outcome in `[from, to)`, sampled by seed down to `most`. */
export const knownRows = (
  parts: readonly Part[],
  from: number,
  to: number,
  most: number,
  seed: number,
): RowRef[] => {
  const found: RowRef[] = [];
  parts.forEach(({ prepared, labels }, part) => {
    const { ticks, hosts } = prepared.series;
    for (let tick = Math.max(0, from); tick < Math.min(to, ticks); tick++)
      for (let host = 0; host < hosts.length; host++)
        if (labels.crossed[host * ticks + tick] !== unknownOutcome)
          found.push({ part, host, tick });
  });
  if (found.length <= most) return found;
  const random = seededRandom(seed);
  const share = most / found.length;
  return found.filter(() => random() < share);
};

/** Computes the rows' features and outcomes. */
export const buildRows = (
  extractor: FeatureExtractor,
  parts: readonly Part[],
  refs: readonly RowRef[],
): LabelledRows => {
  const width = extractor.features.length;
  const rows = {
    data: new Float32Array(refs.length * width),
    count: refs.length,
    width,
    crossed: new Uint8Array(refs.length),
    futureMax: new Float32Array(refs.length),
    weights: new Float32Array(refs.length).fill(1),
  };
  refs.forEach(({ part, host, tick }, i) => {
    const source = parts[part];
    if (source === undefined) return;
    const { ticks } = source.prepared.series;
    extractor.write(source.prepared, host, tick, rows.data, i * width);
    rows.crossed[i] = source.labels.crossed[host * ticks + tick] ?? 0;
    rows.futureMax[i] = source.labels.futureMax[host * ticks + tick] ?? 0;
  });
  return rows;
};
