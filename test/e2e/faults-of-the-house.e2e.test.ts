import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { encodeDatagrams } from '@sidestep/collectd';
import { answer } from '@sidestep/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InfluxServer, startInflux } from '../bench/influx-server.ts';
import { poll } from '../openstack/poll.ts';
import {
  alarmOf,
  beginMove,
  decision,
  decisionOf,
  ended,
  heat,
  hostOf,
  liveMigrationCalls,
  movedOnce,
  propose,
  putSettings,
} from './moves.ts';
import { type Rig, startRig } from './rig.ts';

describe('while one of our own is away', () => {
  let rig: Rig;
  beforeAll(async () => {
    rig = await startRig();
  }, 90_000);
  afterAll(() => rig?.close());

  test('without Redis a hot host is handled all the same, and the wake-ups are there again with it', async () => {
    await putSettings(rig, { mode: 'auto', policy: 'least-cpu' });
    await rig.redis.kill();

    heat(rig, 'compute1', 6_000);
    const approved = await decisionOf(rig, 'compute1', ['approved', 'executed']);
    const done = await ended(rig, approved.operationId ?? '');

    expect(done).toMatchObject({ state: 'COMPLETED', serverName: 'fw', problem: null });
    expect(liveMigrationCalls(rig, 'fw')).toHaveLength(1);
    expect(await redisIsReady()).toBe(false);
    await rig.redis.start();
    await poll('Redis is there for Migration', 20_000, async () => {
      return (await redisIsReady()) || undefined;
    });
    await movedOnce(rig, await beginMove(rig));
  });

  test('without Monitoring a move goes on to its end; only the figures are missing', async () => {
    const running = await beginMove(rig);
    await rig.kill('monitoring');
    const done = await ended(rig, running.id);
    await rig.stack.restart('monitoring');

    expect(done).toMatchObject({ state: 'COMPLETED', problem: null, chains: [{ after: null }] });
  });

  test('without Monitoring nothing is decided and nothing is cancelled; its alarms survive', async () => {
    await putSettings(rig, { mode: 'recommend', policy: 'least-cpu' });
    heat(rig, 'compute2', 15_000);
    const proposed = await decisionOf(rig, 'compute2', ['proposed']);

    await rig.kill('monitoring');
    const refused = await rig.client('migration').POST('/decisions', {
      body: { hostId: 'compute4', policy: 'least-cpu' },
    });
    const meanwhile = await decision(rig, proposed.id);
    await rig.stack.restart('monitoring');
    await alarmOf(rig, 'compute2', 'raised');
    const afterwards = await decision(rig, proposed.id);
    await alarmOf(rig, 'compute2', 'cleared');

    expect(refused.response.status).toBe(504);
    expect(refused.error).toMatchObject({ code: 'UPSTREAM_TIMEOUT' });
    expect([meanwhile.state, afterwards.state]).toEqual(['proposed', 'proposed']);
    expect(await decisionOf(rig, 'compute2', ['expired'])).toMatchObject({ id: proposed.id });
  });

  test('without Prediction least-risk stays, and says why; least-cpu moves', async () => {
    await rig.kill('prediction');
    const byRisk = await answer(
      'migration',
      rig.client('migration').POST('/decisions', {
        body: { hostId: hostOf(rig, 'web'), policy: 'least-risk' },
      }),
    );
    const byCpu = await propose(rig, 'lone');
    await rig.stack.restart('prediction');

    expect(byRisk).toMatchObject({ state: 'stay', stayReason: 'no-destination' });
    expect(byRisk.fallback).toMatch(/^no prediction: /);
    expect(byRisk.rejected.map(({ why }) => why)).toContain('risk-unknown');
    expect(byCpu).toMatchObject({ state: 'proposed' });
  });

  async function redisIsReady(): Promise<boolean> {
    const response = await fetch(`${rig.stack.url.migration}/ready`);
    const { parts } = (await response.json()) as { parts: { name: string; ok: boolean }[] };
    return parts.find(({ name }) => name === 'redis')?.ok ?? false;
  }
});

