import { availableParallelism, loadavg } from 'node:os';
import { parseSpeed, VALUES_PER_RUN } from './parse-speed.ts';
import { fleetHosts, recordFleet } from './recorded-fleet.ts';
import { medianOf } from './statistics.ts';
import { tableOf, whole } from './table.ts';

const RUNS = 7;

const recording = await recordFleet(1, 20);
const warm = parseSpeed(recording).perSecond;
const runs = Array.from({ length: RUNS }, () => parseSpeed(recording).perSecond);
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
