import { availableParallelism, cpus, loadavg } from 'node:os';
import { startEmulator } from '@sidestep/emulator';
import { type ListenerStretch, measureInfluxListener } from './influx-listener.ts';
import { startInflux } from './influx-server.ts';
import { measureAsTaken, type Stretch } from './intake.ts';
import { parseSpeed, VALUES_PER_RUN } from './parse-speed.ts';
import { measureQueries } from './queries.ts';
import { measureReceive } from './receive.ts';
import { benchCloud, type Recording, recordHostAgents } from './recorded-fleet.ts';
import { measureRules } from './rules.ts';
import { medianOf } from './statistics.ts';
import { milliseconds, type Row, tableOf, whole } from './table.ts';

const SEED = 1;
const RECORDED_SECONDS = 60;
const PARSE_RUNS = 7;
const STORE_RUNS = 3;
const PEER_ROUNDS = 3;
const seconds = { warmUpSeconds: 3, asTakenSeconds: 6, rateSeconds: 0 };
/** A hundred servers at 1 s: 10 million values. */
const HISTORY_SECONDS = 100_000;
const QUERIES = 500;

const startedAt = performance.now();
const elapsed = (): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;
const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');
/** Progress goes beside the table, so that the table can be kept by itself. */
const say = (line: string): void => {
  process.stderr.write(`bench monitoring ${elapsed()}: ${line} (load ${load()})\n`);
};
const aim = (target: string, isMet: boolean): string => `${target}: ${isMet ? 'met' : 'missed'}`;
const range = (figures: readonly number[]): string =>
  `${whole(Math.min(...figures))} to ${whole(Math.max(...figures))}`;

function parsing(recording: Recording): Row {
  parseSpeed(recording);
  const speeds = Array.from({ length: PARSE_RUNS }, () => parseSpeed(recording));
  const runs = speeds.map(({ perSecond }) => perSecond);
  const perCpuSecond = medianOf(speeds.map((each) => each.perCpuSecond));
  // One core's work: not the neighbours'.
  const figure = perCpuSecond;
  say(`parsed ${whole(figure)} values/s from memory`);
  return {
    what: 'collectd values parsed from memory, one core',
    figure: `${whole(figure)} values a CPU s`,
    target: aim('≥ 5,000,000', figure >= 5e6),
    how: `median of ${PARSE_RUNS} runs of ${whole(VALUES_PER_RUN)} values; by the clock ${range(runs)} values/s`,
  };
}

async function receiving(recording: Recording): Promise<Row> {
  const { asTaken, atRates, held } = await measureReceive(recording, say);
  const fastest = asTaken.map((each) => each.parsedPerSecond);
  const lossless = asTaken.every(({ droppedAtSocket }) => droppedAtSocket === 0);
  const atRate = held === 'none' ? 0 : held.offeredPerSecond;
  const figure = Math.max(atRate, lossless ? medianOf(fastest) : 0);
  const tried = atRates
    .map((each) => `${whole(each.offeredPerSecond)}/s: ${whole(each.droppedAtSocket)} dropped`)
    .join(', ');
  return {
    what: 'received over loopback UDP and parsed without a drop',
    figure: `${whole(figure)} values/s`,
    target: aim('≥ 2,000,000', figure >= 2e6),
    how: `sent as fast as the socket is emptied: ${range(fastest)} in ${asTaken.length} runs, ${asTaken.reduce((sum, each) => sum + each.droppedAtSocket, 0)} datagrams dropped; at fixed rates: ${tried}; Monitoring’s listener on its thread, the parser on another, the sender on a third`,
  };
}

const cpuOf = ({ cpuSeconds, storeCpuSeconds, values }: Stretch): number =>
  values / (cpuSeconds + storeCpuSeconds);

async function embedded(recording: Recording): Promise<Row> {
  const cloud = await startEmulator(benchCloud(SEED));
  try {
    const options = { settings: {}, ...seconds, runs: STORE_RUNS, say };
    const runs = await measureAsTaken(cloud, recording, options);
    const stored = runs.map(({ storedPerSecond }) => storedPerSecond);
    const lost = runs.reduce((sum, each) => sum + each.droppedAtSocket + each.lostAfterSocket, 0);
    const figure = medianOf(stored);
    return {
      what: 'UDP → disk, embedded store',
      figure: `${whole(figure)} values/s`,
      target: aim('≥ 200,000', figure >= 2e5 && lost === 0),
      how: `median of ${runs.length} runs of ${seconds.asTakenSeconds} s (${range(stored)}); until the last is on disk; ${lost} lost; ${whole(medianOf(runs.map(cpuOf)))} values a CPU s; waited for a free core ${waitedOf(runs)} s of ${seconds.asTakenSeconds}`,
    };
  } finally {
    await cloud.close();
  }
}

const waitedOf = (runs: readonly Stretch[]): string =>
  medianOf(runs.map(({ waitedForCpuSeconds }) => waitedForCpuSeconds)).toFixed(1);

