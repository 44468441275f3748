import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { influxSeriesStore } from '../src/adapters/influx/influx-series-store.ts';
import { SampleBatch } from '../src/domain/series.ts';
import { type Daemon, daemon, eventually, freePort, isInstalled } from './daemons.ts';
import { influxManners } from './influx-manners.ts';
import { seriesStoreConformance } from './series-store-conformance.ts';

const installed = isInstalled('influxd', 'version');

/** A real influxd on loopback, with its data in a folder of its own. */
async function startInflux() {
  const folder = mkdtempSync(join(tmpdir(), 'influx-'));
  const [httpPort, rpcPort] = [await freePort(), await freePort()];
  const config = join(folder, 'influxdb.conf');
  writeFileSync(
    config,
    `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
query-log-enabled = false
[http]
bind-address = "127.0.0.1:${httpPort}"
log-enabled = false
`,
  );
  const url = `http://127.0.0.1:${httpPort}`;
  const start = async (): Promise<Daemon> => {
    const started = daemon('influxd', ['-config', config]);
    await eventually('influxd answers', async () => {
      const response = await fetch(`${url}/ping`).catch(() => undefined);
      return response?.status === 204 ? true : undefined;
    });
    return started;
  };
  let running = await start();
  const kill = () => running.stop('SIGKILL');
  return {
    url,
    kill,
    restart: async () => {
      running = await start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

describe.skipIf(!installed)('InfluxDB (skipped where influxd is not installed)', () => {
  let influx: Awaited<ReturnType<typeof startInflux>>;
  let databases = 0;
  beforeAll(async () => {
    influx = await startInflux();
  });
  afterAll(async () => {
    await influx.stop();
  });
  const open = () => {
    databases += 1;
    return influxSeriesStore({
      url: influx.url,
      database: `sidestep "${databases}"`,
      timeoutMs: 5000,
    });
  };

  seriesStoreConformance(async () => open());

  describe.each(['2', '3'] as const)('with the manners of generation %s', (generation) => {
    let front: Awaited<ReturnType<typeof influxManners>>;
    beforeAll(async () => {
      front = await influxManners(influx.url, generation, 't0ken');
    });
    afterAll(() => front.close());
    const openAs = async (credentials: object) => {
      databases += 1;
      const database = `sidestep ${databases}`;
      await front.makeDatabase(database);
      return influxSeriesStore({
        url: front.url,
        database,
        generation,
        timeoutMs: 5000,
        ...credentials,
      });
    };

    const aroundMs = Math.floor(Date.now() / 3_600_000 - 5) * 3_600_000;
    seriesStoreConformance(() => openAs({ token: 't0ken' }), {
      aroundMs,
      // 3 Core deletes nothing: its retention is set where the database is made.
      forgets: generation === '2',
    });

    test('a token as a password does as well; a wrong one is refused with the server’s words', async () => {
      const sample = SampleBatch.of([
        { resource: 'a', metric: 'host.cpuPercent', labels: {}, timeMs: aroundMs, value: 1 },
      ]);
      const right = await openAs({ username: 'sidestep', password: 't0ken' });
      const wrong = await openAs({ token: 'other' });

      await right.append(sample);
      await expect(wrong.append(sample)).rejects.toThrow(/unauthorized/);
      expect(await right.ping()).toEqual({ ok: true, detail: null });
      expect((await wrong.ping()).ok).toBe(false);
      await right.close();
      await wrong.close();
    });

    test('what its configuration does not say is told', async () => {
      const store = influxSeriesStore({ url: front.url, database: 'x', token: 't0ken' });

      expect((await store.ping()).detail).toMatch(/InfluxDB [23]\..* answers.*GENERATION says 1/);
      await store.close();
    });
  });

  test('while influxd is away samples are refused with the reason; once it is back they are taken', async () => {
    const store = open();
    const series = { resource: 'a', metric: 'host.cpuPercent', labels: {} };
    const sample = (timeMs: number) => SampleBatch.of([{ ...series, timeMs, value: 1 }]);
    await store.append(sample(1000));
    await influx.kill();

    await expect(store.append(sample(2000))).rejects.toThrow(/InfluxDB/);
    expect(await store.ping()).toMatchObject({ ok: false });
    await influx.restart();
    await store.append(sample(3000));

    const times = [];
    for await (const { columns } of store.samples({ metrics: [series.metric] }, 0, 10_000)) {
      times.push(...Array.from(columns.timesMs));
    }
    expect(times).toEqual([1000, 3000]);
    await store.close();
  });

  test('what the server refuses is an error with its words', async () => {
    const store = influxSeriesStore({ url: influx.url, database: 'x', timeoutMs: 5000 });

    await store.append(
      SampleBatch.of([{ resource: 'a', metric: 'm.x', labels: {}, timeMs: 1, value: 1 }]),
    );
    const infinite = SampleBatch.of([
      { resource: 'a', metric: 'm.x', labels: {}, timeMs: 1, value: Number.POSITIVE_INFINITY },
    ]);

    await expect(store.append(infinite)).rejects.toThrow(/unable to parse|invalid/);
    await store.close();
  });
});
