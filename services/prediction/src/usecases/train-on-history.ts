import {
  type FleetSeries,
  loadModel,
  sampleAt,
  type TrainingSpec,
  trainModel,
} from '@sidestep/forecast';
import type { Clock } from '@sidestep/service-kit';
import { measureModel } from '../domain/measure-champion.ts';
import { modelInputs } from '../domain/settings.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { TrainerOutcome, TrainerProgress, TrainingTask } from '../ports/trainer.ts';
import { loadHistory } from './load-history.ts';

/** Share of the progress that reading takes. */
const readingShare = 0.2;

/** What the training process does: read the history, train, measure the active model beside. */
export async function trainOnHistory(
  deps: { telemetry: Telemetry; clock: Clock },
  task: TrainingTask,
  onProgress: (progress: TrainerProgress) => void,
): Promise<TrainerOutcome> {
  const metrics = modelInputs(task.spec.metrics);
  const { hosts } = await deps.telemetry.readInventory();
  const perTick = Math.max(1, hosts.length) * metrics.length;
  const affordableMs = Math.floor(task.maxSamples / perTick) * task.tickMs;
  const fromMs = Math.max(task.fromMs, task.toMs - affordableMs);
  onProgress({ done: 0, words: 'reads the history from Monitoring' });
  const window = await loadHistory(
    deps.telemetry,
    { fromMs, toMs: task.toMs, tickMs: task.tickMs, metrics },
    {
      hosts: Math.max(1, hosts.length),
      slackTicks: 0,
      onPage: (done) =>
        onProgress({ done: done * readingShare, words: 'reads the history from Monitoring' }),
    },
  );
  const series = fromFirstSample(window.series());
  const result = await trainModel(series, task.spec, {
    now: deps.clock.now,
    onProgress: ({ done, words }) =>
      onProgress({ done: readingShare + done * (1 - readingShare), words }),
  });
  switch (result.kind) {
    case 'trained': {
      const { info } = result.model;
      return {
        kind: 'trained',
        bytes: result.model.serialize(),
        rows: countSamples(series, task.spec),
        backend: info.backend,
        champion:
          info.metrics === 'not-measured' ? null : measured(task, series, info.metrics.heldOut),
      };
    }
    case 'not-enough-data':
      return { kind: 'not-enough-data', words: result.reason.words };
    case 'refused':
      return { kind: 'refused', faults: result.faults };
    case 'cancelled':
      return { kind: 'cancelled' };
  }
}

/** The active model on the newcomer's held-out stretch, as far as it has not learnt from it. */
function measured(
  { champion, spec }: TrainingTask,
  series: FleetSeries,
  heldOut: { fromMs: number; toMs: number },
) {
  if (champion === null) return null;
  const loaded = loadModel(champion.bytes);
  if (loaded.kind === 'refused') return null;
  const fromMs = Math.max(heldOut.fromMs, champion.seenUntilMs);
  return {
    version: champion.version,
    metrics: measureModel(loaded.model, series, spec, { ...heldOut, fromMs }),
  };
}

/** Without the empty time before anything was measured: it is no history. */
function fromFirstSample(series: FleetSeries): FleetSeries {
  const perTick = series.hosts.length * series.metrics.length;
  const first = series.values.findIndex((value) => !Number.isNaN(value));
  const ticks = first < 0 ? series.ticks : Math.floor(first / Math.max(1, perTick));
  return {
    ...series,
    firstTickAtMs: series.firstTickAtMs + ticks * series.tickMs,
    ticks: series.ticks - ticks,
    values: series.values.subarray(ticks * perTick),
  };
}

function countSamples(series: FleetSeries, { targetMetric }: TrainingSpec): number {
  const target = series.metrics.indexOf(targetMetric);
  let rows = 0;
  for (let tick = 0; tick < series.ticks; tick++)
    for (let host = 0; host < series.hosts.length; host++)
      if (!Number.isNaN(sampleAt(series, tick, host, target))) rows++;
  return rows;
}
