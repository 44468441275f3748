import { availableParallelism, loadavg } from 'node:os';
import { createDatagramParser } from '@sidestep/collectd';
import { fleetHosts, INDEX_COLUMNS, type Recording, recordFleet } from './recorded-fleet.ts';
import { medianOf } from './statistics.ts';
import { tableOf, whole } from './table.ts';

const RUNS = 7;
const VALUES_PER_RUN = 5_000_000;

/** Values a second that the parser reads from memory on one core, over and over the same recorded seconds. */
function parsedPerSecond({ bytes, index, datagrams, values }: Recording): number {
  const all = new Uint8Array(bytes);
  const numbers = new Uint32Array(index);
  const rows = Array.from({ length: datagrams }, (_, row) =>
    all.subarray(numbers[row * INDEX_COLUMNS], numbers[row * INDEX_COLUMNS + 1]),
  );
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

const recording = await recordFleet(1, 20);
const warm = parsedPerSecond(recording);
const runs = Array.from({ length: RUNS }, () => parsedPerSecond(recording));
const perDatagram = recording.values / recording.datagrams;
process.stdout.write(
  `${tableOf([
    {
      what: 'collectd values parsed from memory, one core',
      figure: `${whole(medianOf(runs))} values/s`,
      how: `median of ${RUNS} runs of ${whole(VALUES_PER_RUN)} values (${whole(Math.min(...runs))} to ${whole(Math.max(...runs))}; cold ${whole(warm)}); datagrams of ${fleetHosts} emulated hosts, ${perDatagram.toFixed(1)} values each`,
    },
  ])}\n\n${availableParallelism()} cores, load average ${loadavg()
    .map((load) => load.toFixed(2))
    .join(' ')}, Node ${process.version}\n`,
);
