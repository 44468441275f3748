import { fleetMirror, type MonitoringClient, type monitoring } from '@sidestep/contracts';
import type { ServerGroup } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import type { RaisedAlarm } from '../../domain/incident.ts';
import type { HostDoubt } from '../../domain/suspects.ts';
import type { FleetInventory, Telemetry } from '../../ports/telemetry.ts';
import { joinSeries } from './join-series.ts';
import { upstream } from './upstream.ts';

type Schemas = monitoring.components['schemas'];

/** Monitoring takes no more samples a request. */
const maxSamplesPerWrite = 10_000;

/** Alarms of a page; of the cleared ones, the latest first, only one page: those of before were looked at before. */
const maxAlarms = 1_000;

/** Telemetry by Monitoring's contract. */
export function monitoringTelemetry(client: MonitoringClient): Telemetry {
  const alarmsOf = (state: 'raised' | 'cleared', cursor: string | null) => {
    const query = { state, limit: maxAlarms, ...(cursor === null ? {} : { cursor }) };
    return upstream('monitoring', client.GET('/alarms', { params: { query } }));
  };
  return {
    readSamples: async ({ fromMs, toMs, tickMs, metrics, resources }) => {
      const query = {
        metrics: [...metrics],
        ...(resources === undefined ? {} : { resources: [...resources] }),
        from: new Date(fromMs).toISOString(),
        to: new Date(toMs).toISOString(),
        stepMs: tickMs,
        aggregate: 'mean' as const,
      };
      const windows = await twice(() =>
        upstream('monitoring', client.POST('/query', { body: query })),
      );
      return joinSeries(windows.series, windows.fromMs);
    },

    writeRisks: async (risks, { metric, atMs, horizonMs, model }) => {
      const labels = { horizon: `${horizonMs / 1000}s`, model };
      for (let at = 0; at < risks.length; at += maxSamplesPerWrite) {
        const samples = risks.slice(at, at + maxSamplesPerWrite).map(({ hostId, risk }) => ({
          resource: hostId,
          metric,
          labels,
          timestampMs: atMs,
          value: risk,
        }));
        await upstream('monitoring', client.POST('/samples', { body: { samples } }));
      }
    },

    writeSamples: async (samples, atMs) => {
      for (let at = 0; at < samples.length; at += maxSamplesPerWrite) {
        const page = samples.slice(at, at + maxSamplesPerWrite).map(({ labels, ...sample }) => ({
          ...sample,
          labels: { ...labels },
          timestampMs: atMs,
        }));
        await upstream('monitoring', client.POST('/samples', { body: { samples: page } }));
      }
    },

    ensureAlarmRule: async (rule) => {
      const { rules } = await upstream('monitoring', client.GET('/alarm-rules'));
      if (rules.some(({ metric }) => metric === rule.metric)) return;
      const body = { ...rule, comparison: '>=' as const, forMs: 0, clearForMs: 0 };
      await upstream('monitoring', client.POST('/alarm-rules', { body }));
    },

    readRaisedAlarms: async () => {
      const alarms: RaisedAlarm[] = [];
      let cursor: string | null = null;
      do {
        const page: { alarms: Schemas['Alarm'][]; nextCursor: string | null } = await alarmsOf(
          'raised',
          cursor,
        );
        alarms.push(...page.alarms.flatMap(raisedOnce));
        cursor = page.nextCursor;
      } while (cursor !== null);
      const cleared = await alarmsOf('cleared', null);
      return [...alarms, ...cleared.alarms.flatMap(raisedOnce)];
    },

    readDoubts: async () => {
      const doubts = new Map<string, HostDoubt>();
      for (const doubtful of [{ verdict: 'suspect' }, { trusted: false }] as const) {
        let cursor: string | null = null;
        do {
          const query = { kind: 'host', ...doubtful, limit: 1_000 } as const;
          const page: { resources: Schemas['ResourceQuality'][]; nextCursor: string | null } =
            await upstream(
              'monitoring',
              client.GET('/quality', {
                params: { query: { ...query, ...(cursor === null ? {} : { cursor }) } },
              }),
            );
          for (const { resource, trusted, reasons } of page.resources)
            doubts.set(resource, { trusted, faults: reasons });
          cursor = page.nextCursor;
        } while (cursor !== null);
      }
      return doubts;
    },

    readInventory: fleetMirror(async (query) => {
      const change = await upstream('monitoring', client.GET('/fleet', { params: { query } }));
      return { fleet: inventoryOf(change), change };
    }),

    readLatest: async (metric) => {
      const { samples } = await upstream(
        'monitoring',
        client.GET('/latest', { params: { query: { metric } } }),
      );
      return new Map(
        samples.flatMap(({ resource, value, fresh }) =>
          fresh ? [[resource, value] as const] : [],
        ),
      );
    },

    ping: async () => {
      await upstream('monitoring', client.GET('/health'));
      return { ok: true, detail: null };
    },
  };
}

function raisedOnce(alarm: Schemas['Alarm']): RaisedAlarm[] {
  if (alarm.raisedAt === null) return [];
  const { id, resource, metric, metrics = [metric], severity } = alarm;
  return [
    {
      id,
      resource,
      metric,
      metrics,
      severity,
      raisedAtMs: Date.parse(alarm.raisedAt),
      clearedAtMs: alarm.clearedAt === null ? null : Date.parse(alarm.clearedAt),
    },
  ];
}

/** A query changes nothing, so it may be sent again; the client does that for GETs only. */
async function twice<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProblemError) || !error.retryable) throw error;
    return ask();
  }
}

function inventoryOf(fleet: Schemas['Fleet']): FleetInventory {
  return {
    hosts: fleet.hosts.map((host) => ({
      id: host.id,
      state: host.state,
      status: host.status,
      zone: host.zone,
      aggregates: host.aggregates,
      cores: host.cores,
      capacity: {
        vcpus: host.vcpus,
        vcpusUsed: host.vcpusUsed,
        ramMiB: host.ramMiB,
        ramUsedMiB: host.ramUsedMiB,
        diskGiB: host.diskGiB,
        diskUsedGiB: host.diskUsedGiB,
      },
      quality: host.quality?.verdict ?? 'unknown',
      trusted: host.trusted ?? false,
    })),
    servers: fleet.servers.map(
      ({ id, name, hostId, status, taskState, vcpus, ramMiB, diskGiB, tags, zone, trusted }) => ({
        id,
        name,
        hostId,
        status,
        taskState,
        vcpus,
        ramMiB,
        diskGiB,
        tags,
        zone: zone ?? null,
        trusted: trusted ?? false,
      }),
    ),
    serverGroups: fleet.serverGroups.flatMap(({ id, policy, memberIds }) => {
      const known = groupPolicies.find((name) => name === policy);
      return known === undefined ? [] : [{ id, policy: known, memberIds }];
    }),
    chains: fleet.chains.map(({ id, name, hops }) => ({
      id,
      name,
      hops: hops.map(({ members }) => ({
        memberIds: members.flatMap(({ serverId }) => (serverId === null ? [] : [serverId])),
      })),
    })),
  };
}

const groupPolicies: readonly ServerGroup['policy'][] = [
  'affinity',
  'anti-affinity',
  'soft-affinity',
  'soft-anti-affinity',
];
