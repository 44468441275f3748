import type { Freshness } from '../domain/freshness.ts';
import {
  type QualityReason,
  type QualityVerdict,
  type SeriesQuality,
  SeriesWatch,
  verdictOf,
} from '../domain/quality.ts';
import { isSentMetric } from '../domain/series.ts';
import {
  freshnessOfEntry,
  intervalOf,
  type SeriesCatalogue,
  type SeriesEntry,
} from './series-catalogue.ts';

/** Whose telemetry may be relied on. */
export interface Trust {
  isTrusted(resource: string): boolean;
  /** Another number whenever somebody's is. */
  revision(): number;
}

/** What a resource's telemetry is worth now. */
export interface ResourceQuality {
  readonly resource: string;
  readonly kind: 'host' | 'server' | 'chain';
  readonly verdict: QualityVerdict;
  /** False where something of it came unsigned and that is not allowed. */
  readonly trusted: boolean;
  readonly reasons: readonly QualityReason[];
}

/** A series with its quality. */
export interface QualityOfSeries {
  readonly entry: SeriesEntry;
  readonly quality: SeriesQuality;
}

/** The metric without which nothing is known of a resource. */
const leadingMetric = {
  host: 'host.cpuPercent',
  server: 'server.cpuPercent',
  chain: 'chain.responseTimeMs',
} as const;

/** A series that has been silent for so long is history, not a fault. */
const FORGOTTEN_AFTER_MS = 86_400_000;

const trustingAll: Trust = { isTrusted: () => true, revision: () => 0 };

/** Watches every canonical series as its samples come, and says what can be relied on. */
export class QualityDesk {
  readonly #catalogue: SeriesCatalogue;
  readonly #trust: Trust;
  readonly #watches = new Map<SeriesEntry, SeriesWatch>();
  readonly #firstSeenMs = new Map<string, number>();

  constructor(catalogue: SeriesCatalogue, trust: Trust = trustingAll) {
    this.#catalogue = catalogue;
    this.#trust = trust;
  }

  /** Notes a sample that is newer than its series' last; `receivedMs` where it came as it was taken. */
  note(entry: SeriesEntry, timeMs: number, value: number, receivedMs: number | undefined): void {
    let watch = this.#watches.get(entry);
    if (watch === undefined) {
      if (!isSentMetric(entry.metric)) return;
      watch = new SeriesWatch(entry.metric);
      this.#watches.set(entry, watch);
    }
    watch.add(timeMs, value, intervalOf(entry), receivedMs);
  }

  /** The quality of each canonical series of a resource. */
  seriesOf(resource: string, nowMs: number): QualityOfSeries[] {
    return this.#catalogue
      .sentOf(resource)
      .filter(({ newest }) => nowMs - (newest?.timeMs ?? nowMs) < FORGOTTEN_AFTER_MS)
      .map((entry) => ({ entry, quality: this.#qualityOf(entry, nowMs) }));
  }

  /** The verdict on a resource. */
  of(resource: string, kind: ResourceQuality['kind'], nowMs: number): ResourceQuality {
    const series = this.seriesOf(resource, nowMs).map(({ entry, quality }) => ({
      metric: entry.metric,
      quality,
    }));
    const { verdict, reasons } = verdictOf(leadingMetric[kind], series);
    return { resource, kind, verdict, trusted: this.#trust.isTrusted(resource), reasons };
  }

  /** Whether nothing of a resource came unsigned, or that is allowed. */
  isTrusted(resource: string): boolean {
    return this.#trust.isTrusted(resource);
  }

  get trust(): Trust {
    return this.#trust;
  }

  /** Time since a host was last heard of; since we first looked for one that never was. */
  silentMs(host: string, nowMs: number): number {
    const entry = this.#catalogue.sentOf(host).find(({ metric }) => metric === leadingMetric.host);
    const firstSeenMs = this.#firstSeenMs.get(host) ?? nowMs;
    this.#firstSeenMs.set(host, firstSeenMs);
    return Math.max(0, nowMs - (entry?.newest?.timeMs ?? firstSeenMs));
  }

  #qualityOf(entry: SeriesEntry, nowMs: number): SeriesQuality {
    const freshness: Freshness | 'missing' = freshnessOfEntry(entry, nowMs);
    // Known from an earlier process, not heard of since: as if nothing had been watched.
    const watch = this.#watches.get(entry) ?? new SeriesWatch(entry.metric);
    return watch.quality(freshness, nowMs);
  }
}
