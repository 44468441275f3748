import type { monitoring as contract } from '@sidestep/contracts';
import { createServiceApp } from '@sidestep/service-kit';
import type { Express } from 'express';
import { Registry } from 'prom-client';
import { isRawMetric } from './domain/series.ts';
import type { Silence } from './domain/silence.ts';
import { alarmBody, alarmHandlers } from './http/alarms.ts';
import { doctorHandlers } from './http/doctor.ts';
import { fleetHandlers } from './http/fleet.ts';
import { intakeHandlers } from './http/intake.ts';
import { logHandlers } from './http/logs.ts';
import { niMonHandlers } from './http/ni-mon.ts';
import { notificationHandlers } from './http/notifications.ts';
import { qualityHandlers } from './http/quality.ts';
import { seriesHandlers } from './http/series.ts';
import { silenceHandlers } from './http/silences.ts';
import { webhookHandlers } from './http/webhooks.ts';
import { registerMetrics } from './metrics.ts';
import type { MonitoringParts } from './monitoring-parts.ts';
import type { SeriesStore } from './ports/series-store.ts';
import { attentionNow } from './usecases/alarm-attention.ts';
import { type Alarm, AlarmDesk } from './usecases/alarm-desk.ts';
import { AlarmKeeper } from './usecases/alarm-keeper.ts';
import { AlarmRules } from './usecases/alarm-rules.ts';
import { CollectdIntake } from './usecases/collectd-intake.ts';
import { ExpressionSeries } from './usecases/expression-series.ts';
import { ExternalAlerts, REPEAT_EVERY_MS } from './usecases/external-alerts.ts';
import { IntakeLosses, LOSSES_EVERY_MS } from './usecases/intake-losses.ts';
import { InventoryKeeper } from './usecases/inventory-keeper.ts';
import { KeptList } from './usecases/kept-list.ts';
import { LiveSamples } from './usecases/live-samples.ts';
import { LOGS_EVERY_MS, LogDesk } from './usecases/log-desk.ts';
import { ROLLUPS_EVERY_MS, RollupMaker } from './usecases/make-rollups.ts';
import { measureQuality } from './usecases/measure-quality.ts';
import { measuredLinks } from './usecases/measured-links.ts';
import { Notifications } from './usecases/notifications.ts';
import { QualityDesk } from './usecases/quality-desk.ts';
import { SampleBuffer } from './usecases/sample-buffer.ts';
import { SeriesCatalogue } from './usecases/series-catalogue.ts';
import { Silences } from './usecases/silences.ts';
import { type SampleIntake, sampleIntake } from './usecases/take-samples.ts';
import { type Delivery, type Webhook, Webhooks, type Withheld } from './usecases/webhooks.ts';

/** Work that goes on beside the requests. */
export interface Recurring {
  readonly name: string;
  readonly everyMs: number;
  readonly work: () => Promise<void> | void;
  /** It ends when the store is closed, and is not waited for before. */
  readonly endsWithStore?: true;
}

export interface Monitoring {
  /** Stores samples and judges them, as `POST /samples` does. */
  readonly write: SampleIntake['write'];
  readonly app: Express;
  readonly collectd: CollectdIntake;
  readonly logs: LogDesk;
  readonly recurring: readonly Recurring[];
  /** Takes up what earlier processes left: before the first sample. */
  load(): Promise<void>;
  /** Leaves to the next process what takes long and loses nothing by it: before the drain. */
  end(): void;
  /** Stores what is still on its way; nothing is, and what an earlier process left stays, where `load` never ended. */
  drain(): Promise<void>;
}

/** So long a sample is in memory only, where the store takes it at once. */
const FLUSH_EVERY_MS = 250;
const CLEARED_ALARMS_KEPT = 1000;
/** collectd's severities in syslog's numbers: error, warning, informational. */
const severityOf = { failure: 3, warning: 4, okay: 6 } as const;

