import { type CanonicalSource, combineRound } from '../domain/canonical-metrics.ts';
import { STALE_AFTER_INTERVALS } from '../domain/freshness.ts';
import { InstanceRounds } from '../domain/instance-rounds.ts';
import type { SeriesEntry } from './series-catalogue.ts';
import type { SampleIntake } from './take-samples.ts';

/** The canonical series that a value feeds, and how. */
export interface Feed {
  readonly source: CanonicalSource;
  readonly target: Target;
  readonly rounds: InstanceRounds | undefined;
}

/** A canonical series and which of its sources counts at present. */
interface Target {
  readonly entry: SeriesEntry;
  rank: number;
  timeMs: number;
}

/** Makes canonical series of raw readings: instances are combined round by round, the best source that is not stale counts. */
export class CanonicalFeeds {
  readonly #intake: SampleIntake;
  readonly #targets = new Map<string, Target>();
  readonly #rounds = new Map<string, InstanceRounds>();

  constructor(intake: SampleIntake) {
    this.#intake = intake;
  }

  /** The entry of a series; undefined where it would be a new one and there is no room. */
  entry(
    resource: string,
    metric: string,
    labels: Readonly<Record<string, string>> = {},
  ): SeriesEntry | undefined {
    const { catalogue } = this.#intake;
    const key = { resource, metric, labels };
    return catalogue.isFull ? catalogue.find(key) : catalogue.entry(key);
  }

  /** What a source feeds; undefined where there is no room for its series. */
  feedOf(source: CanonicalSource): Feed | undefined {
    const { resource, metric, labels, rank, combine } = source;
    const entry = this.entry(resource, metric, labels);
    if (entry === undefined) return undefined;
    const target = remembered(this.#targets, entry.text, () => ({
      entry,
      rank: Number.POSITIVE_INFINITY,
      timeMs: 0,
    }));
    const rounds =
      source.instance === undefined
        ? undefined
        : remembered(this.#rounds, `${rank} ${combine} ${entry.text}`, () => new InstanceRounds());
    return { source, target, rounds };
  }

  /** Takes a reading in the canonical unit; what it completes is kept unless it is of before `earliestMs`. */
  take(
    { source, target, rounds }: Feed,
    timeMs: number,
    value: number,
    intervalMs: number,
    earliestMs: number,
  ): void {
    let at = timeMs;
    let combined: number | 'unknown' = value;
    if (rounds !== undefined && source.instance !== undefined) {
      const round = rounds.add(source.instance, timeMs, value, intervalMs);
      if (round === undefined) return;
      at = round.timeMs;
      combined = combineRound(round.values, source.combine);
    }
    // Sums of absurd readings are no numbers; a round that a silence cut off ended long ago.
    if (combined === 'unknown' || !Number.isFinite(combined)) return;
    if (at < earliestMs) return;
    const better = source.rank <= target.rank;
    if (!better && at - target.timeMs <= STALE_AFTER_INTERVALS * intervalMs) return;
    target.rank = source.rank;
    target.timeMs = at;
    this.#intake.take(target.entry, Math.floor(at), combined, intervalMs);
  }
}

function remembered<T>(map: Map<string, T>, key: string, make: () => T): T {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
