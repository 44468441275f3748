import { createDatagramParser } from '@sidestep/collectd';
import { datagramsOf, type Recording } from './recorded-fleet.ts';

/** Values that one run parses. */
export const VALUES_PER_RUN = 5_000_000;

/** Values a second that the parser reads from memory on one core, over and over the same recorded seconds. */
export function parsedPerSecond(recording: Recording): number {
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
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round += 1) for (const row of rows) parser.parse(row);
  const seconds = (performance.now() - startedAt) / 1000;
  if (Number.isNaN(sum)) throw new Error('a value was not a number');
  return (rounds * values) / seconds;
}
