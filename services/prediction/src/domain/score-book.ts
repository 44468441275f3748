import { type FleetSeries, type Interval, sampleAt } from '@sidestep/forecast';
import type { Forecast } from './forecast-board.ts';
import { maxAhead } from './measure-champion.ts';
import { isTouched } from './own-moves.ts';
import { caseShape, shapeWidth } from './past-cases.ts';
import type { SettledRow } from './settled-row.ts';

/** The forecasts of one tick, side by side; NaN where there is no risk. */
type PendingTick = {
  tickAtMs: number;
  modelVersion: string;
  hostIds: readonly string[];
  risks: Float32Array;
  fallbackRisks: Float32Array;
  shapes: Float32Array;
};

type Shape = {
  tickMs: number;
  windowTicks: number;
  horizonTicks: number;
  thresholdPercent: number;
  targetMetric: string;
};

/** Hosts of one tick that are judged at most; which ones changes from tick to tick, whatever their risk. */
const maxHostsPerTick = 500;
/** Rows kept: over an hour of the largest fleets, a day of those below twenty hosts. */
const maxRows = 200_000;
const maxTicks = 8_640;
/** A sample may arrive so late and still be part of an outcome. */
const settleTicks = 2;
/** Forecasts that could not be judged for so many horizons are given up. */
const givenUpAfterHorizons = 4;

/** Forecasts of one outlook from when they are made until the newest stretch has passed over them. */
export class ScoreBook {
  readonly #shape: Shape;
  #pending: PendingTick[] = [];
  #settled: { tickAtMs: number; rows: SettledRow[] }[] = [];
  #rows = 0;
  #savedThroughMs = -Infinity;
  censoredRows = 0;
  unjudgedRows = 0;

  constructor(shape: Shape) {
    this.#shape = shape;
  }

  get pendingTicks(): number {
    return this.#pending.length;
  }

  /** Start of the oldest tick that waits for its outcome; undefined when none does. */
  get oldestPendingAtMs(): number | undefined {
    return this.#pending[0]?.tickAtMs;
  }

  /** Notes what was foreseen at a tick; `fallbackRisks` answers for hosts by their place in the series. */
  note(
    { atMs, series, scores, model }: Pick<Forecast, 'atMs' | 'series' | 'scores' | 'model'>,
    fallbackRisks: (hosts: readonly number[]) => readonly (number | 'unknown')[],
  ): void {
    const { tickMs, windowTicks, targetMetric } = this.#shape;
    const tickAtMs = atMs - tickMs;
    if (tickAtMs <= (this.#pending.at(-1)?.tickAtMs ?? -Infinity)) return;
    const hosts = sampled(scores.length, tickAtMs / tickMs);
    const fallback = fallbackRisks(hosts);
    const target = series.metrics.indexOf(targetMetric);
    const shapes = new Float32Array(hosts.length * shapeWidth);
    hosts.forEach((host, at) => {
      shapes.set(caseShape(series, host, target, windowTicks), at * shapeWidth);
    });
    const known = (risk: number | 'unknown' | undefined) => (typeof risk === 'number' ? risk : NaN);
    this.#pending.push({
      tickAtMs,
      modelVersion: model.info.version,
      hostIds: hosts.map((host) => series.hosts[host] ?? ''),
      risks: Float32Array.from(hosts, (host) => known(scores[host]?.risk)),
      fallbackRisks: Float32Array.from(fallback, known),
      shapes,
    });
  }

