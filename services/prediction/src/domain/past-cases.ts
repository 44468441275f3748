import { type FleetSeries, sampleAt } from '@sidestep/forecast';
import type { CaseShape, SettledRow } from './settled-row.ts';

/** Numbers of a shape. */
export const shapeWidth = 5;
/** Where the peak stands in a shape. */
export const peakAt = 2;

/** The shape of a host's newest window; NaN throughout where it has no sample. */
export const caseShape = (
  series: FleetSeries,
  host: number,
  target: number,
  windowTicks: number,
): Float32Array => {
  const shape = new Float32Array(shapeWidth).fill(NaN);
  let count = 0;
  let sum = 0;
  let squares = 0;
  let peak = -Infinity;
  let last = NaN;
  let first = NaN;
  for (let tick = Math.max(0, series.ticks - windowTicks); tick < series.ticks; tick++) {
    const value = sampleAt(series, tick, host, target);
    if (Number.isNaN(value)) continue;
    if (count === 0) first = value;
    count++;
    sum += value;
    squares += value * value;
    peak = Math.max(peak, value);
    last = value;
  }
  if (count === 0) return shape;
  const mean = sum / count;
  shape.set([
    last,
    mean,
    peak,
    last - first,
    Math.sqrt(Math.max(0, squares / count - mean * mean)),
  ]);
  return shape;
};

/** A past case and how far it lies from the present one. */
export type NearCase = { row: SettledRow; distance: number };

/**
 * The past cases most like a shape: Euclidean distance, each number scaled by its deviation over the cases. Of one host
 * only one case a horizon is told: its neighbours in time are the same case.
 */
export const nearestCases = (
  rows: readonly SettledRow[],
  shape: CaseShape,
  bounds: { most: number; horizonMs: number },
): NearCase[] => {
  if (Number.isNaN(shape[0] ?? NaN)) return [];
  const scales = Array.from({ length: shapeWidth }, (_, at) => deviation(rows, at));
  const near = rows
    .map((row) => ({ row, distance: distanceOf(row.shape, shape, scales) }))
    .filter(({ distance }) => !Number.isNaN(distance))
    .sort((a, b) => a.distance - b.distance);
  const told: NearCase[] = [];
  for (const each of near) {
    const isSame = told.some(
      ({ row }) =>
        row.hostId === each.row.hostId && Math.abs(row.atMs - each.row.atMs) < bounds.horizonMs,
    );
    if (!isSame) told.push(each);
    if (told.length === bounds.most) break;
  }
  return told;
};

const deviation = (rows: readonly SettledRow[], at: number): number => {
  let sum = 0;
  let squares = 0;
  for (const { shape } of rows) {
    const value = shape[at] ?? 0;
    sum += value;
    squares += value * value;
  }
  const mean = sum / Math.max(1, rows.length);
  return Math.max(1, Math.sqrt(Math.max(0, squares / Math.max(1, rows.length) - mean * mean)));
};

const distanceOf = (a: CaseShape, b: CaseShape, scales: readonly number[]): number =>
  Math.sqrt(
    scales.reduce((sum, scale, at) => sum + (((a[at] ?? NaN) - (b[at] ?? NaN)) / scale) ** 2, 0),
  );
