import { ASSUMED_INTERVAL_MS, type Freshness, freshnessOf } from '../domain/freshness.ts';
import { isSentMetric, type SeriesKey, seriesText } from '../domain/series.ts';
import type { StoredSeries } from '../ports/series-store.ts';

/** A series as Monitoring sees it now. */
export interface SeriesEntry extends SeriesKey {
  readonly text: string;
  /** The number of series that were known before it. */
  readonly place: number;
  /** As its sender states it, else the time between its last two samples. */
  intervalMs: number | 'unknown';
  newest: { timeMs: number; value: number } | undefined;
}

/** Every known series with its newest sample, in memory: what `latest`, freshness and alarms are read from. */
export class SeriesCatalogue {
  readonly #byText = new Map<string, SeriesEntry>();
  readonly #byMetric = new Map<string, Set<SeriesEntry>>();
  readonly #byResource = new Map<string, Set<SeriesEntry>>();
  /** Without raw readings, which are nine tenths, and without what Sidestep writes itself. */
  readonly #sentByResource = new Map<string, SeriesEntry[]>();

  readonly #maxSeries: number;

  constructor(maxSeries = 1_000_000) {
    this.#maxSeries = maxSeries;
  }

  get size(): number {
    return this.#byText.size;
  }

  /** No room for series that are not known yet: names are made up by whoever sends. */
  get isFull(): boolean {
    return this.#byText.size >= this.#maxSeries;
  }

  load(stored: Iterable<StoredSeries>): void {
    for (const { series, newest } of stored) {
      const entry = this.entry(series);
      if (newest !== undefined && newest.timeMs > (entry.newest?.timeMs ?? -1)) {
        entry.newest = { ...newest };
      }
    }
  }

  /** The series' entry, made when it is new. */
  entry(key: SeriesKey): SeriesEntry {
    const text = seriesText(key);
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    const { resource, metric, labels } = key;
    const entry: SeriesEntry = {
      resource,
      metric,
      labels,
      text,
      place: this.#byText.size,
      intervalMs: 'unknown',
      newest: undefined,
    };
    this.#byText.set(text, entry);
    into(this.#byMetric, metric, entry);
    into(this.#byResource, resource, entry);
    if (!isSentMetric(metric)) return entry;
    const sent = this.#sentByResource.get(resource);
    if (sent === undefined) this.#sentByResource.set(resource, [entry]);
    else sent.push(entry);
    return entry;
  }

  /** Notes a sample; false when the series already has one as new. */
  note(entry: SeriesEntry, timeMs: number, value: number, statedIntervalMs?: number): boolean {
    const { newest } = entry;
    if (newest !== undefined && timeMs <= newest.timeMs) return false;
    if (statedIntervalMs !== undefined && statedIntervalMs > 0) entry.intervalMs = statedIntervalMs;
    else if (newest !== undefined) entry.intervalMs = timeMs - newest.timeMs;
    if (newest === undefined) entry.newest = { timeMs, value };
    else {
      newest.timeMs = timeMs;
      newest.value = value;
    }
    return true;
  }

  find(key: SeriesKey): SeriesEntry | undefined {
    return this.#byText.get(seriesText(key));
  }

  /** Series of a metric or of a resource or of both; all when neither is named. */
  matching(filter: { metric?: string | undefined; resource?: string | undefined }): SeriesEntry[] {
    const { metric, resource } = filter;
    if (resource !== undefined) {
      return [...(this.#byResource.get(resource) ?? [])].filter(
        (entry) => metric === undefined || entry.metric === metric,
      );
    }
    return metric === undefined
      ? [...this.#byText.values()]
      : [...(this.#byMetric.get(metric) ?? [])];
  }

  /** The canonical series that a resource sends, or others send of it. */
  sentOf(resource: string): readonly SeriesEntry[] {
    return this.#sentByResource.get(resource) ?? [];
  }

  /** Of those the one of a metric that has no labels: found among a dozen, not among all there are. */
  plainOf(resource: string, metric: string): SeriesEntry | undefined {
    return this.sentOf(resource).find(
      (entry) => entry.metric === metric && Object.keys(entry.labels).length === 0,
    );
  }

  metrics(): string[] {
    return [...this.#byMetric.keys()];
  }
}

function into(map: Map<string, Set<SeriesEntry>>, key: string, entry: SeriesEntry): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, new Set([entry]));
  else known.add(entry);
}

/** Whether the series arrives; `missing` when it never did. */
export function freshnessOfEntry(
  entry: SeriesEntry | undefined,
  nowMs: number,
): Freshness | 'missing' {
  if (entry?.newest === undefined) return 'missing';
  return freshnessOf(entry.newest.timeMs, entry.intervalMs, nowMs);
}

export const intervalOf = (entry: SeriesEntry): number =>
  entry.intervalMs === 'unknown' ? ASSUMED_INTERVAL_MS : entry.intervalMs;