  /** Judges the ticks whose horizon is over; own moves, by host, are left out as in training. */
  settle(series: FleetSeries, censored: Readonly<Record<string, readonly Interval[]>>): void {
    const { tickMs, horizonTicks } = this.#shape;
    const newestAtMs = series.firstTickAtMs + (series.ticks - 1) * tickMs;
    const isOver = ({ tickAtMs }: PendingTick) =>
      tickAtMs + (horizonTicks + settleTicks) * tickMs <= newestAtMs;
    const indexOf = new Map(series.hosts.map((id, index) => [id, index]));
    for (const pending of this.#pending.filter(isOver))
      this.#keep(pending.tickAtMs, this.#judged(pending, series, indexOf, censored));
    this.#pending = this.#pending.filter((pending) => !isOver(pending));
  }

  /** Gives up what has waited too long: Monitoring or Migration was away, and the outcome cannot be told. */
  giveUp(newestAtMs: number): void {
    const { tickMs, horizonTicks } = this.#shape;
    const oldest = newestAtMs - givenUpAfterHorizons * horizonTicks * tickMs;
    const lost = this.#pending.filter(({ tickAtMs }) => tickAtMs < oldest);
    this.unjudgedRows += lost.reduce((sum, { hostIds }) => sum + hostIds.length, 0);
    this.#pending = this.#pending.filter(({ tickAtMs }) => tickAtMs >= oldest);
  }

  /** End of the oldest tick that is still held with its outcome. */
  get oldestSettledAtMs(): number | undefined {
    const oldest = this.#settled[0];
    return oldest === undefined ? undefined : oldest.tickAtMs + this.#shape.tickMs;
  }

  /** Judged since the last saving, oldest first. */
  unsaved(): SettledRow[] {
    return this.rows().filter(({ atMs }) => atMs > this.#savedThroughMs);
  }

  /** Everything up to this end of a tick is kept elsewhere too. */
  savedThrough(atMs: number): void {
    this.#savedThroughMs = Math.max(this.#savedThroughMs, atMs);
  }

  /** Takes rows in that were judged before a restart, oldest first; they are kept elsewhere already. */
  restore(rows: readonly SettledRow[]): void {
    const byTick = Map.groupBy(rows, ({ atMs }) => atMs);
    for (const [atMs, own] of byTick) {
      this.#keep(atMs - this.#shape.tickMs, own);
      this.savedThrough(atMs);
    }
  }

  /** Every judged forecast of the newest stretch, oldest first; of one model when it is named. */
  rows(modelVersion?: string): SettledRow[] {
    const all = this.#settled.flatMap(({ rows }) => rows);
    return modelVersion === undefined
      ? all
      : all.filter((row) => row.modelVersion === modelVersion);
  }

  #judged(
    pending: PendingTick,
    series: FleetSeries,
    indexOf: ReadonlyMap<string, number>,
    censored: Readonly<Record<string, readonly Interval[]>>,
  ): SettledRow[] {
    const { tickMs, horizonTicks, targetMetric, thresholdPercent } = this.#shape;
    const target = series.metrics.indexOf(targetMetric);
    const tick = Math.round((pending.tickAtMs - series.firstTickAtMs) / tickMs);
    return pending.hostIds.flatMap((hostId, at) => {
      const risk = pending.risks[at] ?? NaN;
      const fallbackRisk = pending.fallbackRisks[at] ?? NaN;
      if (Number.isNaN(risk)) return [];
      const host = indexOf.get(hostId);
      if (isTouched(censored[hostId], pending.tickAtMs, horizonTicks * tickMs)) {
        this.censoredRows++;
        return [];
      }
      const current = host === undefined || tick < 0 ? NaN : sampleAt(series, tick, host, target);
      const max = host === undefined ? NaN : maxAhead(series, host, target, tick, horizonTicks);
      if (Number.isNaN(current) || Number.isNaN(max) || Number.isNaN(fallbackRisk)) {
        this.unjudgedRows++;
        return [];
      }
      const { modelVersion, tickAtMs, shapes } = pending;
      return [
        {
          hostId,
          atMs: tickAtMs + tickMs,
          modelVersion,
          risk,
          fallbackRisk,
          current,
          outcome: max >= thresholdPercent ? 1 : 0,
          shape: shapes.subarray(at * shapeWidth, (at + 1) * shapeWidth),
        },
      ];
    });
  }

  #keep(tickAtMs: number, rows: SettledRow[]): void {
    if (rows.length > 0) this.#settled.push({ tickAtMs, rows });
    this.#rows += rows.length;
    let forgotten = 0;
    while (this.#rows > maxRows || this.#settled.length - forgotten > maxTicks) {
      this.#rows -= this.#settled[forgotten]?.rows.length ?? 0;
      forgotten++;
    }
    if (forgotten > 0) this.#settled = this.#settled.slice(forgotten);
  }
}

/** Places of the hosts to judge, spread evenly and shifted from tick to tick. */
function sampled(hosts: number, tick: number): number[] {
  const step = Math.max(1, Math.ceil(hosts / maxHostsPerTick));
  const first = ((tick % step) + step) % step;
  return Array.from({ length: Math.ceil((hosts - first) / step) }, (_, i) => first + i * step);
}
