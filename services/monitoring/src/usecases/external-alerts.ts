import type { ReportedResource } from '../domain/resources.ts';
import { type SeriesKey, seriesText } from '../domain/series.ts';
import type { SampleIntake } from './take-samples.ts';

/** One alert of Alertmanager's webhook (its data version 4). */
export interface ExternalAlert {
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
}

/** How often a firing alert is said again, so that its series stays fresh. */
export const REPEAT_EVERY_MS = 10_000;
/** Alertmanager repeats itself every four hours by default; longer silence means that it is gone. */
const FORGOTTEN_AFTER_MS = 5 * 3_600_000;
const MAX_FIRING = 10_000;
const METRIC = 'external.alert';
/** Labels that say who an alert is about, in this order. */
const WHO = ['host', 'instance', 'node', 'hostname'];

/** Alerts of another system as series, so that ordinary rules raise alarms of them. */
export class ExternalAlerts {
  readonly #intake: Pick<SampleIntake, 'write'>;
  readonly #resourceOf: (name: string) => ReportedResource;
  readonly #firing = new Map<string, { readonly key: SeriesKey; readonly untilMs: number }>();

  constructor(intake: Pick<SampleIntake, 'write'>, resourceOf: (name: string) => ReportedResource) {
    this.#intake = intake;
    this.#resourceOf = resourceOf;
  }

  async take(alerts: readonly ExternalAlert[], nowMs: number): Promise<void> {
    const samples = alerts.map(({ status, labels }) => {
      const name = WHO.map((label) => labels[label]).find((value) => value !== undefined);
      const resource = this.#resourceOf((name ?? 'unknown').replace(/:\d+$/, '')).id;
      const { alertname = 'unnamed', severity } = labels;
      const told = { alertname: alertname.slice(0, 200) };
      const key = {
        resource,
        metric: METRIC,
        labels: severity === undefined ? told : { ...told, severity: severity.slice(0, 200) },
      };
      const text = seriesText(key);
      if (status === 'resolved') this.#firing.delete(text);
      else if (this.#firing.size < MAX_FIRING || this.#firing.has(text)) {
        this.#firing.set(text, { key, untilMs: nowMs + FORGOTTEN_AFTER_MS });
      }
      return { ...key, timeMs: nowMs, value: status === 'firing' ? 1 : 0 };
    });
    if (samples.length > 0) await this.#intake.write(samples);
  }

  /** Says again what fires. */
  async repeat(nowMs: number): Promise<void> {
    for (const [text, { untilMs }] of this.#firing) if (untilMs < nowMs) this.#firing.delete(text);
    const samples = [...this.#firing.values()].map(({ key }) => ({
      ...key,
      timeMs: nowMs,
      value: 1,
    }));
    if (samples.length > 0) await this.#intake.write(samples);
  }
}
