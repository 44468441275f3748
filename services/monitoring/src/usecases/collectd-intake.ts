import {
  createDatagramParser,
  type DatagramParser,
  dataSourceName,
  firstHost,
  type IntegerReading,
  kindCode,
  type Notification,
  type ParsedValueList,
  type PasswordOf,
  ReplayGuard,
  rateBetween,
  type SecurityLevel,
  type SeriesIdentity,
  type TypesDb,
  valueKinds,
} from '@sidestep/collectd';
import type { Clock, Log } from '@sidestep/service-kit';
import { canonicalSource } from '../domain/canonical-metrics.ts';
import { ASSUMED_INTERVAL_MS } from '../domain/freshness.ts';
import { measurementType, rawMetricOf } from '../domain/ni-mon-names.ts';
import type { ReportedResource } from '../domain/resources.ts';
import { CanonicalFeeds, type Feed } from './canonical-feeds.ts';
import type { Notifications } from './notifications.ts';
import { type JsonNotification, notificationOf } from './posted-notification.ts';
import { type JsonValueList, PostedValues } from './posted-values.ts';
import { RefusedClocks } from './refused-clocks.ts';
import type { SeriesEntry } from './series-catalogue.ts';
import type { SampleIntake } from './take-samples.ts';

/** What has been taken in and what was refused, since the start. */
export interface CollectdCounts {
  datagrams: number;
  values: number;
  notifications: number;
  /** Malformed or not trusted, by reason. */
  refused: Map<string, number>;
  /** Readings not newer than the series' last: doubled, out of order or replayed. */
  notNewer: number;
  /** Readings from a time too far from ours. */
  implausibleTime: number;
  /** Readings of new series beyond the most that are kept. */
  tooManySeries: number;
  /** Rates where a counter as it stands was wanted (write_http with StoreRates). */
  rates: number;
}

export interface CollectdIntakeOptions {
  readonly intake: SampleIntake;
  readonly clock: Clock;
  readonly log: Log;
  readonly types: TypesDb;
  /** Whom an agent's host name means; asked again whenever `generation` changes. */
  readonly resourceOf: (agentHost: string) => ReportedResource;
  readonly generation: () => number;
  /** Keeps the agents' notifications; absent: they are counted. */
  readonly notifications?: Notifications;
  /** Told of each notification. */
  readonly onNotification?: (notification: Notification) => void;
  readonly level?: SecurityLevel;
  readonly passwordOf?: PasswordOf;
  /** Signed or encrypted datagrams older than this are refused, younger ones taken once; default five minutes. */
  readonly replayWindowMs?: number;
  /** Readings further ahead of our clock are refused; default one minute. */
  readonly maxAheadMs?: number;
  /** Readings further back are refused; default one hour. */
  readonly maxBehindMs?: number;
}

interface ValueState {
  readonly raw: SeriesEntry;
  readonly feed: Feed | undefined;
  previous: IntegerReading | undefined;
}

/** One identity of the wire with all that is known of its values. */
interface ReportedSeries {
  readonly identity: SeriesIdentity;
  generation: number;
  timeMs: number;
  /** Already noted as having come without protection. */
  unsigned: boolean;
  values: ValueState[];
}

const reportedSeries = (identity: SeriesIdentity): ReportedSeries => ({
  identity,
  generation: -1,
  timeMs: 0,
  unsigned: false,
  values: [],
});

const COMPLAIN_EVERY_MS = 60_000;
const REPLAY_WINDOW_MS = 300_000;
// Some 100 MB; ten thousand agents that each send a datagram every two seconds.
const MAX_SEALS = 2_000_000;

