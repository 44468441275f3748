import { AlarmDesk, type AlarmRule, SeriesCatalogue } from '@sidestep/monitoring';
import { silentLog } from '@sidestep/service-kit';
import { timeOf } from './proc.ts';
import { medianOf, type Spread, spreadOf } from './statistics.ts';

const HOSTS = 10_000;
const WARM_TICKS = 65;
const TICKS = 30;
const TICK_MS = 1000;

const rule = (id: string, metric: string, more: Partial<AlarmRule> = {}): AlarmRule => ({
  id,
  name: id,
  metric,
  comparison: '>=',
  threshold: 95,
  forMs: 10_000,
  clearThreshold: 90,
  clearForMs: 10_000,
  windowMs: 0,
  severity: 'major',
  enabled: true,
  ...more,
});

/** The rule that ships, a maximum, a percentile, a rate and a forecast. */
const rules: readonly AlarmRule[] = [
  rule('mean', 'host.cpuPercent', { windowMs: 10_000 }),
  rule('max', 'host.memPercent', { windowMs: 60_000, aggregate: { kind: 'max' } }),
  rule('percentile', 'host.loadShort', {
    windowMs: 60_000,
    aggregate: { kind: 'percentile', percentile: 95 },
  }),
  rule('rate', 'host.netRxBytesPerSecond', { windowMs: 60_000, aggregate: { kind: 'rate' } }),
  rule('sample', 'forecast.failureRisk', { threshold: 0.95, clearThreshold: 0.5 }),
];

/** Evaluates five rules for ten thousand hosts, tick by tick at 1 s, with full windows; every hundredth host is in breach. */
export function measureRules(): {
  hosts: number;
  rules: number;
  raised: number;
  tick: Spread;
  /** CPU of a tick, the median. */
  cpuMs: number;
} {
  let raised = 0;
  const desk = new AlarmDesk((alarm) => {
    if (alarm.state === 'raised') raised += 1;
  }, silentLog);
  desk.restore(rules, []);
  const catalogue = new SeriesCatalogue();
  const entries = Array.from({ length: HOSTS }, (_, host) =>
    rules.map(({ metric }) => catalogue.entry({ resource: `compute${host}`, metric, labels: {} })),
  );
  const tookMs: number[] = [];
  const cpuMs: number[] = [];
  for (let tick = 0; tick < WARM_TICKS + TICKS; tick += 1) {
    const timeMs = (tick + 1) * TICK_MS;
    const { seconds, cpuSeconds } = timeOf(() => {
      for (const [host, ofHost] of entries.entries()) {
        const value = host % 100 === 0 ? 99 : 20 + ((host * 7 + tick * 13) % 60);
        for (const entry of ofHost) {
          const isRisk = entry.metric === 'forecast.failureRisk';
          const judged = isRisk ? value / 100 : value;
          catalogue.note(entry, timeMs, judged, TICK_MS);
          desk.judge(entry, timeMs, judged);
        }
      }
      desk.noticeStale(timeMs);
    });
    if (tick < WARM_TICKS) continue;
    tookMs.push(seconds * 1000);
    cpuMs.push(cpuSeconds * 1000);
  }
  return {
    hosts: HOSTS,
    rules: rules.length,
    raised,
    tick: spreadOf(tookMs),
    cpuMs: medianOf(cpuMs),
  };
}
