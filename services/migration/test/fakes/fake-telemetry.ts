import type { FleetView } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import type { ChainQuality } from '../../src/domain/operation.ts';
import type { RaisedAlarm, Telemetry } from '../../src/ports/telemetry.ts';

export type FakeTelemetry = Telemetry & {
  view: FleetView;
  inventoryAgeMs: number | null;
  alarms: RaisedAlarm[];
  away: boolean;
  quality: ChainQuality;
  /** Peaks of hosts, where they are not what the view says. */
  readonly peakOf: Map<string, number>;
  /** Time spans that were asked for. */
  readonly spans: [number, number][];
  raise(hostId: string, parts?: Partial<RaisedAlarm>): void;
  clear(hostId: string): void;
};

/** Monitoring that knows a view. */
export function fakeTelemetry(view: FleetView): FakeTelemetry {
  const reachable = () => {
    if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'monitoring: no answer');
  };
  const fake: FakeTelemetry = {
    view,
    inventoryAgeMs: 1_000,
    alarms: [],
    away: false,
    peakOf: new Map(),
    quality: { requestsPerSecond: 100, responseTimeMs: 20 },
    spans: [],
    raise: (hostId, parts = {}) => {
      fake.alarms.push({
        id: `alarm-${hostId}`,
        ruleId: 'host-cpu-high',
        hostId,
        metric: 'host.cpuPercent',
        raisedAtMs: fake.view.atMs,
        ...parts,
      });
    },
    clear: (hostId) => {
      fake.alarms = fake.alarms.filter((alarm) => alarm.hostId !== hostId);
    },
    raisedAlarms: async () => {
      reachable();
      return fake.alarms;
    },
    inventory: async () => {
      reachable();
      const { hosts, servers, serverGroups, chains } = fake.view;
      return {
        ageMs: fake.inventoryAgeMs,
        hosts: hosts.map(({ cpuPercent, risk: _risk, ...host }) => ({
          ...host,
          telemetryFresh: cpuPercent !== 'unknown',
        })),
        servers: servers.map(({ cpuPercent: _cpuPercent, ...server }) => server),
        serverGroups,
        chains,
      };
    },
    newest: async (metric, resources) => {
      reachable();
      const rows = metric === 'host.cpuPercent' ? fake.view.hosts : fake.view.servers;
      return rows.flatMap(({ id, cpuPercent }) =>
        cpuPercent === 'unknown' || resources?.includes(id) === false
          ? []
          : [{ resource: id, value: cpuPercent, ageMs: 500, fresh: true }],
      );
    },
    means: async (metric, resources) => {
      reachable();
      const rows: readonly { id: string; cpuPercent: number | 'unknown' }[] =
        metric === 'host.cpuPercent' ? fake.view.hosts : fake.view.servers;
      return new Map(
        resources.map((resource) => {
          const value = rows.find(({ id }) => id === resource)?.cpuPercent ?? 'unknown';
          return [resource, value === 'unknown' ? null : value];
        }),
      );
    },
    peaks: async (metric, resources, fromMs, toMs) => {
      const now = await fake.means(metric, resources, fromMs, toMs);
      return new Map([...now].map(([id, value]) => [id, fake.peakOf.get(id) ?? value]));
    },
    chainQuality: async (chainIds, fromMs, toMs) => {
      reachable();
      fake.spans.push([fromMs, toMs]);
      return new Map(chainIds.map((id) => [id, fake.quality]));
    },
  };
  return fake;
}
