import type { Chain, Host, Server, ServerGroup } from '@sidestep/fleet';
import type { RaisedAlarm } from '../domain/incident.ts';
import type { HostSamples } from '../domain/sample-window.ts';
import type { Doubts } from '../domain/suspects.ts';

/** What is to be read: whole ticks of [fromMs, toMs), as means. */
export type SampleQuery = {
  fromMs: number;
  toMs: number;
  tickMs: number;
  metrics: readonly string[];
  /** Only of these; every one that sends when not given. */
  resources?: readonly string[];
};

/** One risk to be written back as a sample. */
export type RiskSample = { hostId: string; risk: number };

/** One value of ours. */
export type PlainSample = {
  resource: string;
  metric: string;
  labels: Readonly<Record<string, string>>;
  value: number;
};

/** A rule that raises an alarm from a value on. */
export type OwnAlarmRule = {
  name: string;
  metric: string;
  threshold: number;
  clearThreshold: number;
  severity: 'critical' | 'major' | 'minor' | 'warning';
};

/** The inventory at its last reading; loads and risks are not in it. */
export type FleetInventory = {
  hosts: readonly Omit<Host, 'cpuPercent' | 'risk'>[];
  servers: readonly Omit<Server, 'cpuPercent'>[];
  serverGroups: readonly ServerGroup[];
  chains: readonly Chain[];
};

/** Monitoring, as Prediction needs it. Every call is bounded in time and throws when it gets no answer. */
export type Telemetry = {
  /** Throws a ProblemError QUERY_TOO_LARGE where fewer ticks at once would be answered. */
  readSamples(query: SampleQuery): Promise<HostSamples[]>;
  /** Writes risks under a metric, labelled with horizon and model. */
  writeRisks(
    risks: readonly RiskSample[],
    about: { metric: string; atMs: number; horizonMs: number; model: string },
  ): Promise<void>;
  /** Writes samples of one moment. */
  writeSamples(samples: readonly PlainSample[], atMs: number): Promise<void>;
  /** Adds a rule unless there is one on its metric already, enabled or not. */
  ensureAlarmRule(rule: OwnAlarmRule): Promise<void>;
  /** All alarms that are raised, and those cleared lately. */
  readRaisedAlarms(): Promise<RaisedAlarm[]>;
  /** Hosts whose series have faults, or that send unsigned where that is not allowed. */
  readDoubts(): Promise<Doubts>;
  readInventory(): Promise<FleetInventory>;
  /** The newest value of a metric by resource; only fresh ones. */
  readLatest(metric: string): Promise<ReadonlyMap<string, number>>;
  ping(): Promise<{ ok: boolean; detail: string | null }>;
};
