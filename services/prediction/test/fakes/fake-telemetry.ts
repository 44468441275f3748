import { cloud } from '@sidestep/fleet/testing';
import { type Clock, ProblemError } from '@sidestep/service-kit';
import type { RaisedAlarm } from '../../src/domain/incident.ts';
import type { HostDoubt } from '../../src/domain/suspects.ts';
import type {
  FleetInventory,
  OwnAlarmRule,
  PlainSample,
  RiskSample,
  SampleQuery,
  Telemetry,
} from '../../src/ports/telemetry.ts';
import type { SyntheticLoad } from './synthetic-load.ts';

export type FakeTelemetry = Telemetry & {
  queries: SampleQuery[];
  /** Samples of ours that are no risks. */
  plain: (PlainSample & { atMs: number })[];
  rules: OwnAlarmRule[];
  alarms: RaisedAlarm[];
  doubts: Map<string, HostDoubt>;
  written: (RiskSample & { metric: string; atMs: number; horizonMs: number; model: string })[];
  /** From now on it does not answer, or does again. */
  away(isAway: boolean): void;
  /** From now on it takes no samples, or does again. */
  refusesWrites(refuses: boolean): void;
  /** Refuses queries of more ticks. */
  answersAtMost(ticks: number): void;
  latest: Map<string, ReadonlyMap<string, number>>;
  inventory: FleetInventory;
};

/** Monitoring in memory: it measures a synthetic load up to the clock's now. */
export function fakeTelemetry(load: SyntheticLoad, clock: Clock): FakeTelemetry {
  let isAway = false;
  let refuses = false;
  let mostTicks = Infinity;
  const answering = () => {
    if (isAway) throw new Error('Monitoring is away');
  };
  const fake: FakeTelemetry = {
    queries: [],
    plain: [],
    rules: [],
    alarms: [],
    doubts: new Map(),
    written: [],
    latest: new Map(),
    inventory: load.hostIds.reduce((fleet, id) => fleet.host(id), cloud()).build(),
    away: (now) => {
      isAway = now;
    },
    refusesWrites: (now) => {
      refuses = now;
    },
    answersAtMost: (ticks) => {
      mostTicks = ticks;
    },
    readSamples: async (query) => {
      answering();
      const ticks = Math.round((query.toMs - query.fromMs) / query.tickMs);
      if (ticks > mostTicks) throw new ProblemError('QUERY_TOO_LARGE', `${ticks} ticks`);
      fake.queries.push(query);
      return load.hostIds.map((hostId) => ({
        hostId,
        metric: 'host.cpuPercent',
        firstTickAtMs: query.fromMs,
        values: Array.from({ length: ticks }, (_, tick) => {
          const at = query.fromMs + tick * query.tickMs;
          return at < clock.now() ? load.cpuPercent(hostId, at) : null;
        }),
      }));
    },
    writeRisks: async (risks, about) => {
      answering();
      if (refuses) throw new Error('Monitoring takes no samples');
      fake.written.push(...risks.map((risk) => ({ ...risk, ...about })));
    },
    writeSamples: async (samples, atMs) => {
      answering();
      fake.plain.push(...samples.map((sample) => ({ ...sample, atMs })));
    },
    ensureAlarmRule: async (rule) => {
      answering();
      if (!fake.rules.some(({ metric }) => metric === rule.metric)) fake.rules.push(rule);
    },
    readRaisedAlarms: async () => {
      answering();
      return fake.alarms;
    },
    readDoubts: async () => {
      answering();
      return fake.doubts;
    },
    readInventory: async () => {
      answering();
      return fake.inventory;
    },
    readLatest: async (metric) => {
      answering();
      return fake.latest.get(metric) ?? new Map();
    },
    ping: async () => {
      answering();
      return { ok: true, detail: null };
    },
  };
  return fake;
}
