import { isRawMetric, type SampleBatch } from '../domain/series.ts';
import type { SeriesFilter } from '../ports/series-store.ts';

/** A stretch of time of which some series have samples that no rollup has seen; `toMs` is that of the last one. */
export interface LateStretch {
  readonly filter: SeriesFilter;
  readonly fromMs: number;
  readonly toMs: number;
}

interface Span {
  fromMs: number;
  toMs: number;
}

/**
 * Where samples were stored after their time had been rolled up: by metric and resource, so that one sender whose clock is behind,
 * or one that writes history, costs its own series and nobody else's.
 */
export class LateSamples {
  #spans = new Map<string, Map<string, Span>>();

  get isEmpty(): boolean {
    return this.#spans.size === 0;
  }

  /** Time of the earliest; Infinity where there is none. */
  get earliestMs(): number {
    let earliestMs = Number.POSITIVE_INFINITY;
    for (const spans of this.#spans.values()) {
      for (const { fromMs } of spans.values()) earliestMs = Math.min(earliestMs, fromMs);
    }
    return earliestMs;
  }

  /** Notes what of a stored batch lies in [fromMs, beforeMs); raw readings are not rolled up. */
  note(batch: SampleBatch, fromMs: number, beforeMs: number): void {
    for (let at = 0; at < batch.length; at += 1) {
      const timeMs = batch.timeMs(at);
      if (timeMs >= beforeMs || timeMs < fromMs) continue;
      const series = batch.series[at];
      if (series !== undefined && !isRawMetric(series.metric)) {
        this.#add(series.metric, series.resource, { fromMs: timeMs, toMs: timeMs });
      }
    }
  }

  /** Takes everything out: a stretch a metric. */
  take(): LateStretch[] {
    const taken = this.#spans;
    this.#spans = new Map();
    return [...taken].map(([metric, spans]) => {
      const hull = { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY };
      for (const span of spans.values()) widen(hull, span);
      return { filter: { metrics: [metric], resources: [...spans.keys()] }, ...hull };
    });
  }

  /** Puts back what could not be rolled up. */
  putBack({ filter, fromMs, toMs }: LateStretch): void {
    for (const metric of filter.metrics) {
      for (const resource of filter.resources ?? []) this.#add(metric, resource, { fromMs, toMs });
    }
  }

  #add(metric: string, resource: string, span: Span): void {
    const spans = this.#spans.get(metric) ?? new Map<string, Span>();
    this.#spans.set(metric, spans);
    const known = spans.get(resource);
    if (known === undefined) spans.set(resource, { ...span });
    else widen(known, span);
  }
}

function widen(span: Span, by: Span): void {
  span.fromMs = Math.min(span.fromMs, by.fromMs);
  span.toMs = Math.max(span.toMs, by.toMs);
}