/** Takes collectd's datagrams in: keeps every raw reading beside the canonical metrics that it feeds. */
export class CollectdIntake {
  readonly counts: CollectdCounts = {
    datagrams: 0,
    values: 0,
    notifications: 0,
    refused: new Map(),
    notNewer: 0,
    implausibleTime: 0,
    tooManySeries: 0,
    rates: 0,
  };
  readonly #options: CollectdIntakeOptions;
  readonly #parser: DatagramParser;
  readonly #unsigned = new Set<string>();
  readonly #clocks = new RefusedClocks();
  readonly #posted = new PostedValues<ReportedSeries>(reportedSeries);
  readonly #feeds: CanonicalFeeds;
  readonly #maxAheadMs: number;
  readonly #maxBehindMs: number;
  #nowMs = 0;
  #complainedAtMs = Number.NEGATIVE_INFINITY;
  #refusedSince = 0;

  constructor(options: CollectdIntakeOptions) {
    this.#options = options;
    this.#maxAheadMs = options.maxAheadMs ?? 60_000;
    this.#maxBehindMs = options.maxBehindMs ?? 3_600_000;
    this.#feeds = new CanonicalFeeds(options.intake);
    const guard = new ReplayGuard({
      windowMs: options.replayWindowMs ?? REPLAY_WINDOW_MS,
      aheadMs: this.#maxAheadMs,
      maxSeals: MAX_SEALS,
    });
    this.#parser = createDatagramParser<ReportedSeries>({
      seriesOf: reportedSeries,
      onValues: (list) => this.#take(list),
      onNotification: (notification, security) => this.#note(notification, security),
      refuses: (seal, timeMs, payload) => {
        const fault = guard.check(seal, timeMs, this.#nowMs);
        const host = fault === 'out-of-window' ? firstHost(payload) : undefined;
        if (host !== undefined && timeMs > 0) this.#noteClock(host, timeMs);
        return fault;
      },
      ...(options.level === undefined ? {} : { level: options.level }),
      ...(options.passwordOf === undefined ? {} : { passwordOf: options.passwordOf }),
    });
  }

  /** Takes one datagram; one that cannot be read is counted, and complained of at most once a minute. */
  datagram(bytes: Uint8Array): void {
    this.#nowMs = this.#options.clock.now();
    this.counts.datagrams += 1;
    const result = this.#parser.parse(bytes);
    this.counts.values += result.values;
    if (!result.ok) this.#refuse(result.reason);
  }

  /** Resources of which something came unsigned. */
  get unsigned(): ReadonlySet<string> {
    return this.#unsigned;
  }

  /** Whose readings were refused for their time. */
  get clocks(): Pick<RefusedClocks, 'lately'> {
    return this.#clocks;
  }

  /** Takes what write_http has posted with a token. */
  posted(lists: readonly JsonValueList[]): void {
    this.#nowMs = this.#options.clock.now();
    for (const list of lists) {
      const parsed = this.#posted.read(list);
      if (parsed === 'rates') {
        this.counts.rates += 1;
        continue;
      }
      this.counts.values += parsed.count;
      this.#take(parsed);
    }
  }

  /** Takes the notifications that write_http has posted with a token; an alert that is none of collectd's is counted as refused. */
  notified(alerts: readonly JsonNotification[]): void {
    this.#nowMs = this.#options.clock.now();
    for (const alert of alerts) {
      const notification = notificationOf(alert, this.#options.types);
      if (notification === undefined) this.#refuse('no-notification');
      else this.#note(notification, 'encrypted');
    }
  }

  #refuse(reason: string): void {
    this.counts.refused.set(reason, (this.counts.refused.get(reason) ?? 0) + 1);
    this.#refusedSince += 1;
    if (this.#nowMs - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
    this.#options.log.warn(
      { reason, refused: this.#refusedSince },
      'collectd datagrams were refused',
    );
    this.#complainedAtMs = this.#nowMs;
    this.#refusedSince = 0;
  }

  #note(notification: Notification, security: SecurityLevel): void {
    this.counts.notifications += 1;
    if (!this.#isPlausible(notification.host, notification.timeMs)) return;
    const { notifications, resourceOf } = this.#options;
    notifications?.note(notification, resourceOf(notification.host).id, security);
    this.#options.onNotification?.(notification);
  }

  #isPlausible(host: string, timeMs: number): boolean {
    const isPlausible =
      timeMs <= this.#nowMs + this.#maxAheadMs && timeMs >= this.#nowMs - this.#maxBehindMs;
    if (isPlausible) return true;
    this.counts.implausibleTime += 1;
    this.#noteClock(host, timeMs);
    return false;
  }

  #noteClock(host: string, timeMs: number): void {
    const { id } = this.#options.resourceOf(host);
    this.#clocks.note(id, timeMs - this.#nowMs, this.#nowMs);
  }

  #take(list: ParsedValueList<ReportedSeries>): void {
    const { series, timeMs, count } = list;
    if (!this.#isPlausible(series.identity.host, timeMs)) return;
    if (timeMs <= series.timeMs) {
      this.counts.notNewer += 1;
      return;
    }
    series.timeMs = timeMs;
    const generation = this.#options.generation();
    if (series.generation !== generation || series.values.length !== count) {
      if (!this.#identify(list)) {
        this.counts.tooManySeries += 1;
        return;
      }
      series.generation = generation;
    }
    // Only of what is taken: names that nobody knows are made up by whoever sends.
    if (list.security === 'none') this.#noteUnsigned(series);
    const intervalMs = list.intervalMs > 0 ? list.intervalMs : ASSUMED_INTERVAL_MS;
    for (let at = 0; at < count; at += 1) {
      const state = series.values[at];
      if (state !== undefined) this.#takeValue(list, at, state, intervalMs);
    }
  }

  #noteUnsigned(series: ReportedSeries): void {
    if (series.unsigned) return;
    series.unsigned = true;
    this.#unsigned.add(this.#options.resourceOf(series.identity.host).id);
  }

  #takeValue(
    list: ParsedValueList<ReportedSeries>,
    at: number,
    state: ValueState,
    intervalMs: number,
  ): void {
    const value = list.values[at] ?? Number.NaN;
    // collectd says "unknown" with a gauge that is not a number.
    if (!Number.isFinite(value)) return;
    const storedMs = Math.floor(list.timeMs);
    this.#options.intake.take(state.raw, storedMs, value, intervalMs);
    const { feed } = state;
    if (feed === undefined) return;
    const reading = feed.source.perSecond ? perSecond(list, at, state) : value;
    if (reading === 'unknown') return;
    const scaled = Math.min(feed.source.atMost, reading * feed.source.scale + feed.source.offset);
    this.#feeds.take(feed, list.timeMs, scaled, intervalMs, this.#nowMs - this.#maxBehindMs);
  }

  /**
   * Looks up what the values of an identity are and feed: once, and again when the inventory or their number changes.
   * False when a value would be a new series and there is no room for one.
   */
  #identify(list: ParsedValueList<ReportedSeries>): boolean {
    const { identity, values: before } = list.series;
    const { resourceOf, types } = this.#options;
    const reporter = resourceOf(identity.host);
    const states: ValueState[] = [];
    for (let at = 0; at < list.count; at += 1) {
      const kind = valueKinds[list.kinds[at] ?? kindCode.gauge] ?? 'gauge';
      const source = dataSourceName(types, identity.type, at, list.count);
      const raw = this.#feeds.entry(
        reporter.id,
        rawMetricOf(measurementType(identity, source, kind)),
      );
      if (raw === undefined) return false;
      const canonical = canonicalSource(identity, source, reporter);
      const feed = canonical === undefined ? undefined : this.#feeds.feedOf(canonical);
      states.push({ raw, feed, previous: before[at]?.previous });
    }
    list.series.values = states;
    return true;
  }
}

function perSecond(
  list: ParsedValueList<ReportedSeries>,
  at: number,
  state: ValueState,
): number | 'unknown' {
  const high = list.high[at] ?? 0;
  const low = list.low[at] ?? 0;
  const { previous } = state;
  if (previous === undefined) {
    state.previous = { timeMs: list.timeMs, high, low };
    return 'unknown';
  }
  const rate = rateBetween(list.kinds[at] ?? kindCode.derive, previous, high, low, list.timeMs);
  previous.timeMs = list.timeMs;
  previous.high = high;
  previous.low = low;
  return rate.kind === 'rate' ? rate.perSecond : 'unknown';
}
