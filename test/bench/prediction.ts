import { fork } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { loadModel, type TrainedModel } from '@sidestep/forecast';
import { measureScoring, type ScoringTimes } from './prediction-scoring.ts';
import { readFleet, type TrainingReport } from './prediction-training.ts';
import { milliseconds, type Row, tableOf, whole } from './table.ts';

const shared =
  process.env.SIDESTEP_SHARED ?? fileURLToPath(new URL('../../../shared', import.meta.url));
const fleet = `${shared}/data/bb-vm-aug`;
const fleetSizes = [1_000, 10_000];

const load = (): string =>
  loadavg()
    .map((each) => each.toFixed(1))
    .join(' ');

/** Trains in a process of its own, so that its peak memory is the training's alone. */
function train(folder: string): Promise<TrainingReport> {
  return new Promise((resolve, reject) => {
    const child = fork(
      fileURLToPath(new URL('./prediction-training.ts', import.meta.url)),
      [folder],
      {
        serialization: 'advanced',
        execArgv: ['--disable-warning=ExperimentalWarning'],
      },
    );
    child.once('message', (report: TrainingReport) => resolve(report));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the training ended with ${code}`)));
  });
}

function scoringRows(times: ScoringTimes): Row[] {
  const { hosts, historyTicks, coldMs, cpuMs, highestMs, ticks, residentMiB } = times;
  return [
    {
      what: `scoring ${whole(hosts)} hosts at a tick, from warm state`,
      figure: milliseconds(times.medianMs),
      how: `median of ${ticks} ticks, ${milliseconds(cpuMs)} of the processor's time, highest ${milliseconds(highestMs)}; six metrics, ${historyTicks} ticks held, the 32 highest risks explained; the first tick, without warm state, took ${milliseconds(coldMs)}; ${whole(residentMiB)} MiB resident`,
    },
  ];
}

if (!existsSync(fleet)) {
  process.stderr.write(
    `there is no ${fleet}: SIDESTEP_SHARED names the folder that holds data/bb-vm-aug\n`,
  );
  process.exit(1);
}
const loadBefore = load();
const training = await train(fleet);
const loaded = loadModel(training.bytes);
if (loaded.kind === 'refused') throw new Error(loaded.detail);
const model: TrainedModel = loaded.model;
const { series } = readFleet(fleet);
const scored = fleetSizes.map((hosts) => {
  process.stderr.write(`scoring ${hosts} hosts (load ${load()})\n`);
  return measureScoring(model, series, hosts);
});
const largest = scored.at(-1);
process.stdout.write(
  `${tableOf([
    {
      what: 'training the default on bb-vm-aug',
      figure: `${training.seconds.toFixed(1)} s`,
      how: `${training.cpuSeconds.toFixed(1)} s of the processor's time; ${training.detail}`,
    },
    {
      what: 'peak resident memory of that process',
      figure: `${whole(training.peakMiB)} MiB`,
      how: 'as the kernel counts it, reading the files included',
    },
    ...scored.flatMap(scoringRows),
    {
      what: 'scoring 512 (VNF, host) pairs',
      figure: milliseconds(largest?.pairsMs ?? Number.NaN),
      how: '8 VNFs on each of 64 hosts of the largest fleet, after its tick; median',
    },
    {
      what: 'worth of log rates as inputs',
      figure: 'unknown',
      how: 'no public fleet of the benchmark has logs beside its metrics; they are off by default',
    },
  ])}\n\n${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load average ${loadBefore} before and ${load()} after, Node ${process.version}\n`,
);
