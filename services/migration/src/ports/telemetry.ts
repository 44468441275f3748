import type { HostId } from '@sidestep/fleet';
import type { ChainQuality } from '../domain/operation.ts';
import type { Inventory, NewestSample } from '../domain/view-of.ts';

/** An alarm that is raised on a host now. */
export type RaisedAlarm = {
  id: string;
  ruleId: string;
  hostId: HostId;
  metric: string;
  raisedAtMs: number;
  /** `recommend`: asks for no move by itself, whatever the mode; default `act`. */
  mode?: 'recommend' | 'act';
  /** Nobody has seen its series lately (it is stale, or Monitoring has just started): it asks for no move, and is not cleared. */
  unseen?: boolean;
};

/** What Monitoring knows. Each call throws a ProblemError (UPSTREAM_…) where Monitoring does not answer. */
export type Telemetry = {
  /** Alarms raised now on any resource. */
  raisedAlarms(): Promise<RaisedAlarm[]>;
  inventory(): Promise<Inventory>;
  /** The newest sample of every series of a metric, or of those of the resources. */
  newest(metric: string, resources?: readonly string[]): Promise<NewestSample[]>;
  /** Mean of a metric over the time span, by resource; null where no sample was there. */
  means(
    metric: string,
    resources: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<string, number | null>>;
  /** The highest mean of ten seconds in the time span, by resource; null where no sample was there. */
  peaks(
    metric: string,
    resources: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<string, number | null>>;
  /** Means over the time span, by chain. */
  chainQuality(
    chainIds: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<string, ChainQuality>>;
};