const hasInflux = spawnSync('influxd', ['version']).error === undefined;

describe.skipIf(!hasInflux)(
  'while InfluxDB is away (skipped where influxd is not installed)',
  () => {
    let rig: Rig;
    let influx: InfluxServer;
    beforeAll(async () => {
      influx = await startInflux();
      rig = await startRig({
        settings: {
          SIDESTEP_STORE: 'influxdb',
          SIDESTEP_INFLUXDB_URL: influx.url,
          SIDESTEP_SPOOL_MIB: '1',
        },
      });
    }, 90_000);
    afterAll(async () => {
      await rig?.close();
      await influx?.stop();
    });

    test('samples wait and none is lost; when it is away too long, the oldest are dropped and counted', async () => {
      const fromMs = Date.now();
      await influx.kill();
      await poll('samples have waited for four seconds', 20_000, async () => {
        const waiting = await counter('sidestep_samples_waiting');
        return (waiting > 500 && Date.now() - fromMs > 4_000) || undefined;
      });
      await influx.startAgain();
      await nothingWaits();
      const whole = await secondsWithoutSample(fromMs, Date.now() - 1_000);
      const droppedSoon = await counter('sidestep_samples_dropped_total');

      await influx.kill();
      await poll('samples are dropped', 60_000, async () => {
        await sendMany();
        return (await counter('sidestep_samples_dropped_total')) > 0 || undefined;
      });
      await influx.startAgain();
      await nothingWaits();

      expect(whole).toEqual([]);
      expect(droppedSoon).toBe(0);
      const stored = await counter('sidestep_samples_stored_total');
      await poll('what comes now is stored again', 10_000, async () => {
        return (await counter('sidestep_samples_stored_total')) > stored || undefined;
      });
    });

    const nothingWaits = () =>
      poll('what waited is stored', 20_000, async () => {
        return (await counter('sidestep_samples_waiting')) < 200 || undefined;
      });

    /** A hundred series more, of twenty readings each: what hosts send in many seconds. */
    async function sendMany(): Promise<void> {
      const nowMs = Date.now();
      const datagrams = encodeDatagrams(
        Array.from({ length: 2_000 }, (_, index) => ({
          host: 'filler',
          plugin: 'filler',
          type: 'gauge',
          typeInstance: `series-${index % 100}`,
          timeMs: nowMs - 80 + 4 * Math.floor(index / 100),
          intervalMs: 1_000,
          values: [{ kind: 'gauge' as const, value: Math.random() }],
        })),
      );
      const socket = createSocket('udp4');
      for (const datagram of datagrams) {
        await new Promise((sent) => socket.send(datagram, rig.collectdPort, '127.0.0.1', sent));
      }
      socket.close();
    }

    async function counter(name: string): Promise<number> {
      const response = await fetch(`${rig.stack.url.monitoring}/metrics`, {
        headers: { authorization: `Bearer ${rig.stack.access.token.operator}` },
      });
      const line = (await response.text()).split('\n').find((each) => each.startsWith(`${name} `));
      return Number(line?.split(' ')[1] ?? Number.NaN);
    }

    /** Seconds of the time span in which a host that reports twice a second has nothing stored. */
    async function secondsWithoutSample(fromMs: number, toMs: number): Promise<number[]> {
      const { series } = await answer(
        'monitoring',
        rig.client('monitoring').POST('/query', {
          body: {
            resources: ['compute1'],
            metrics: ['host.cpuPercent'],
            from: new Date(Math.ceil(fromMs / 1_000) * 1_000).toISOString(),
            to: new Date(Math.floor(toMs / 1_000) * 1_000).toISOString(),
            stepMs: 1_000,
            aggregate: 'mean',
          },
        }),
      );
      expect(series).toHaveLength(1);
      return (series[0]?.values ?? []).flatMap((value, index) => (value === null ? [index] : []));
    }
  },
);
