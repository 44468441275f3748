import { availableParallelism, cpus, loadavg } from 'node:os';
import { startEmulator } from '@sidestep/emulator';
import { startInflux } from './influx-server.ts';
import { type IntakeResult, measureIntake, type Stretch } from './intake.ts';
import { moveRow } from './move-row.ts';
import { measureMoves } from './moves.ts';
import { measureQueries, type QueryResult } from './queries.ts';
import {
  benchCloud,
  fleetHosts,
  fleetServers,
  type Recording,
  recordFleet,
} from './recorded-fleet.ts';
import { milliseconds, type Row, tableOf, whole } from './table.ts';

const SEED = 1;
const RECORDED_SECONDS = 60;
const DAY_SECONDS = 86_400;
const MOVES_PER_POLICY = 50;
const latency = { fixedMs: 20, jitterMs: 10 };

const startedAt = performance.now();
const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
/** Progress goes beside the table, so that the table can be kept by itself. */
const say = (line: string): void => {
  process.stderr.write(`bench ${elapsed()}: ${line} (load ${load()})\n`);
};

function intakeRows(store: string, recording: Recording, result: IntakeResult): Row[] {
  const { asTaken, atRates, held, stored, readBack } = result;
  const perSecond = recording.values / recording.seconds;
  const cpu = (stretch: Stretch): string => {
    const all = stretch.cpuSeconds + stretch.storeCpuSeconds;
    const storeCpu =
      stretch.storeCpuSeconds === 0 ? '' : ` and ${stretch.storeCpuSeconds.toFixed(1)} of influxd`;
    return `${stretch.cpuSeconds.toFixed(1)} CPU s of Monitoring${storeCpu}, ${whole(stretch.values / all)} values a CPU s; it waited ${stretch.waitedForCpuSeconds.toFixed(1)} s for a free core`;
  };
  const above =
    held === 'none'
      ? atRates.at(-1)
      : atRates.filter((each) => each.offeredPerSecond > held.offeredPerSecond).at(-1);
  const lossAbove =
    above === undefined
      ? ''
      : `; at ${whole(above.offeredPerSecond)} values/s ${whole(above.droppedAtSocket)} of ${whole(above.datagrams)} datagrams fell at the socket, ${whole(above.lostAfterSocket)} after it`;
  return [
    {
      what: `collectd values/s taken in and stored, ${store}, as fast as taken`,
      figure: `${whole(asTaken.storedPerSecond)} values/s`,
      how: `${whole(asTaken.values)} values (${(asTaken.values / asTaken.seconds / perSecond).toFixed(0)} × the fleet's own ${whole(perSecond)}/s) sent in ${asTaken.seconds.toFixed(0)} s, ${whole(asTaken.samples)} samples, the last ${asTaken.drainSeconds.toFixed(1)} s later; ${asTaken.droppedAtSocket} dropped; ${cpu(asTaken)}; ${whole(readBack)} of ${whole(stored)} samples, warm-up included, counted by queries afterwards`,
    },
    held === 'none'
      ? {
          what: `the same at a fixed rate without a drop, ${store}`,
          figure: 'none held',
          how: `tried ${atRates.map((each) => whole(each.offeredPerSecond)).join(', ')}${lossAbove}`,
        }
      : {
          what: `the same at a fixed rate without a drop, ${store}`,
          figure: `${whole(held.offeredPerSecond)} values/s`,
          how: `${whole(held.values)} values in ${held.seconds.toFixed(0)} s; ${cpu(held)}${lossAbove}`,
        },
  ];
}

function queryRows(result: QueryResult): Row[] {
  const { allHosts, importedSamples, importSeconds, oneHost } = result;
  const store = `embedded store of ${whole(importedSamples)} values (${fleetHosts} hosts × ${DAY_SECONDS / 3600} h at 1 s)`;
  const row = (what: string, spread: QueryResult['oneHost'], more: string): Row => ({
    what: `window query p50 / p99, ${what}`,
    figure: `${milliseconds(spread.p50)} / ${milliseconds(spread.p99)}`,
    how: `POST /query over HTTP, ${spread.count} times one after another; ${store}${more}`,
  });
  return [
    row('one host, last hour by minute', oneHost, ''),
    row(`${fleetHosts} hosts, last hour by minute`, allHosts, ''),
    {
      what: 'history written by POST /samples',
      figure: `${whole(importedSamples / importSeconds)} samples/s`,
      how: `${whole(importedSamples)} samples in ${importSeconds.toFixed(0)} s, 10,000 a request, 3 at once`,
    },
  ];
}

async function intake(): Promise<Row[]> {
  const recording = await recordFleet(SEED, RECORDED_SECONDS);
  say(`${whole(recording.values)} values of ${RECORDED_SECONDS} s of the fleet recorded`);
  const cloud = await startEmulator(benchCloud(SEED));
  const seconds = { warmUpSeconds: 4, asTakenSeconds: 15, rateSeconds: 8 };
  try {
    const embedded = await measureIntake(cloud, recording, { settings: {}, ...seconds, say });
    const influx = await startInflux();
    try {
      const settings = { SIDESTEP_STORE: 'influxdb', SIDESTEP_INFLUXDB_URL: influx.url };
      const options = { settings, storePid: influx.pid, ...seconds, say };
      const stored = await measureIntake(cloud, recording, options);
      return [
        ...intakeRows('embedded store', recording, embedded),
        ...intakeRows('InfluxDB 1.6.7', recording, stored),
      ];
    } finally {
      await influx.stop();
    }
  } finally {
    await cloud.close();
  }
}

async function queries(): Promise<Row[]> {
  const cloud = await startEmulator(benchCloud(SEED));
  try {
    return queryRows(
      await measureQueries(cloud, {
        settings: {},
        historySeconds: DAY_SECONDS,
        oneHostQueries: 300,
        allHostsQueries: 100,
        say,
      }),
    );
  } finally {
    await cloud.close();
  }
}

async function moves(): Promise<Row[]> {
  const policies = ['least-risk', 'least-cpu'];
  const results = await measureMoves({
    fleet: benchCloud(SEED),
    policies,
    movesPerPolicy: MOVES_PER_POLICY,
    paceMs: 1_130,
    serverIntervalMs: 1_000,
    settleMs: 8_000,
    latency,
    say,
  });
  return results.map((result) => moveRow(result, { latency, fleet: `${fleetHosts} hosts` }));
}

const loadBefore = load();
const rows = [...(await intake()), ...(await queries()), ...(await moves())];
process.stdout.write(
  `${tableOf(rows)}\n\n${fleetHosts} emulated hosts, ${fleetServers} VNFs, 75 chains at 1 s; ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load average ${loadBefore} before and ${load()} after, Node ${process.version}; ${elapsed()} in all\n`,
);
