import { type LogMetric, logMetrics } from '../domain/log-metrics.ts';
import { type LogTemplate, LogTemplates } from '../domain/log-templates.ts';
import type { ReportedResource } from '../domain/resources.ts';
import { ERROR_SEVERITY, parseSyslog, type SyslogFault } from '../domain/syslog.ts';
import type { FramingFault } from '../domain/syslog-framing.ts';
import type { SampleIntake } from './take-samples.ts';

/** How often each host's logs are summed up. */
export const LOGS_EVERY_MS = 10_000;
/** Of a host that is new to us every form is new: its novelty is unknown for so long. */
const LEARNING_MS = 600_000;
/** A host that logged nothing for so long is forgotten: its series go stale. */
const FORGOTTEN_AFTER_MS = 3_600_000;
const MAX_HOSTS = 10_000;
const MAX_TEMPLATES_OF_HOST = 500;
const MAX_TEMPLATES = 100_000;

/** What has been taken and what was refused, since the start. */
export interface LogCounts {
  messages: number;
  /** Beyond the most that are taken a second. */
  limited: number;
  /** Malformed, by reason. */
  refused: Map<SyslogFault | FramingFault, number>;
}

export interface LogDeskOptions {
  readonly intake: Pick<SampleIntake, 'catalogue' | 'take'>;
  /** Whom a sender's host name means. */
  readonly resourceOf: (name: string) => ReportedResource;
  /** Larger messages are refused. */
  readonly maxBytes: number;
  readonly messagesPerSecond: number;
}

/** What a host has logged since the last sum. */
interface HostLogs {
  /** As the inventory has it at its last message. */
  resource: ReportedResource;
  readonly templates: LogTemplates;
  readonly sinceMs: number;
  lastMs: number;
  counts: Record<LogMetric, number>;
}

const nothing = (): Record<LogMetric, number> => ({
  logMessagesPerSecond: 0,
  logErrorsPerSecond: 0,
  logNewTemplatesPerSecond: 0,
});

/** Logs as series: how much, how severe and how new what a host logs is. Of the messages themselves nothing is kept. */
export class LogDesk {
  readonly counts: LogCounts = { messages: 0, limited: 0, refused: new Map() };
  readonly #options: LogDeskOptions;
  /** In the order of their last message. */
  readonly #hosts = new Map<string, HostLogs>();
  #templates = 0;
  #summedAtMs: number | undefined;
  #allowance: number;
  #allowedAtMs = 0;

  constructor(options: LogDeskOptions) {
    this.#options = options;
    this.#allowance = options.messagesPerSecond;
  }

  /** Takes one message of syslog, without its frame; one that cannot be read is counted. */
  syslog(bytes: Uint8Array, nowMs: number): void {
    if (!this.#allows(nowMs)) return;
    const parsed = parseSyslog(bytes, this.#options.maxBytes);
    if (parsed.ok) {
      const { host, app, severity, text } = parsed.message;
      this.#note(host, app, severity, text, nowMs);
    } else this.refuse(parsed.reason);
  }

  /** Takes a message that came another way, e.g. as a notification of collectd. */
  message(host: string, app: string, severity: number, text: string, nowMs: number): void {
    if (this.#allows(nowMs)) this.#note(host, app, severity, text, nowMs);
  }

  refuse(reason: SyslogFault | FramingFault): void {
    this.counts.refused.set(reason, (this.counts.refused.get(reason) ?? 0) + 1);
  }

  /** The templates of a host or server; undefined where it logs nothing. */
  templatesOf(resource: string): LogTemplate[] | undefined {
    return this.#hosts.get(resource)?.templates.templates();
  }

  get hosts(): number {
    return this.#hosts.size;
  }

  get templates(): number {
    return this.#templates;
  }

  /** Writes what each host has logged since the last time as series. */
  sum(nowMs: number): void {
    const elapsedMs = this.#summedAtMs === undefined ? 0 : nowMs - this.#summedAtMs;
    this.#summedAtMs = nowMs;
    for (const [id, logs] of this.#hosts) {
      if (nowMs - logs.lastMs > FORGOTTEN_AFTER_MS) {
        this.#forget(id);
        continue;
      }
      const counts = logs.counts;
      logs.counts = nothing();
      // What came before the first sum, or within a stretch without length, has no rate.
      if (elapsedMs <= 0 || logs.sinceMs > nowMs - elapsedMs) continue;
      for (const metric of logMetrics) {
        const isLearning = nowMs - logs.sinceMs < LEARNING_MS;
        if (metric === 'logNewTemplatesPerSecond' && isLearning) continue;
        this.#write(logs.resource, metric, (counts[metric] * 1000) / elapsedMs, nowMs, elapsedMs);
      }
    }
  }

  /** A bucket that holds what may come in one second. */
  #allows(nowMs: number): boolean {
    const { messagesPerSecond } = this.#options;
    const grown = Math.max(0, nowMs - this.#allowedAtMs) * (messagesPerSecond / 1000);
    this.#allowance = Math.min(messagesPerSecond, this.#allowance + grown);
    this.#allowedAtMs = nowMs;
    if (this.#allowance < 1) {
      this.counts.limited += 1;
      return false;
    }
    this.#allowance -= 1;
    return true;
  }

  #note(host: string, app: string, severity: number, text: string, nowMs: number): void {
    this.counts.messages += 1;
    const resource = this.#options.resourceOf(host);
    const logs = this.#hosts.get(resource.id) ?? {
      resource,
      templates: new LogTemplates(MAX_TEMPLATES_OF_HOST),
      sinceMs: nowMs,
      lastMs: nowMs,
      counts: nothing(),
    };
    this.#hosts.delete(resource.id);
    this.#hosts.set(resource.id, logs);
    logs.resource = resource;
    const before = logs.templates.size;
    const novelty = logs.templates.add(app, severity, text, nowMs);
    this.#templates += logs.templates.size - before;
    logs.lastMs = nowMs;
    logs.counts.logMessagesPerSecond += 1;
    if (severity <= ERROR_SEVERITY) logs.counts.logErrorsPerSecond += 1;
    if (novelty === 'new') logs.counts.logNewTemplatesPerSecond += 1;
    this.#keepBounds();
  }

  /** Whoever was quiet for longest gives way. */
  #keepBounds(): void {
    const [quietest] = this.#hosts;
    if (quietest === undefined) return;
    const [id, { templates }] = quietest;
    if (this.#hosts.size > MAX_HOSTS) this.#forget(id);
    else if (this.#templates > MAX_TEMPLATES) {
      if (templates.size <= 1 && this.#hosts.size > 1) this.#forget(id);
      else {
        templates.dropOldest();
        this.#templates -= 1;
      }
    }
  }

  #forget(id: string): void {
    this.#templates -= this.#hosts.get(id)?.templates.size ?? 0;
    this.#hosts.delete(id);
  }

  #write(
    { id, kind }: ReportedResource,
    metric: LogMetric,
    value: number,
    nowMs: number,
    intervalMs: number,
  ): void {
    const key = { resource: id, metric: `${kind}.${metric}`, labels: {} };
    const { catalogue } = this.#options.intake;
    const entry = catalogue.isFull ? catalogue.find(key) : catalogue.entry(key);
    if (entry !== undefined) this.#options.intake.take(entry, nowMs, value, intervalMs);
  }
}
