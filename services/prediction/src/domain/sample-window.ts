import type { FleetSeries } from '@sidestep/forecast';

/** One metric of one host over consecutive ticks; null = no sample. */
export type HostSamples = {
  hostId: string;
  metric: string;
  firstTickAtMs: number;
  values: readonly (number | null)[];
};

type Shape = {
  metrics: readonly string[];
  tickMs: number;
  firstTickAtMs: number;
  /** Ticks kept once there are so many. */
  capacityTicks: number;
  /** Ticks of room beyond them: the samples are moved once in so many ticks. */
  slackTicks: number;
};

/**
 * The newest ticks of all hosts on one grid, ready to be scored without a copy. Hosts may come at any time; one of
 * which no sample is left goes by itself. Late samples are put where they belong.
 */
export class SampleWindow {
  readonly capacityTicks: number;
  readonly #metrics: readonly string[];
  readonly #metricAt: ReadonlyMap<string, number>;
  readonly #tickMs: number;
  readonly #roomTicks: number;
  #hosts: string[] = [];
  #hostAt = new Map<string, number>();
  #firstTickAtMs: number;
  #ticks = 0;
  #values = new Float32Array(0);

  constructor(shape: Shape) {
    this.capacityTicks = shape.capacityTicks;
    this.#metrics = shape.metrics;
    this.#metricAt = new Map(shape.metrics.map((metric, index) => [metric, index]));
    this.#tickMs = shape.tickMs;
    this.#roomTicks = shape.capacityTicks + shape.slackTicks;
    this.#firstTickAtMs = shape.firstTickAtMs;
  }

  get hostIds(): readonly string[] {
    return this.#hosts;
  }

  get firstTickAtMs(): number {
    return this.#firstTickAtMs;
  }

  /** Makes room for every tick up to this one; what falls out behind is forgotten. */
  advanceTo(tickAtMs: number): void {
    const ticks = (tickAtMs - this.#firstTickAtMs) / this.#tickMs + 1;
    if (ticks <= this.#ticks) return;
    if (ticks <= this.#roomTicks) {
      this.#ticks = ticks;
      return;
    }
    const forgotten = ticks - this.capacityTicks;
    this.#rebuild(
      this.#hosts.filter((_, host) => this.#hasSamples(host, forgotten)),
      forgotten,
    );
    this.#ticks = this.capacityTicks;
  }

  /** Takes hosts in that may not have sent anything yet. */
  addHosts(hostIds: Iterable<string>): void {
    const more = new Set<string>();
    for (const id of hostIds) if (!this.#hostAt.has(id)) more.add(id);
    if (more.size > 0) this.#rebuild([...this.#hosts, ...[...more].toSorted()], 0);
  }

  /** Lays samples in; those outside the window, or of a metric that it does not hold, are passed over. */
  put(samples: readonly HostSamples[]): void {
    const strange: string[] = [];
    for (const { hostId, metric } of samples)
      if (!this.#hostAt.has(hostId) && this.#metricAt.has(metric)) strange.push(hostId);
    this.addHosts(strange);
    for (const { hostId, metric, firstTickAtMs, values } of samples) {
      const host = this.#hostAt.get(hostId);
      const column = this.#metricAt.get(metric);
      if (host === undefined || column === undefined) continue;
      const first = Math.round((firstTickAtMs - this.#firstTickAtMs) / this.#tickMs);
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        const tick = first + i;
        if (typeof value !== 'number' || tick < 0 || tick >= this.#ticks) continue;
        this.#values[(tick * this.#hosts.length + host) * this.#metrics.length + column] = value;
      }
    }
  }

  /** The newest ticks, at most the capacity. The samples are shared, so a view is good until the next change. */
  series(): FleetSeries {
    const first = Math.max(0, this.#ticks - this.capacityTicks);
    const perTick = this.#hosts.length * this.#metrics.length;
    return {
      hosts: this.#hosts,
      metrics: this.#metrics,
      tickMs: this.#tickMs,
      firstTickAtMs: this.#firstTickAtMs + first * this.#tickMs,
      ticks: this.#ticks - first,
      values: this.#values.subarray(first * perTick, this.#ticks * perTick),
    };
  }

  #hasSamples(host: number, fromTick: number): boolean {
    const width = this.#metrics.length;
    for (let tick = Math.max(0, fromTick); tick < this.#ticks; tick++) {
      const at = (tick * this.#hosts.length + host) * width;
      for (let column = 0; column < width; column++)
        if (!Number.isNaN(this.#values[at + column] ?? NaN)) return true;
    }
    return false;
  }

  #rebuild(hosts: string[], forgottenTicks: number): void {
    const width = this.#metrics.length;
    const values = new Float32Array(this.#roomTicks * hosts.length * width).fill(NaN);
    const from = hosts.map((id) => this.#hostAt.get(id));
    for (let tick = forgottenTicks; tick < this.#ticks; tick++) {
      from.forEach((old, host) => {
        if (old === undefined) return;
        const source = (tick * this.#hosts.length + old) * width;
        const target = ((tick - forgottenTicks) * hosts.length + host) * width;
        values.set(this.#values.subarray(source, source + width), target);
      });
    }
    this.#values = values;
    this.#hosts = hosts;
    this.#hostAt = new Map(hosts.map((id, index) => [id, index]));
    this.#firstTickAtMs += forgottenTicks * this.#tickMs;
    this.#ticks = Math.max(0, this.#ticks - forgottenTicks);
  }
}
