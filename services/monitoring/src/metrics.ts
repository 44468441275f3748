import { Counter, Gauge, type Registry } from 'prom-client';
import type { CollectdCounts } from './usecases/collectd-intake.ts';
import type { InventoryKeeper } from './usecases/inventory-keeper.ts';
import type { LogDesk } from './usecases/log-desk.ts';
import type { SampleBuffer } from './usecases/sample-buffer.ts';
import type { SeriesCatalogue } from './usecases/series-catalogue.ts';

export interface Measured {
  readonly counts: CollectdCounts;
  readonly buffer: SampleBuffer;
  readonly catalogue: SeriesCatalogue;
  readonly inventory: InventoryKeeper;
  readonly droppedNotifications: () => number;
  readonly waitingDatagrams: () => number;
  readonly logs: LogDesk;
  readonly kernelDrops: () => number;
  readonly raisedAlarms: () => number;
  readonly nowMs: () => number;
}

/** What Monitoring counts of itself, for Prometheus; read when it is asked for. */
export function registerMetrics(registry: Registry, measured: Measured): void {
  const { counts, buffer, catalogue, inventory } = measured;
  const registers = [registry];
  const counter = (name: string, help: string, read: () => number): void => {
    new Counter({
      name,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  };
  const gauge = (name: string, help: string, read: () => number): void => {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  };
  counter('sidestep_collectd_datagrams_total', 'Datagrams received', () => counts.datagrams);
  counter(
    'sidestep_collectd_kernel_drops_total',
    'Datagrams that the kernel dropped as the socket was full',
    measured.kernelDrops,
  );
  counter('sidestep_collectd_values_total', 'Values read from datagrams', () => counts.values);
  counter(
    'sidestep_collectd_notifications_total',
    'Notifications received',
    () => counts.notifications,
  );
  counter(
    'sidestep_collectd_notifications_dropped_total',
    'Notifications that were not kept, as too many came at once',
    measured.droppedNotifications,
  );
  counter(
    'sidestep_collectd_not_newer_total',
    'Readings that were doubled, out of order or replayed',
    () => counts.notNewer,
  );
  counter(
    'sidestep_collectd_implausible_time_total',
    'Readings from a time too far from ours',
    () => counts.implausibleTime,
  );
  counter(
    'sidestep_collectd_too_many_series_total',
    'Readings of new series beyond the most that are kept',
    () => counts.tooManySeries,
  );
  counter(
    'sidestep_collectd_rates_total',
    'Value lists of write_http that were rates: StoreRates has to be false',
    () => counts.rates,
  );
  const byReason = (name: string, help: string, reasons: ReadonlyMap<string, number>): void => {
    new Counter({
      name,
      help,
      labelNames: ['reason'],
      registers,
      collect() {
        this.reset();
        for (const [reason, count] of reasons) this.inc({ reason }, count);
      },
    });
  };
  byReason(
    'sidestep_collectd_refused_total',
    'Datagrams that were malformed or not trusted',
    counts.refused,
  );
  const { logs } = measured;
  counter('sidestep_log_messages_total', 'Messages of logs taken', () => logs.counts.messages);
  counter(
    'sidestep_log_limited_total',
    'Messages of logs beyond the most that are taken a second',
    () => logs.counts.limited,
  );
  byReason(
    'sidestep_syslog_refused_total',
    'Messages of syslog that were malformed or too long',
    logs.counts.refused,
  );
  gauge('sidestep_log_templates', 'Templates of messages kept', () => logs.templates);
  counter('sidestep_samples_stored_total', 'Samples stored from the buffer', () => buffer.stored);
  counter('sidestep_samples_dropped_total', 'Samples lost for want of room', () => buffer.dropped);
  gauge(
    'sidestep_collectd_datagrams_waiting',
    'Datagrams that were received and not looked at yet',
    measured.waitingDatagrams,
  );
  gauge('sidestep_samples_waiting', 'Samples on their way to the store', () => buffer.pending);
  gauge('sidestep_samples_spooled', 'Those of them that wait on disk', () => buffer.spooled);
  gauge('sidestep_series', 'Known series', () => catalogue.size);
  gauge('sidestep_alarms_raised', 'Alarms raised now', measured.raisedAlarms);
  gauge('sidestep_inventory_age_seconds', 'Age of the inventory; NaN before the first', () => {
    const { observedAtMs } = inventory.current();
    return observedAtMs === null ? Number.NaN : (measured.nowMs() - observedAtMs) / 1000;
  });
}
