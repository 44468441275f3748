import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { TickObserver } from '../../ports/tick-observer.ts';

/** Counts the ticks for Prometheus. */
export function tickMetrics(registry: Registry): TickObserver {
  const registers = [registry];
  const duration = new Histogram({
    name: 'sidestep_prediction_tick_duration_seconds',
    help: 'Time to read and score one tick',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const hosts = new Gauge({
    name: 'sidestep_prediction_hosts',
    help: 'Hosts at the last tick, by whether their risk is known',
    labelNames: ['risk'],
    registers,
  });
  const failures = new Counter({
    name: 'sidestep_prediction_tick_failures_total',
    help: 'Ticks that could not be read or scored',
    registers,
  });
  const written = new Counter({
    name: 'sidestep_prediction_risks_written_total',
    help: 'Risks written back to Monitoring',
    registers,
  });
  const dropped = new Counter({
    name: 'sidestep_prediction_risks_dropped_total',
    help: 'Risks that Monitoring did not take',
    registers,
  });
  const model = new Gauge({
    name: 'sidestep_prediction_model_info',
    help: 'The model that answers',
    labelNames: ['version', 'kind'],
    registers,
  });
  return {
    ticked: ({ durationMs, scored, unknown }) => {
      duration.observe(durationMs / 1000);
      hosts.set({ risk: 'known' }, scored);
      hosts.set({ risk: 'unknown' }, unknown);
    },
    tickFailed: () => failures.inc(),
    risksWritten: (count) => written.inc(count),
    risksDropped: (count) => dropped.inc(count),
    serves: (served) => {
      model.reset();
      model.set(served, 1);
    },
  };
}
