import fc from 'fast-check';
import { expect, test } from 'vitest';
import { metricOf, placeOf } from '../src/adapters/influx/metric-place.ts';
import { PointLines } from '../src/adapters/influx/point-lines.ts';
import { rollupLines } from '../src/adapters/influx/rollup-lines.ts';
import { parseInfluxLines } from '../src/domain/influx-lines.ts';
import { SampleBatch } from '../src/domain/series.ts';

const word = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}$/);
const metric = fc.oneof(
  fc
    .tuple(
      fc.stringMatching(/^[a-z][A-Za-z0-9]{0,9}$/),
      fc.array(word, { minLength: 1, maxLength: 3 }),
    )
    .map(([first, rest]) => [first, ...rest].join('.')),
  fc
    .array(fc.oneof(word, fc.constant('')), { minLength: 1, maxLength: 7 })
    .map((parts) => `collectd.${parts.join('___')}`),
  fc.constantFrom(
    'collectd.memory_free___value___gauge',
    'metric.x',
    'rollup.5.x',
    'a.time',
    'a.labels',
    'collectd.memory____a___b___c',
  ),
);

test.each([
  ['host.cpuPercent', { table: 'host', part: undefined, field: 'cpuPercent' }],
  ['influx.nginx.requests', { table: 'influx.nginx', part: undefined, field: 'requests' }],
  [
    'collectd.cpu______percent___idle___value___gauge',
    { table: 'collectd', part: 'cpu___', field: 'percent___idle___value___gauge' },
  ],
  [
    'collectd.eno1___if_octets___rx___derive',
    { table: 'collectd', part: 'eno1', field: 'if_octets___rx___derive' },
  ],
  [
    'collectd.memory_free___value___gauge',
    { table: 'collectd', part: 'memory_', field: 'free___value___gauge' },
  ],
])('%s stands where what is measured with it stands', (name, place) => {
  expect(placeOf(name, false)).toEqual(place);
});

test('a metric is found again by its place, and two never share one', () => {
  fc.assert(
    fc.property(metric, metric, fc.boolean(), (one, other, labelled) => {
      const place = placeOf(one, labelled);
      expect(metricOf(place)).toBe(one);
      expect(['time', 'resource', 'part', 'labels']).not.toContain(place.field);
      if (one !== other) expect(placeOf(other, labelled)).not.toEqual(place);
    }),
  );
});

const sample = fc.record({
  resource: fc.constantFrom('a', 'b c', 'd,e=f'),
  metric: fc.constantFrom(
    'host.cpuPercent',
    'host.memPercent',
    'host.loadShort',
    'collectd.eno1___if_octets___rx___derive',
  ),
  labels: fc.constantFrom<Record<string, string>>({}, { horizon: '12' }),
  timeMs: fc.integer({ min: 0, max: 3 }),
  value: fc.double({ noNaN: true, noDefaultInfinity: true }),
});

test('every value of a batch is in its lines; of two with one series and time the later stands later', () => {
  const lines = new PointLines();
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
      const text = lines.lines(SampleBatch.of(samples)).join('\n');
      const parsed = parseInfluxLines(text, 'ms');
      const found = new Map<string, number>();
      if (parsed.ok) {
        for (const { measurement, tags, fields, timeMs } of parsed.points) {
          for (const [field, value] of Object.entries(fields)) {
            const { part, labels, resource } = tags;
            const name = metricOf({ table: measurement, part, field });
            found.set(`${resource} ${name} ${labels ?? '{}'} ${timeMs}`, Number(value));
          }
        }
      }
      const wanted = new Map(
        samples.map(({ resource, metric: name, labels, timeMs, value }) => [
          `${resource} ${name} ${JSON.stringify(labels)} ${timeMs}`,
          value + 0,
        ]),
      );
      expect(found).toEqual(wanted);
    }),
  );
});

test('what was measured of a resource at one time is one point, whatever came in between', () => {
  const at = (resource: string, name: string) => ({
    resource,
    metric: name,
    labels: {},
    timeMs: 5,
    value: 1,
  });
  const batch = SampleBatch.of([
    at('a', 'host.cpuPercent'),
    at('b', 'host.cpuPercent'),
    at('a', 'host.memPercent'),
    at('b', 'host.memPercent'),
  ]);

  expect(new PointLines().lines(batch)).toEqual([
    'host,labels={},resource=a cpuPercent=1,memPercent=1 5',
    'host,labels={},resource=b cpuPercent=1,memPercent=1 5',
  ]);
});

test('rollups of one resource and beginning are one point', () => {
  const rollup = { startMs: 10_000, count: 2, mean: 1, min: 0, max: 2, last: 2 };
  const series = (name: string) => ({ resource: 'a', metric: name, labels: {} });

  expect(
    rollupLines(10_000, [
      { series: series('host.cpuPercent'), rollups: [rollup] },
      { series: series('host.memPercent'), rollups: [rollup] },
    ]),
  ).toEqual([
    'rollup.10000.host,labels={},resource=a cpuPercent.count=2,cpuPercent.mean=1,cpuPercent.min=0,cpuPercent.max=2,cpuPercent.last=2,memPercent.count=2,memPercent.mean=1,memPercent.min=0,memPercent.max=2,memPercent.last=2 10000',
  ]);
});
