import { ASSUMED_INTERVAL_MS, type Freshness } from './freshness.ts';
import { boundsOf, type MetricBounds } from './metric-bounds.ts';

/** What can be wrong with a series. */
export const qualityFaults = [
  'missing',
  'stale',
  'gappy',
  'clock-skew',
  'stuck',
  'implausible-jump',
  'wrong-unit',
] as const;
export type QualityFault = (typeof qualityFaults)[number];

/** Whether decisions may rest on what a host reports. */
export type QualityVerdict = 'good' | 'suspect' | 'unknown';

/** How good a series is, as of now. */
export interface SeriesQuality {
  readonly freshness: Freshness | 'missing';
  /** Share of the expected samples that did not come, over the last 30 to 60 intervals; unknown before there are 10. */
  readonly gapRatio: number | 'unknown';
  /** Sender's clock against ours, positive when it runs ahead; unknown where the samples were not taken just now. */
  readonly clockSkewMs: number | 'unknown';
  /** For how long the value has not changed at all. */
  readonly unchangedMs: number;
  readonly faults: readonly QualityFault[];
}

const BUCKET_INTERVALS = 30;
const FEWEST_EXPECTED = 10;
/** More missing samples than this make a series gappy. */
export const MAX_GAP_RATIO = 0.2;
/** A clock further off than this is skewed. */
export const MAX_SKEW_MS = 10_000;
const STUCK_AFTER_INTERVALS = 30;
const STUCK_AFTER_MS = 120_000;
const FAULT_LASTS_INTERVALS = 30;

/** Follows one series in constant memory: two buckets of 30 intervals, the last value and when something odd was seen. */
export class SeriesWatch {
  readonly #bounds: MetricBounds;
  #firstMs = Number.NaN;
  #bucketMs = 0;
  #bucketCount = 0;
  #beforeMs = Number.NaN;
  #beforeCount = 0;
  #bucketLagMs = Number.POSITIVE_INFINITY;
  #beforeLagMs = Number.POSITIVE_INFINITY;
  #newestMs = Number.NaN;
  #value = Number.NaN;
  #unchangedSinceMs = 0;
  #unchangedCount = 0;
  #belowCount = 0;
  #jumpMs = Number.NEGATIVE_INFINITY;
  #outsideMs = Number.NEGATIVE_INFINITY;
  #intervalMs = ASSUMED_INTERVAL_MS;

  constructor(metric: string) {
    this.#bounds = boundsOf(metric);
  }

  /** Notes a sample newer than those before; `receivedMs` where it came as it was taken, not as history. */
  add(timeMs: number, value: number, intervalMs: number, receivedMs: number | undefined): void {
    if (Number.isNaN(this.#firstMs)) {
      this.#firstMs = timeMs;
      this.#bucketMs = timeMs;
    }
    this.#intervalMs = intervalMs;
    if (timeMs - this.#bucketMs >= BUCKET_INTERVALS * intervalMs) this.#rotate(timeMs);
    this.#bucketCount += 1;
    if (receivedMs !== undefined) {
      this.#bucketLagMs = Math.min(this.#bucketLagMs, receivedMs - timeMs);
    }
    this.#judge(timeMs, value);
    this.#newestMs = timeMs;
    this.#value = value;
  }

  #judge(timeMs: number, value: number): void {
    const { minimum, maximum, maxJump, neverBelow } = this.#bounds;
    if (value < minimum || value > maximum) this.#outsideMs = timeMs;
    if (Math.abs(value - this.#value) > maxJump) this.#jumpMs = timeMs;
    this.#belowCount = value < neverBelow ? this.#belowCount + 1 : 0;
    if (value === this.#value) this.#unchangedCount += 1;
    else {
      this.#unchangedSinceMs = timeMs;
      this.#unchangedCount = 0;
    }
  }

  #rotate(timeMs: number): void {
    this.#beforeMs = this.#bucketMs;
    this.#beforeCount = this.#bucketCount;
    this.#beforeLagMs = this.#bucketLagMs;
    this.#bucketMs = timeMs;
    this.#bucketCount = 0;
    this.#bucketLagMs = Number.POSITIVE_INFINITY;
  }

  /** How good the series is at a time, given whether it still arrives. */
  quality(freshness: Freshness | 'missing', nowMs: number): SeriesQuality {
    const gapRatio = this.#gapRatio();
    const lagMs = Math.min(this.#bucketLagMs, this.#beforeLagMs);
    const clockSkewMs = Number.isFinite(lagMs) ? -lagMs : 'unknown';
    const recentMs = nowMs - FAULT_LASTS_INTERVALS * this.#intervalMs;
    const unchangedMs = this.#unchangedCount === 0 ? 0 : this.#newestMs - this.#unchangedSinceMs;
    const faults: QualityFault[] = [];
    if (freshness !== 'fresh') faults.push(freshness);
    if (gapRatio !== 'unknown' && gapRatio > MAX_GAP_RATIO) faults.push('gappy');
    if (clockSkewMs !== 'unknown' && Math.abs(clockSkewMs) > MAX_SKEW_MS) faults.push('clock-skew');
    if (this.#isStuck(unchangedMs)) faults.push('stuck');
    if (this.#jumpMs > recentMs) faults.push('implausible-jump');
    if (this.#outsideMs > recentMs || this.#belowCount >= BUCKET_INTERVALS) {
      faults.push('wrong-unit');
    }
    return { freshness, gapRatio, clockSkewMs, unchangedMs, faults };
  }

  #gapRatio(): number | 'unknown' {
    const fromMs = Number.isNaN(this.#beforeMs) ? this.#bucketMs : this.#beforeMs;
    const count = this.#bucketCount + (Number.isNaN(this.#beforeMs) ? 0 : this.#beforeCount);
    const expected = Math.round((this.#newestMs - fromMs) / this.#intervalMs) + 1;
    if (!(expected >= FEWEST_EXPECTED)) return 'unknown';
    return Math.max(0, 1 - count / expected);
  }

  /** At its bounds a value may well stand still: an idle or a saturated processor. */
  #isStuck(unchangedMs: number): boolean {
    const { varies } = this.#bounds;
    return (
      varies &&
      this.#value > 0 &&
      this.#value < 100 &&
      this.#unchangedCount >= STUCK_AFTER_INTERVALS &&
      unchangedMs >= STUCK_AFTER_MS
    );
  }
}

/** One reason for a verdict. */
export interface QualityReason {
  readonly metric: string;
  readonly fault: QualityFault;
}

/** What a resource's series together are worth: no load is `unknown`, any fault is `suspect`. */
export function verdictOf(
  leading: string,
  series: readonly { readonly metric: string; readonly quality: SeriesQuality }[],
): { verdict: QualityVerdict; reasons: QualityReason[] } {
  const reasons = series.flatMap(({ metric, quality }) =>
    quality.faults.map((fault) => ({ metric, fault })),
  );
  const lead = series.filter(({ metric }) => metric === leading);
  if (lead.length === 0) reasons.unshift({ metric: leading, fault: 'missing' });
  const seen = lead.some(({ quality }) => quality.freshness === 'fresh');
  if (!seen) return { verdict: 'unknown', reasons };
  return { verdict: reasons.length > 0 ? 'suspect' : 'good', reasons };
}
