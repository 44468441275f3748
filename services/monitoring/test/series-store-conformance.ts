import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Sample, SampleBatch } from '../src/domain/series.ts';
import type { SeriesFilter, SeriesStore } from '../src/ports/series-store.ts';

/** What a store is spared: one that knows only recent series, or that forgets by itself. */
export interface Conformance {
  /** The time around which samples are written. */
  readonly aroundMs?: number;
  readonly forgets?: boolean;
}

/** What every SeriesStore does; `open` gives an empty one. */
export function seriesStoreConformance(
  open: () => Promise<SeriesStore>,
  { aroundMs: T0 = Date.UTC(2026, 10, 20, 12), forgets = true }: Conformance = {},
): void {
  const unforgetting = forgets ? '' : ' (skipped: this store deletes nothing by itself)';
  const cpu = (resource: string, offsetMs: number, value: number): Sample => ({
    resource,
    metric: 'host.cpuPercent',
    labels: {},
    timeMs: T0 + offsetMs,
    value,
  });
  let store: SeriesStore;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(async () => {
    await store.close();
  });

  const write = (...samples: Sample[]) => store.append(SampleBatch.of(samples));
  const read = async (filter: SeriesFilter, fromMs = T0, toMs = T0 + 3_600_000) => {
    const rows = [];
    for await (const { series, columns } of store.samples(filter, fromMs, toMs)) {
      rows.push({
        resource: series.resource,
        labels: series.labels,
        samples: Array.from(columns.values, (value, at) => [
          (columns.timesMs[at] ?? 0) - T0,
          value,
        ]),
      });
    }
    return rows;
  };
  const metrics = ['host.cpuPercent'];
  const minute = { fromMs: T0, toMs: T0 + 60_000, stepMs: 10_000 };

  test('samples come back by series, oldest first, within a half-open range', async () => {
    await write(cpu('b', 1000, 2), cpu('a', 2000, 3), cpu('a', 1000, 1), cpu('a', 5000, 4));

    expect(await read({ metrics }, T0 + 1000, T0 + 5000)).toEqual([
      {
        resource: 'a',
        labels: {},
        samples: [
          [1000, 1],
          [2000, 3],
        ],
      },
      { resource: 'b', labels: {}, samples: [[1000, 2]] },
    ]);
  });

  test('of two samples with one time the later written counts', async () => {
    await write(cpu('a', 0, 1), cpu('a', 1000, 2));
    await write(cpu('a', 0, 7));

    expect((await read({ metrics }))[0]?.samples).toEqual([
      [0, 7],
      [1000, 2],
    ]);
  });

  test('the place that a key names is a hint: whose samples they are is told by what is measured of whom', async () => {
    const placed = (resource: string) => ({
      ...{ resource, metric: 'host.cpuPercent', labels: {} },
      place: 3,
    });
    const [a, b, sameAsA] = [placed('a'), placed('b'), placed('a')];
    const batch = new SampleBatch();
    for (const [at, key] of [a, b, a, sameAsA, b].entries()) batch.push(key, T0 + at * 1000, at);
    await store.append(batch);
    await store.append(batch);

    expect(await read({ metrics })).toMatchObject([
      {
        resource: 'a',
        samples: [
          [0, 0],
          [2000, 2],
          [3000, 3],
        ],
      },
      {
        resource: 'b',
        samples: [
          [1000, 1],
          [4000, 4],
        ],
      },
    ]);
  });

  test('samples written late take their place in time, minutes and hours back', async () => {
    await write(cpu('a', 600_000, 3));
    await write(cpu('a', 0, 1));
    await write(cpu('a', 30_000, 2), cpu('a', 599_999, 2.5));

    expect((await read({ metrics }))[0]?.samples).toEqual([
      [0, 1],
      [30_000, 2],
      [599_999, 2.5],
      [600_000, 3],
    ]);
  });

  test('values keep every bit', async () => {
    const values = [0.1 + 0.2, 0, 1e-300, 1.7976931348623157e308, -273.15, 2 ** 53 - 1];
    await write(...values.map((value, at) => cpu('a', at, value)));

    const [row] = await read({ metrics });
    expect(row?.samples.map(([, value]) => value)).toEqual(values);
  });

  test('a filter narrows by metric and by resource', async () => {
    await write(cpu('a', 0, 1), cpu('b', 0, 2), { ...cpu('a', 0, 3), metric: 'host.memPercent' });

    expect(await read({ metrics, resources: ['b', 'nobody'] })).toHaveLength(1);
    expect(await read({ metrics, resources: [] })).toEqual([]);
    expect(await read({ metrics: ['host.cpuPercent', 'host.memPercent'] })).toHaveLength(3);
    expect(await read({ metrics: ['host.loadShort'] })).toEqual([]);
  });

  test('labels part series, whatever their order and characters', async () => {
    const risk = (labels: Record<string, string>, value: number): Sample => ({
      ...cpu('a', 0, value),
      metric: 'forecast.failureRisk',
      labels,
    });
    const odd = 'it\'s a "label", = with \\ spaces é';
    await write(
      risk({ horizon: '12', model: odd }, 0.1),
      risk({ horizon: '24', model: odd }, 0.2),
      risk({ model: odd, horizon: '12' }, 0.3),
    );

    const rows = await read({ metrics: ['forecast.failureRisk'] });
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual({
      resource: 'a',
      labels: { horizon: '12', model: odd },
      samples: [[0, 0.3]],
    });
  });

  test.each([
    [{ kind: 'mean' }, [2, null, 20]],
    [{ kind: 'max' }, [3, null, 20]],
    [{ kind: 'min' }, [1, null, 20]],
    [{ kind: 'last' }, [2, null, 20]],
    [{ kind: 'count' }, [3, null, 1]],
    [{ kind: 'percentile', percentile: 50 }, [2, null, 20]],
    [{ kind: 'percentile', percentile: 99 }, [3, null, 20]],
    [{ kind: 'rate' }, [0.5, null, 1]],
  ] as const)(
    'windows by %o have a value a step, and null where no sample is',
    async (aggregate, first) => {
      await write(cpu('a', 0, 1), cpu('a', 4000, 3), cpu('a', 8000, 2), cpu('a', 26_000, 20));
      await write(cpu('b', 59_999, 5), cpu('c', 60_000, 6));

      const windows = await store.windows({ metrics }, minute, aggregate);

      const expected = [...first, null, null, null];
      expect(windows[0]?.series).toMatchObject({
        resource: 'a',
        metric: 'host.cpuPercent',
        labels: {},
      });
      expect(windows[0]?.values).toEqual(expected);
      const others = windows.slice(1).map(({ series }) => series.resource);
      expect(others).toEqual(aggregate.kind === 'rate' ? [] : ['b']);
    },
  );

  test('values of one resource and time keep apart by metric, part and label', async () => {
    const metricNames = [
      'host.cpuPercent',
      'host.memPercent',
      'collectd.cpu______percent___idle___value___gauge',
      'collectd.cpu___0___percent___idle___value___gauge',
      'collectd.memory_free___value___gauge',
      'collectd.eno1___if_octets___rx___derive',
      'collectd.odd',
      'one.time',
    ];
    const samples = metricNames.map((metric, at) => ({ ...cpu('a', 0, at), metric }));
    const labelled = { ...cpu('a', 0, 99), labels: { sensor: 'x' } };
    await write(...samples, labelled, cpu('b', 0, 50));

    for (const [at, metric] of metricNames.entries()) {
      const values = (await read({ metrics: [metric], resources: ['a'] })).map(
        ({ samples: found }) => found[0]?.[1],
      );
      expect(values, metric).toEqual(at === 0 ? [99, 0] : [at]);
    }
    expect((await store.series()).length).toBe(metricNames.length + 2);
  });

  test('every series is listed with its newest sample', async () => {
    await write(cpu('a', 0, 1), cpu('a', 90_000, 2), cpu('b', 5, 3), cpu('a', 1000, 9));

    const listed = (await store.series()).map(({ series, newest }) => [
      series.resource,
      newest && newest.timeMs - T0,
      newest?.value,
    ]);

    expect(listed.sort()).toEqual([
      ['a', 90_000, 2],
      ['b', 5, 3],
    ]);
  });

  test('rollups come back as written; the same start replaces', async () => {
    const series = { resource: 'a', metric: 'host.cpuPercent', labels: { zone: 'z1' } };
    const rollup = (startMs: number, mean: number) => ({
      startMs: T0 + startMs,
      count: 10,
      mean,
      min: 1,
      max: 9.5,
      last: 4,
    });
    await store.appendRollups(10_000, [{ series, rollups: [rollup(0, 5), rollup(10_000, 6)] }]);
    await store.appendRollups(10_000, [{ series, rollups: [rollup(0, 7)] }]);
    await store.appendRollups(60_000, [{ series, rollups: [rollup(0, 8)] }]);

    expect(await store.rollups({ metrics }, 10_000, T0, T0 + 20_000)).toEqual([
      { series: expect.objectContaining(series), rollups: [rollup(0, 7), rollup(10_000, 6)] },
    ]);
    expect(await store.rollups({ metrics, resources: ['b'] }, 10_000, T0, T0 + 20_000)).toEqual([]);
  });

  test.skipIf(!forgets)(
    `what is past its retention is forgotten, what is not stays${unforgetting}`,
    async () => {
      const hourMs = 3_600_000;
      await write(cpu('a', 0, 1), cpu('a', 3 * hourMs, 2));

      await store.maintain(T0 + 4 * hourMs, { samplesMs: 2 * hourMs, rollupsMs: 2 * hourMs });

      expect((await read({ metrics }, T0, T0 + 4 * hourMs))[0]?.samples).toEqual([[3 * hourMs, 2]]);
    },
  );

  test.skipIf(!forgets)(
    `rollups of a minute are kept longer than shorter ones${unforgetting}`,
    async () => {
      const hourMs = 3_600_000;
      const old = { startMs: T0, count: 1, mean: 1, min: 1, max: 1, last: 1 };
      for (const stepMs of [10_000, 60_000]) {
        await store.appendRollups(stepMs, [{ series: cpu('a', 0, 1), rollups: [old] }]);
      }

      const retention = { samplesMs: hourMs, rollupsMs: hourMs, minutesMs: 400 * 24 * hourMs };
      await store.maintain(T0 + 4 * hourMs, retention);

      expect(await store.rollups({ metrics }, 10_000, T0, T0 + hourMs)).toEqual([]);
      expect(await store.rollups({ metrics }, 60_000, T0, T0 + hourMs)).toHaveLength(1);
    },
  );

  test('a store that is there says so', async () => {
    expect(await store.ping()).toEqual({ ok: true, detail: null });
  });
}
