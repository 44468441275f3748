import { expect, test } from 'vitest';
import { withRhythm } from '../src/evaluate/rhythm.ts';
import { createExtractor } from '../src/features/extractor.ts';
import { emptySeries, hostCpuPercent } from '../src/series.ts';

const settings = { fromTick: 10, windowTicks: 24, horizonTicks: 6 };
const inner = createExtractor({
  targetMetric: hostCpuPercent,
  otherMetrics: [],
  windowTicks: 24,
  horizonTicks: 6,
  thresholdPercent: 80,
  periods: [],
  neighbours: [],
});

const rhythmAt = (tick: number, load: (tick: number) => number): Record<string, number> => {
  const extractor = withRhythm(inner, settings);
  const series = emptySeries({
    hosts: ['h'],
    metrics: [hostCpuPercent],
    tickMs: 1000,
    firstTickAtMs: 0,
    ticks: 150,
  });
  for (let at = 0; at < 150; at++) series.values[at] = load(at);
  const row = new Float32Array(extractor.features.length);
  extractor.write(extractor.prepare(series), 0, tick, row, 0);
  return Object.fromEntries(
    extractor.features.flatMap(({ name }, i) =>
      name.startsWith('rhythm.') ? [[name.slice('rhythm.'.length), row[i] ?? NaN]] : [],
    ),
  );
};

/** A job of three ticks every twenty. */
const everyTwenty = (tick: number) => (tick % 20 < 3 ? 95 : 20 + (tick % 3));

test('a host that does the same every twenty ticks is known by that period, and its next peak is expected', () => {
  const before = rhythmAt(118, everyTwenty);
  const calm = rhythmAt(105, everyTwenty);

  expect(before.period).toBe(20);
  expect(before.strength).toBeGreaterThan(0.5);
  expect(before.next).toBe(95);
  expect(calm.next).toBeLessThan(30);
  expect(before.expected).toBeGreaterThan((calm.expected ?? NaN) + 20);
});

test('what comes after a tick never changes its rhythm', () => {
  const calmAfter = (tick: number) => (tick > 100 ? 5 : everyTwenty(tick));

  expect(rhythmAt(100, calmAfter)).toEqual(rhythmAt(100, everyTwenty));
  expect(rhythmAt(101, calmAfter)).not.toEqual(rhythmAt(101, everyTwenty));
});

test('a rhythm is not carried over from the day before', () => {
  const otherwise = (tick: number) => (tick < settings.fromTick ? 99 : everyTwenty(tick));

  expect(rhythmAt(90, otherwise)).toEqual(rhythmAt(90, everyTwenty));
  expect(rhythmAt(settings.fromTick, everyTwenty).next).toBeNaN();
});