async function throughMonitoring(recording: Recording): Promise<Stretch> {
  const cloud = await startEmulator(benchCloud(SEED));
  const influx = await startInflux();
  try {
    const settings = { SIDESTEP_STORE: 'influxdb', SIDESTEP_INFLUXDB_URL: influx.url };
    const options = { settings, storePid: influx.pid, ...seconds, runs: 1, say };
    const [stretch] = await measureAsTaken(cloud, recording, options);
    if (stretch === undefined) throw new Error('nothing was measured');
    return stretch;
  } finally {
    await influx.stop();
    await cloud.close();
  }
}

/** One after the other, round after round: what the machine's other work changes, it changes for both. */
async function throughToInflux(recording: Recording): Promise<Row[]> {
  const ours: Stretch[] = [];
  const theirs: ListenerStretch[] = [];
  for (let round = 0; round < PEER_ROUNDS; round += 1) {
    ours.push(await throughMonitoring(recording));
    theirs.push(...(await measureInfluxListener(recording, { ...seconds, runs: 1, say })));
  }
  const our = ours.map(({ storedPerSecond }) => storedPerSecond);
  const their = theirs.map(({ storedPerSecond }) => storedPerSecond);
  const ratios = our.map((figure, at) => figure / (their[at] ?? Number.NaN));
  const ratio = medianOf(ratios);
  const lost = ours.reduce((sum, each) => sum + each.droppedAtSocket + each.lostAfterSocket, 0);
  const theirLost = theirs.reduce((sum, { values, points }) => sum + values - points, 0);
  const theirCpu = medianOf(theirs.map(({ values, cpuSeconds }) => values / cpuSeconds));
  const samples = medianOf(ours.map((each) => each.samples / each.values));
  return [
    {
      what: 'UDP → influxd 1.6.7, through Monitoring',
      figure: `${whole(medianOf(our))} values/s`,
      target: aim('≥ 1.0 × the peer', ratio >= 1 && lost === 0),
      how: `${ratio.toFixed(2)} × (rounds: ${ratios.map((each) => each.toFixed(2)).join(', ')}); ${range(our)} in ${ours.length} rounds; ${samples.toFixed(2)} samples a value; ${lost} lost; ${whole(medianOf(ours.map(cpuOf)))} values a CPU s of Monitoring and influxd together`,
    },
    {
      what: 'the peer: influxd 1.6.7’s own collectd listener',
      figure: `${whole(medianOf(their))} values/s`,
      how: `the same packets, ${range(their)} in ${theirs.length} rounds; ${whole(theirLost)} lost; ${whole(theirCpu)} values a CPU s`,
    },
  ];
}

function evaluating(): Row {
  const { hosts, rules, raised, tick, cpuMs } = measureRules();
  say(`${whole(hosts)} hosts × ${rules} rules: ${milliseconds(tick.p50)} a tick`);
  return {
    what: `${whole(hosts)} hosts × ${rules} rules evaluated, p50 / max a tick`,
    figure: `${milliseconds(tick.p50)} / ${milliseconds(tick.max)}`,
    target: aim('≤ 200 ms', tick.p50 <= 200),
    how: `${milliseconds(cpuMs)} of CPU a tick; ${tick.count} ticks at 1 s; mean of 10 s, maximum, 95th percentile and rate of 60 s, and a forecast; ${whole(raised)} alarms raised`,
  };
}

async function asking(): Promise<Row> {
  const cloud = await startEmulator(benchCloud(SEED));
  try {
    const { oneHost, importedSamples } = await measureQueries(cloud, {
      settings: {},
      historySeconds: HISTORY_SECONDS,
      of: 'server',
      oneHostQueries: QUERIES,
      allHostsQueries: 1,
      say,
    });
    return {
      what: 'last hour of one VM by minute, p50 / p99',
      figure: `${milliseconds(oneHost.p50)} / ${milliseconds(oneHost.p99)}`,
      target: aim('p99 ≤ 20 ms', oneHost.p99 <= 20),
      how: `${oneHost.count} × POST /query over HTTP; ${whole(importedSamples)} values stored, embedded`,
    };
  } finally {
    await cloud.close();
  }
}

const loadBefore = load();
const recording = await recordHostAgents(SEED, RECORDED_SECONDS);
const rows: Row[] = [
  parsing(recording),
  await receiving(recording),
  await embedded(recording),
  ...(await throughToInflux(recording)),
  evaluating(),
  await asking(),
];
const perDatagram = recording.values / recording.datagrams;
process.stdout.write(
  `${tableOf(rows)}\n\n${whole(recording.values)} values of ${RECORDED_SECONDS} s of 100 emulated hosts with 300 VNFs, ${perDatagram.toFixed(0)} a datagram; ${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load average ${loadBefore} before and ${load()} after, Node ${process.version}; ${elapsed()} in all\n`,
);
