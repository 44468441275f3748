import type { PasswordOf, SecurityLevel, TypesDb } from '@sidestep/collectd';
import type { Clock, Jobs, Log, Records, TokenEntry } from '@sidestep/service-kit';
import type { Link } from './domain/fleet.ts';
import type { HandMark } from './ports/hand-mark.ts';
import type { InventorySource } from './ports/inventory-source.ts';
import type { Retention, SeriesStore } from './ports/series-store.ts';
import type { Spool } from './ports/spool.ts';
import type { PostJson } from './usecases/webhooks.ts';

/** What Monitoring is made of: adapters in the service, fakes in tests. */
export interface MonitoringParts {
  readonly store: SeriesStore;
  readonly storeDetail: string;
  readonly records: Records;
  readonly jobs: Jobs;
  readonly source: InventorySource;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly tokens: readonly TokenEntry[];
  readonly types: TypesDb;
  readonly retention: Retention;
  readonly inventoryTimeoutMs: number;
  readonly inventoryEveryMs: number;
  readonly bufferSamples: number;
  readonly maxSeries?: number;
  readonly links?: readonly Link[];
  /** Count what came unsigned as trusted. */
  readonly allowUnsigned?: boolean;
  /** Where samples wait while the store is away; default in memory. */
  readonly spool?: Spool;
  /** Notes what is in memory, for the process after a kill; default nowhere. */
  readonly mark?: HandMark;
  /** Datagrams that were received and not looked at yet. */
  readonly waitingDatagrams?: () => number;
  /** Datagrams that the kernel dropped before they could be read. */
  readonly kernelDrops?: () => number;
  /** Tells webhooks. */
  readonly post?: PostJson;
  readonly collectdLevel?: SecurityLevel;
  readonly passwordOf?: PasswordOf;
  /** Where syslog is listened for; undefined: nowhere. */
  readonly syslogPort?: number;
  readonly logMaxBytes?: number;
  readonly logMessagesPerSecond?: number;
  readonly basePath?: string;
  readonly openNetworks?: readonly string[];
  readonly docsToken?: string;
  readonly checkReplies?: boolean;
}