/** Wires the use cases to each other and to the contract. */
export function monitoring(parts: MonitoringParts): Monitoring {
  const { store, records, jobs, clock, log } = parts;
  const catalogue = new SeriesCatalogue(parts.maxSeries);
  const keeper = new AlarmKeeper(records, jobs, log, (alarm) => webhooks.notify(alarm));
  const desk = new AlarmDesk((alarm) => keeper.changed(alarm), log);
  const rules = new AlarmRules(desk, keeper, clock);
  const { rollupsMs, minutesMs = rollupsMs } = parts.retention;
  const rollups = new RollupMaker(store, records, catalogue, Math.max(rollupsMs, minutesMs));
  const noted: Pick<SeriesStore, 'append'> = {
    append: async (batch) => {
      await store.append(batch);
      rollups.stored(batch);
      // Before the spool forgets them. Records that take nothing are told of by the rollups, and hold up no samples.
      await rollups.saveLate().catch(() => undefined);
    },
  };
  const buffer = new SampleBuffer(noted, parts.bufferSamples, parts.spool);
  const losses = new IntakeLosses({
    buffer,
    kernelDrops: parts.kernelDrops ?? (() => 0),
    waiting: () => {
      const perDatagram = buffer.taken / Math.max(1, collectd.counts.datagrams);
      return Math.ceil((parts.waitingDatagrams?.() ?? 0) * perDatagram);
    },
    mark: parts.mark,
    clock,
    log,
  });
  const live = new LiveSamples();
  const quality = new QualityDesk(catalogue, {
    isTrusted: (resource) => parts.allowUnsigned === true || !collectd.unsigned.has(resource),
    // Who sent something unsigned stays untrusted: the set only grows.
    revision: () => collectd.unsigned.size,
  });
  const intake = sampleIntake(catalogue, desk, buffer, noted, [
    (entry, timeMs, value, isLive) => {
      // Nine tenths of what comes are raw readings: they are not worth a look at the clock.
      if (isRawMetric(entry.metric)) return;
      quality.note(entry, timeMs, value, isLive ? clock.now() : undefined);
    },
    (entry, timeMs, value) => live.publish(entry, timeMs, value),
    (entry, timeMs, value) => expressions.note(entry, timeMs, value),
  ]);
  const expressions = new ExpressionSeries(desk, catalogue, (entry, timeMs, value) =>
    intake.take(entry, timeMs, value),
  );
  const inventory = new InventoryKeeper(parts.source, records, clock, log, {
    timeoutMs: parts.inventoryTimeoutMs,
  });
  const keptSilences = new KeptList<Silence>(records, 'silence');
  const silences = new Silences(keptSilences, clock);
  const attention = {
    desk,
    silences: () => silences.all(),
    inventory: () => inventory.current().inventory,
  };
  const keptWebhooks = new KeptList<Webhook>(records, 'webhook');
  const keptDeliveries = new KeptList<Delivery>(records, 'delivery');
  const keptWithheld = new KeptList<Withheld>(records, 'withheld-alarm');
  const bodyOf = (alarm: Alarm) => alarmBody(alarm, attentionNow(attention, clock.now())(alarm));
  const webhooks = new Webhooks({
    webhooks: keptWebhooks,
    deliveries: keptDeliveries,
    withheld: keptWithheld,
    attention: () => attentionNow(attention, clock.now()),
    alarm: (id) => desk.alarm(id),
    bodyOf: (alarm) => ({ alarm: bodyOf(alarm) }),
    post: parts.post ?? (async (url) => Promise.reject(new Error(`Nobody posts to ${url}`))),
    clock,
    log,
  });
  const links = parts.links ?? [];
  const level = parts.collectdLevel ?? 'none';
  const resourceOf = (agentHost: string) => inventory.resourceOf(agentHost);
  const alerts = new ExternalAlerts(intake, resourceOf);
  const notifications = new Notifications(records, clock, log);
  const logs = new LogDesk({
    intake,
    resourceOf,
    maxBytes: parts.logMaxBytes ?? 8192,
    messagesPerSecond: parts.logMessagesPerSecond ?? 10_000,
  });
  const collectd = new CollectdIntake({
    notifications,
    onNotification: ({ host, plugin, severity, message }) =>
      logs.message(host, plugin, severityOf[severity], message, clock.now()),
    intake,
    clock,
    log,
    types: parts.types,
    resourceOf,
    generation: () => inventory.generation(),
    level,
    ...(parts.passwordOf === undefined ? {} : { passwordOf: parts.passwordOf }),
  });
  const registry = new Registry();
  registerMetrics(registry, {
    counts: collectd.counts,
    logs,
    buffer,
    catalogue,
    inventory,
    waitingDatagrams: parts.waitingDatagrams ?? (() => 0),
    droppedNotifications: () => notifications.dropped,
    kernelDrops: parts.kernelDrops ?? (() => 0),
    raisedAlarms: () => desk.alarms().filter(({ state }) => state === 'raised').length,
    nowMs: () => clock.now(),
  });
  const sources = { catalogue, store, inventory: () => inventory.current().inventory };
  const app = createServiceApp<contract.operations>({
    service: 'monitoring',
    version: parts.version,
    log,
    registry,
    tokens: parts.tokens,
    handlers: {
      ...seriesHandlers({
        catalogue,
        store,
        intake,
        rollups,
        clock,
        samplesKeptMs: parts.retention.samplesMs,
        rollupsKeptMs: rollupsMs,
        minutesKeptMs: minutesMs,
        live,
        inventory: () => inventory.current().inventory,
      }),
      ...intakeHandlers({ collectd, buffer, intake, alerts, rollups, resourceOf, clock }),
      ...alarmHandlers({ desk, rules, attention, store, clock }),
      ...silenceHandlers(silences, clock),
      ...webhookHandlers(webhooks, bodyOf),
      ...fleetHandlers(() => inventory.current(), catalogue, quality, clock),
      ...notificationHandlers(notifications, parts.allowUnsigned === true),
      ...doctorHandlers({
        quality,
        catalogue,
        inventory: () => inventory.current().inventory,
        links,
        refused: collectd.counts.refused,
        clocks: collectd.clocks,
        gaps: () => buffer.gaps,
        clock,
      }),
      ...logHandlers(logs),
      ...qualityHandlers(quality, () => inventory.current().inventory, clock),
      ...niMonHandlers(sources, () =>
        measuredLinks(links, inventory.current().inventory.hosts, catalogue, clock.now()),
      ),
    },
    readiness: {
      store: () => store.ping(),
      queue: () => jobs.ping(),
      inventory: async () => ({
        ok: inventory.current().problem === null,
        detail: inventory.current().problem,
      }),
    },
    capabilities: () => {
      const { problem } = inventory.current();
      return [
        {
          name: 'series-store',
          available: true,
          detail: [parts.storeDetail, ...(store.limits?.notes ?? [])].join('; '),
        },
        { name: 'collectd', available: true, detail: `accepts ${level} datagrams or better` },
        {
          name: 'syslog',
          available: parts.syslogPort !== undefined,
          detail:
            parts.syslogPort === undefined
              ? 'SIDESTEP_SYSLOG_PORT is not set'
              : `port ${parts.syslogPort}, UDP and TCP`,
        },
        { name: 'inventory', available: problem === null, detail: problem ?? 'the VIM answers' },
        {
          name: 'links',
          available: links.length > 0,
          detail: `${links.length} links are declared`,
        },
      ];
    },
    // History comes in bodies of up to 10,000 samples.
    maxBodyBytes: 8 * 1024 * 1024,
    ...(parts.basePath === undefined ? {} : { basePath: parts.basePath }),
    ...(parts.openNetworks === undefined ? {} : { openNetworks: parts.openNetworks }),
    ...(parts.docsToken === undefined ? {} : { docsToken: parts.docsToken }),
    ...(parts.checkReplies === undefined ? {} : { checkReplies: parts.checkReplies }),
  });

  let storeProblem: string | null = null;
  let catalogued = false;
  let loaded = false;

  /** Series that were known before; alarms that were on their way, from the samples of the last minutes. */
  const loadSeries = async (): Promise<void> => {
    catalogue.load(await store.series());
    const nowMs = clock.now();
    for (const rule of desk.rules()) {
      if (!rule.enabled) continue;
      const fromMs = nowMs - rule.windowMs - Math.max(rule.forMs, rule.clearForMs) - 60_000;
      const samples = store.samples({ metrics: [rule.metric] }, fromMs, nowMs);
      for await (const { series, columns } of samples) {
        desk.replay(rule, catalogue.entry(series), columns);
      }
    }
    catalogued = true;
  };

  /** Marks that were due since the flush under way began; undefined where none is. */
  let marksDue: number | undefined;
  const flush = async (): Promise<void> => {
    losses.note();
    marksDue = 0;
    await buffer.flushAll().finally(() => {
      marksDue = undefined;
    });
    if (buffer.problem === storeProblem) return;
    storeProblem = buffer.problem;
    if (storeProblem === null) log.info({ waiting: buffer.pending }, 'The series store is back');
    else log.error({ problem: storeProblem }, 'The series store takes no samples; they wait');
  };

  return {
    app,
    write: intake.write,
    collectd,
    logs,
    load: async () => {
      for (const list of [
        keptSilences,
        keptWebhooks,
        keptDeliveries,
        keptWithheld,
        notifications,
      ]) {
        await list.load();
      }
      const kept = await keeper.load();
      desk.restore(kept.rules, kept.alarms);
      await inventory.load();
      await rollups.load(clock.now());
      losses.load();
      await loadSeries().catch((error: unknown) => {
        log.error({ error }, 'The series store could not be read; known series follow later');
      });
      loaded = true;
    },
    end: () => {
      inventory.end();
      rollups.end();
      webhooks.end();
    },
    drain: async () => {
      if (!loaded) return;
      await flush();
      if (buffer.problem !== null && parts.spool !== undefined) buffer.spill();
      await keeper.retry();
      await notifications.save();
      if (buffer.inMemory === 0) losses.clear();
    },
    recurring: [
      { name: 'flush', everyMs: FLUSH_EVERY_MS, work: flush },
      {
        name: 'mark',
        everyMs: FLUSH_EVERY_MS,
        work: () => {
          if (marksDue === undefined) return;
          // A store that takes its time holds up the next flush, and what comes meanwhile is in hand as well.
          if (marksDue > 0) losses.note();
          marksDue += 1;
        },
      },
      {
        name: 'alarms',
        everyMs: 1000,
        work: async () => {
          const nowMs = clock.now();
          desk.noticeStale(nowMs);
          desk.clearGone((resource) => inventory.isGone(resource), nowMs);
          await keeper.retry();
        },
      },
      { name: 'notifications', everyMs: 1000, work: () => notifications.save() },
      { name: 'inventory', everyMs: parts.inventoryEveryMs, work: () => inventory.refresh() },
      { name: 'external', everyMs: REPEAT_EVERY_MS, work: () => alerts.repeat(clock.now()) },
      { name: 'beat', everyMs: 15_000, work: () => live.beat() },
      { name: 'webhooks', everyMs: 500, work: () => webhooks.deliver() },
      { name: 'withheld', everyMs: 5000, work: () => webhooks.tellWithheld() },
      {
        name: 'losses',
        everyMs: LOSSES_EVERY_MS,
        work: () => losses.measure(intake),
      },
      {
        name: 'quality',
        everyMs: 10_000,
        work: () =>
          measureQuality(quality, inventory.current().inventory.hosts, intake, clock.now()),
      },
      { name: 'logs', everyMs: LOGS_EVERY_MS, work: () => logs.sum(clock.now()) },
      { name: 'rollups', everyMs: ROLLUPS_EVERY_MS, work: () => rollups.run(clock.now()) },
      {
        name: 'upkeep',
        everyMs: 5000,
        endsWithStore: true,
        work: async () => {
          if (!catalogued) await loadSeries();
          await store.maintain(clock.now(), parts.retention);
          await keeper.forgetAlarms(desk.forgetCleared(CLEARED_ALARMS_KEPT));
        },
      },
    ],
  };
}
