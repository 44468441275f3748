import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import {
  defaultTrainingSpec,
  emptySeries,
  type FleetSeries,
  sampleIndex,
  trainModel,
} from '@sidestep/forecast';

/** What a training cost and made. */
export type TrainingReport = {
  seconds: number;
  cpuSeconds: number;
  peakMiB: number;
  rows: number;
  detail: string;
  bytes: Uint8Array;
};

/** Files of a fleet's folder, in the order of the default's metrics. */
const files = ['cpu', 'mem', 'disk_read', 'disk_write', 'net_rx', 'net_tx'] as const;

/** A public fleet of the benchmark's format as one series. */
export function readFleet(folder: string): {
  series: FleetSeries;
  trainTicks: number;
  horizonTicks: number;
} {
  const meta: { interval_s: number; train_ticks: number; H: number } = JSON.parse(
    readFileSync(`${folder}/meta.json`, 'utf8'),
  );
  const tables = files.map((name) => {
    const [head = '', ...lines] = gunzipSync(readFileSync(`${folder}/${name}.csv.gz`))
      .toString('utf8')
      .trimEnd()
      .split('\n');
    return { hosts: head.split(',').slice(1), lines };
  });
  const [cpu] = tables;
  if (cpu === undefined) throw new Error(`${folder} holds no fleet`);
  const series = emptySeries({
    hosts: cpu.hosts,
    metrics: defaultTrainingSpec.metrics,
    tickMs: meta.interval_s * 1000,
    firstTickAtMs: 0,
    ticks: cpu.lines.length,
  });
  tables.forEach(({ lines }, metric) => {
    lines.forEach((line, tick) => {
      line.split(',').forEach((cell, at) => {
        if (at > 0 && cell !== '')
          series.values[sampleIndex(series, tick, at - 1, metric)] = Number(cell);
      });
    });
  });
  return { series, trainTicks: meta.train_ticks, horizonTicks: meta.H };
}

/** Run as a process of its own, so that its peak memory is the training's. */
if (process.argv[1] === import.meta.filename) {
  const { series, trainTicks, horizonTicks } = readFleet(process.argv[2] ?? '');
  const train = {
    ...series,
    ticks: trainTicks,
    values: series.values.subarray(0, trainTicks * series.hosts.length * series.metrics.length),
  };
  const startedAt = performance.now();
  const cpuBefore = process.cpuUsage();
  const result = await trainModel(
    train,
    { ...defaultTrainingSpec, horizonTicks, maxTrainingMs: 600_000 },
    {
      now: () => performance.now(),
      onProgress: ({ phase, done, words }) => {
        process.stderr.write(`training ${(100 * done).toFixed(0)} % ${phase}: ${words}\n`);
      },
    },
  );
  if (result.kind !== 'trained') throw new Error(`the training ended as ${result.kind}`);
  const cpu = process.cpuUsage(cpuBefore);
  const { info } = result.model;
  const measured = info.metrics === 'not-measured' ? undefined : info.metrics.model;
  const report: TrainingReport = {
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMiB: process.resourceUsage().maxRSS / 1024,
    rows: measured?.rows ?? 0,
    detail: `${info.dataRange.ticks} ticks of ${info.dataRange.hosts} hosts, ${info.features.length} features, ${info.backend}; onset AP ${measured?.onsetAveragePrecision.toFixed(3)} on the held-out ${measured?.rows} rows of the train part`,
    bytes: result.model.serialize(),
  };
  process.send?.(report);
}
