import { createDatagramParser } from '@sidestep/collectd';
import { timeOf } from './proc.ts';
import { datagramsOf, type Recording } from './recorded-fleet.ts';

/** Values that one run parses. */
export const VALUES_PER_RUN = 5_000_000;

/**
 * Values a second that the parser reads from memory, over and over the same recorded seconds: by the clock, and by the time that it
 * had a core.
 */
export function parseSpeed(recording: Recording): { perSecond: number; perCpuSecond: number } {
  const rows = datagramsOf(recording);
  const { values } = recording;
  let sum = 0;
  const parser = createDatagramParser<object>({
    seriesOf: (identity) => identity,
    onValues: ({ count, values: read }) => {
      for (let at = 0; at < count; at += 1) sum += read[at] ?? 0;
    },
  });
  const rounds = Math.ceil(VALUES_PER_RUN / values);
  const { seconds, cpuSeconds } = timeOf(() => {
    for (let round = 0; round < rounds; round += 1) for (const row of rows) parser.parse(row);
  });
  if (Number.isNaN(sum)) throw new Error('a value was not a number');
  return { perSecond: (rounds * values) / seconds, perCpuSecond: (rounds * values) / cpuSeconds };
}
