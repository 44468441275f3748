import { ProblemError } from '@sidestep/service-kit';
import { type Sample, SampleBatch } from '../domain/series.ts';
import type { SeriesStore } from '../ports/series-store.ts';
import type { AlarmDesk } from './alarm-desk.ts';
import type { SampleBuffer } from './sample-buffer.ts';
import type { SeriesCatalogue, SeriesEntry } from './series-catalogue.ts';

/** Told of each sample that is newer than its series' last; `live` where it came as it was taken. */
export type SampleObserver = (
  entry: SeriesEntry,
  timeMs: number,
  value: number,
  live: boolean,
) => void;

/** What every sample goes through, from wherever it came: catalogue, alarms, store. */
export interface SampleIntake {
  readonly catalogue: SeriesCatalogue;
  readonly alarms: AlarmDesk;
  /** Takes a sample that waits in the buffer until it is stored; the alarms judge it at once. */
  take(entry: SeriesEntry, timeMs: number, value: number, intervalMs?: number): void;
  /** Stores samples and judges them; rejects when they are not stored. */
  write(samples: readonly Sample[]): Promise<{ stored: number }>;
}

export function sampleIntake(
  catalogue: SeriesCatalogue,
  alarms: AlarmDesk,
  buffer: SampleBuffer,
  store: Pick<SeriesStore, 'append'>,
  observers: readonly SampleObserver[] = [],
): SampleIntake {
  const noted = (entry: SeriesEntry, timeMs: number, value: number, live: boolean): void => {
    for (const observe of observers) observe(entry, timeMs, value, live);
    alarms.judge(entry, timeMs, value);
  };
  return {
    catalogue,
    alarms,
    take: (entry, timeMs, value, intervalMs) => {
      buffer.push(entry, timeMs, value);
      if (catalogue.note(entry, timeMs, value, intervalMs)) noted(entry, timeMs, value, true);
    },
    write: async (samples) => {
      if (catalogue.isFull && samples.some((sample) => catalogue.find(sample) === undefined)) {
        throw new ProblemError('UNPROCESSABLE', `${catalogue.size} series are known: no more fit`);
      }
      const batch = new SampleBatch(samples.length);
      for (const sample of samples) {
        batch.push(catalogue.entry(sample), sample.timeMs, sample.value);
      }
      await store.append(batch).catch((cause: unknown) => {
        const detail = 'The series store took no samples; send them again';
        throw new ProblemError('UNAVAILABLE', detail, { cause });
      });
      for (const sample of samples) {
        const { timeMs, value } = sample;
        const entry = catalogue.entry(sample);
        if (catalogue.note(entry, timeMs, value)) noted(entry, timeMs, value, false);
      }
      return { stored: samples.length };
    },
  };
}
