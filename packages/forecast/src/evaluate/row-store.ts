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

/** Rows' features and outcomes, in memory that threads share: what the call before has built is not built again. */
export const createRowBuilder = (
  extractor: FeatureExtractor,
  parts: readonly Part[],
): ((refs: readonly RowRef[]) => LabelledRows) => {
  const width = extractor.features.length;
  let built: readonly RowRef[] = [];
  let room = sharedRows(0, width);
  return (refs) => {
    const kept = startsWith(refs, built) ? built.length : 0;
    if (refs.length > room.count) {
      // Rows become more with each call: some room to spare saves copies.
      const larger = sharedRows(Math.ceil(1.5 * refs.length), width);
      larger.data.set(room.data.subarray(0, kept * width));
      larger.crossed.set(room.crossed.subarray(0, kept));
      larger.futureMax.set(room.futureMax.subarray(0, kept));
      room = larger;
    }
    for (let i = kept; i < refs.length; i++) {
      const ref = refs[i];
      const source = parts[ref?.part ?? -1];
      if (ref === undefined || source === undefined) continue;
      const at = ref.host * source.prepared.series.ticks + ref.tick;
      extractor.write(source.prepared, ref.host, ref.tick, room.data, i * width);
      room.crossed[i] = source.labels.crossed[at] ?? 0;
      room.futureMax[i] = source.labels.futureMax[at] ?? 0;
    }
    built = refs;
    return {
      data: room.data.subarray(0, refs.length * width),
      count: refs.length,
      width,
      crossed: room.crossed.subarray(0, refs.length),
      futureMax: room.futureMax.subarray(0, refs.length),
      weights: room.weights.subarray(0, refs.length),
    };
  };
};

const sharedRows = (count: number, width: number): LabelledRows => ({
  data: new Float32Array(new SharedArrayBuffer(4 * count * width)),
  count,
  width,
  crossed: new Uint8Array(new SharedArrayBuffer(count)),
  futureMax: new Float32Array(new SharedArrayBuffer(4 * count)),
  weights: new Float32Array(new SharedArrayBuffer(4 * count)).fill(1),
});

const startsWith = (refs: readonly RowRef[], begin: readonly RowRef[]): boolean =>
  begin.length <= refs.length &&
  begin.every(({ part, host, tick }, i) => {
    const ref = refs[i];
    return ref?.part === part && ref.host === host && ref.tick === tick;
  });
