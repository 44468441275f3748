import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Meters } from '../../ports/meters.ts';

const secondsBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Meters that Prometheus reads at /metrics. */
export function prometheusMeters(registry: Registry): Meters {
  const registers = [registry];
  const decisions = new Counter({
    name: 'sidestep_decisions_total',
    help: 'Decisions, by what they came to',
    labelNames: ['outcome'],
    registers,
  });
  const operations = new Counter({
    name: 'sidestep_operations_total',
    help: 'Operations, by the states that they entered',
    labelNames: ['state'],
    registers,
  });
  const decide = new Histogram({
    name: 'sidestep_decide_duration_seconds',
    help: 'From a wake-up to the decision kept',
    buckets: secondsBuckets,
    registers,
  });
  const alarmToCall = new Histogram({
    name: 'sidestep_alarm_to_call_seconds',
    help: 'From the alarm raised to the live-migration call',
    buckets: secondsBuckets,
    registers,
  });
  const chain = new Gauge({
    name: 'sidestep_decision_chain_sequence',
    help: 'Sequence of the newest event in the chain of decisions',
    registers,
  });
  return {
    decided: (outcome) => decisions.inc({ outcome }),
    operationEntered: (state) => operations.inc({ state }),
    decideTook: (durationMs) => decide.observe(durationMs / 1_000),
    chainGrewTo: (sequence) => chain.set(sequence),
    alarmToCall: (durationMs) => alarmToCall.observe(durationMs / 1_000),
  };
}
