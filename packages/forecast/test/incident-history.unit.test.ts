import { expect, test } from 'vitest';
import { historyFeatureNames, writeHistoryFeatures } from '../src/evaluate/incident-history.ts';

const rowsPerDay = 1440;
const horizonRows = 30;

/** The features at `row` of a machine with incidents of `[first row, rows]`. */
const historyAt = (row: number, incidents: readonly (readonly [number, number])[]) => {
  const label = new Uint8Array(6 * rowsPerDay);
  for (const [start, rows] of incidents) label.fill(1, start, start + rows);
  const out = new Float32Array(historyFeatureNames.length);
  const starts = incidents.map(([start]) => start);
  writeHistoryFeatures({ starts, label, rowsPerDay }, row, horizonRows, out, 0);
  return (name: string) => out[historyFeatureNames.indexOf(`history.${name}`)] ?? NaN;
};

const daily = [0, 1, 2, 3].map((day) => [day * rowsPerDay + 600, 5] as const);

test('an incident of every day is expected half an hour before its time, and no longer after it', () => {
  const before = historyAt(4 * rowsPerDay + 580, daily);
  const after = historyAt(4 * rowsPerDay + 610, daily);

  expect(before('streak0')).toBe(4);
  expect(before('decayed0')).toBeGreaterThan(0.7);
  expect(after('decayed0')).toBeLessThan(0.05);
  expect(after('decayed30')).toBeGreaterThan(0.7);
});

test('a day on which another incident lasted tells nothing of the one that recurs', () => {
  const masked = historyAt(4 * rowsPerDay + 580, [
    ...daily.slice(0, 2),
    [2 * rowsPerDay + 300, 600],
    ...daily.slice(3),
  ]);

  expect(masked('streak0')).toBe(3);
  expect(masked('rate0')).toBeCloseTo((3 + 0.02) / 4);
});

test('an incident that begins later changes nothing', () => {
  const row = 4 * rowsPerDay + 580;
  const known = historyAt(row, daily);
  const told = historyAt(row, [...daily, [row + 1, 5]]);

  expect(historyFeatureNames.map((name) => told(name.slice('history.'.length)))).toEqual(
    historyFeatureNames.map((name) => known(name.slice('history.'.length))),
  );
});
