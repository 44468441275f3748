import { defaultTrainingSpec, trainModel } from '@sidestep/forecast';
import { SampleWindow } from '../../src/domain/sample-window.ts';
import type { TrainerOutcome } from '../../src/ports/trainer.ts';
import { recurringLoad } from './synthetic-load.ts';

const tickMs = 10_000;
const ticks = 400;

/** A real model, trained for as short as it goes, as a trainer hands it over. */
export async function smallModel(
  more: { seed?: number; thresholdPercent?: number; horizonTicks?: number } = {},
): Promise<Extract<TrainerOutcome, { kind: 'trained' }>> {
  const load = recurringLoad({
    hosts: 2,
    tickMs,
    seasonTicks: 40,
    busyTicks: 8,
    beginsAt: { 1: 10 },
  });
  const firstTickAtMs = Date.UTC(2025, 11, 31);
  const window = new SampleWindow({
    metrics: ['host.cpuPercent'],
    tickMs,
    firstTickAtMs,
    capacityTicks: ticks,
    slackTicks: 0,
  });
  window.advanceTo(firstTickAtMs + (ticks - 1) * tickMs);
  window.put(
    load.hostIds.map((hostId) => ({
      hostId,
      metric: 'host.cpuPercent',
      firstTickAtMs,
      values: Array.from({ length: ticks }, (_, tick) =>
        load.cpuPercent(hostId, firstTickAtMs + tick * tickMs),
      ),
    })),
  );
  const spec = { ...defaultTrainingSpec, metrics: ['host.cpuPercent'], maxTrainingMs: 1, ...more };
  const result = await trainModel(window.series(), spec, { now: Date.now });
  if (result.kind !== 'trained') throw new Error(`the small model was not trained: ${result.kind}`);
  return {
    kind: 'trained',
    bytes: result.model.serialize(),
    rows: 2 * ticks,
    backend: result.model.info.backend,
    duel: null,
    reference: [],
  };
}
