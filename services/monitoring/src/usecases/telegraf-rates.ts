import { isPhysicalInterface, isWholeDisk } from '../domain/canonical-metrics.ts';
import type { Sample } from '../domain/series.ts';

/** One moment's counters of a resource, by device. */
interface Round {
  readonly resource: string;
  readonly metric: string;
  readonly timeMs: number;
  readonly values: Map<string, number>;
}

/** Telegraf's counters that a canonical metric is the growth of, summed over the devices that count. */
const counters: Readonly<
  Record<string, { metric: string; label: string; counts: (device: string) => boolean }>
> = {
  'influx.net.bytes_recv': {
    metric: 'netRxBytesPerSecond',
    label: 'interface',
    counts: isPhysicalInterface,
  },
  'influx.net.bytes_sent': {
    metric: 'netTxBytesPerSecond',
    label: 'interface',
    counts: isPhysicalInterface,
  },
  'influx.diskio.read_bytes': {
    metric: 'diskReadBytesPerSecond',
    label: 'name',
    counts: isWholeDisk,
  },
  'influx.diskio.write_bytes': {
    metric: 'diskWriteBytesPerSecond',
    label: 'name',
    counts: isWholeDisk,
  },
};

const MAX_REMEMBERED = 200_000;

/** Makes rates of Telegraf's counters, from one text of line protocol to the next. */
export class TelegrafRates {
  readonly #last = new Map<string, Round>();

  /** The rates that samples complete; `keep` once they are stored, so that a text that is sent again gives them again. */
  of(
    samples: readonly Sample[],
    kindOf: (resource: string) => 'host' | 'server',
  ): { samples: Sample[]; keep: () => void } {
    const next = new Map<string, Round>();
    const rates: Sample[] = [];
    for (const round of roundsOf(samples, kindOf)) {
      const key = `${round.metric}\0${round.resource}`;
      const before = next.get(key) ?? this.#last.get(key);
      if (before !== undefined && round.timeMs <= before.timeMs) continue;
      const value = before === undefined ? 'unknown' : rateBetween(before, round);
      const { resource, metric, timeMs } = round;
      if (value !== 'unknown') rates.push({ resource, metric, labels: {}, timeMs, value });
      next.set(key, round);
    }
    return {
      samples: rates,
      keep: () => {
        if (this.#last.size + next.size > MAX_REMEMBERED) this.#last.clear();
        for (const [key, round] of next) this.#last.set(key, round);
      },
    };
  }
}

/** The counters of each moment together, oldest first. */
function roundsOf(
  samples: readonly Sample[],
  kindOf: (resource: string) => 'host' | 'server',
): Round[] {
  const rounds = new Map<string, Round>();
  for (const { resource, metric, labels, timeMs, value } of samples) {
    const counter = counters[metric];
    const device = counter === undefined ? undefined : labels[counter.label];
    if (counter === undefined || device === undefined || !counter.counts(device)) continue;
    const key = `${metric}\0${timeMs}\0${resource}`;
    const round = rounds.get(key) ?? {
      resource,
      metric: `${kindOf(resource)}.${counter.metric}`,
      timeMs,
      values: new Map<string, number>(),
    };
    round.values.set(device, value);
    rounds.set(key, round);
  }
  return [...rounds.values()].sort((a, b) => a.timeMs - b.timeMs);
}

/** Unknown where a device came or went, or a counter fell: a part of a text, or a restart. */
function rateBetween(before: Round, now: Round): number | 'unknown' {
  if (before.values.size !== now.values.size) return 'unknown';
  let growth = 0;
  for (const [device, value] of now.values) {
    const change = value - (before.values.get(device) ?? Number.NaN);
    if (!(change >= 0)) return 'unknown';
    growth += change;
  }
  return growth / ((now.timeMs - before.timeMs) / 1000);
}
