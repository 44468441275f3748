import { answer, fleetMirror, type MonitoringClient, type monitoring } from '@sidestep/contracts';
import type { ServerGroup } from '@sidestep/fleet';
import type { ChainQuality } from '../../domain/operation.ts';
import type { Inventory, NewestSample } from '../../domain/view-of.ts';
import type { RaisedAlarm, Telemetry } from '../../ports/telemetry.ts';
import { translated } from './translated.ts';

type Schemas = monitoring.components['schemas'];

const groupPolicies = ['affinity', 'anti-affinity', 'soft-affinity', 'soft-anti-affinity'] as const;
const chainMetrics = ['chain.requestsPerSecond', 'chain.responseTimeMs'] as const;

/** Most resources of one question for newest samples, by Monitoring's contract. */
const maxResources = 20_000;
/** A resource's name in a question, by the contract. */
const askable = /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/;

/** Telemetry read from the Monitoring service. */
export function monitoringTelemetry(client: MonitoringClient): Telemetry {
  return {
    raisedAlarms: async () => {
      const raised: RaisedAlarm[] = [];
      let cursor: string | undefined;
      do {
        const query = { state: 'raised' as const, limit: 1_000, ...(cursor ? { cursor } : {}) };
        const page = await translated(
          answer('monitoring', client.GET('/alarms', { params: { query } })),
        );
        raised.push(...page.alarms.map(readAlarm));
        cursor = page.nextCursor ?? undefined;
      } while (cursor !== undefined);
      return raised;
    },

    inventory: fleetMirror(async (query) => {
      const change = await translated(
        answer('monitoring', client.GET('/fleet', { params: { query } })),
      );
      return { fleet: readInventory(change), change };
    }),

    newest: async (metric, resources) => {
      const chunks = resources === undefined ? [] : chunksOf(resources, maxResources);
      // Servers are called as their owners like: of a name that can't be asked for, all is looked through.
      const answers =
        resources?.every((name) => askable.test(name)) === true
          ? await Promise.all(
              chunks.map((part) =>
                translated(
                  answer(
                    'monitoring',
                    client.POST('/latest', { body: { metric, resources: [...part] } }),
                  ),
                ),
              ),
            )
          : [
              await translated(
                answer('monitoring', client.GET('/latest', { params: { query: { metric } } })),
              ),
            ];
      const wanted = resources && new Set(resources);
      return answers.flatMap(({ samples }) =>
        samples.flatMap(({ resource, value, ageMs, fresh }): NewestSample[] =>
          wanted?.has(resource) === false ? [] : [{ resource, value, ageMs, fresh }],
        ),
      );
    },

    means: async (metric, resources, fromMs, toMs) => {
      const { meanFor } = await meansOf(client, [metric], resources, fromMs, toMs);
      return new Map(resources.map((resource) => [resource, meanFor(resource, metric)]));
    },

    peaks: async (metric, resources, fromMs, toMs) => {
      const span = { resources, fromMs, toMs, stepMs: 10_000 };
      const valuesFor = await meansBySteps(client, [metric], span);
      return new Map(resources.map((resource) => [resource, peakOf(valuesFor(resource, metric))]));
    },

    chainQuality: async (chainIds, fromMs, toMs) => {
      const { meanFor } = await meansOf(client, chainMetrics, chainIds, fromMs, toMs);
      return new Map(
        chainIds.map((chainId): [string, ChainQuality] => [
          chainId,
          {
            requestsPerSecond: meanFor(chainId, 'chain.requestsPerSecond'),
            responseTimeMs: meanFor(chainId, 'chain.responseTimeMs'),
          },
        ]),
      );
    },
  };
}

async function meansOf(
  client: MonitoringClient,
  metrics: readonly string[],
  resources: readonly string[],
  fromMs: number,
  toMs: number,
) {
  const span = { resources, fromMs, toMs, stepMs: 1_000 };
  const valuesFor = await meansBySteps(client, metrics, span);
  return { meanFor: (resource: string, metric: string) => meanOf(valuesFor(resource, metric)) };
}

/** Means of each step of the time span, null where a step has no sample. */
async function meansBySteps(
  client: MonitoringClient,
  metrics: readonly string[],
  span: { resources: readonly string[]; fromMs: number; toMs: number; stepMs: number },
): Promise<(resource: string, metric: string) => readonly (number | null)[]> {
  const body = {
    resources: [...span.resources],
    metrics: [...metrics],
    from: new Date(span.fromMs).toISOString(),
    to: new Date(span.toMs).toISOString(),
    stepMs: span.stepMs,
    aggregate: 'mean' as const,
  };
  const { series } = await translated(answer('monitoring', client.POST('/query', { body })));
  return (resource, metric) =>
    series.find((each) => each.resource === resource && each.metric === metric)?.values ?? [];
}

/** The highest of the steps that have a sample; null where none has. */
function peakOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** Mean of the steps that have a sample; null where none has. */
function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

function readAlarm(alarm: Schemas['Alarm']): RaisedAlarm {
  return {
    id: alarm.id,
    ruleId: alarm.ruleId,
    hostId: alarm.resource,
    metric: alarm.metric,
    raisedAtMs: Date.parse(alarm.raisedAt ?? alarm.since),
    mode: alarm.mode ?? 'act',
    unseen: alarm.value === null,
  };
}

function chunksOf<T>(items: readonly T[], size: number): (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, at) =>
    items.slice(at * size, (at + 1) * size),
  );
}

function readInventory(fleet: Schemas['Fleet']): Inventory {
  return {
    ageMs: fleet.ageMs,
    hosts: fleet.hosts.map((host) => ({
      id: host.id,
      state: host.state,
      status: host.status,
      zone: host.zone,
      aggregates: host.aggregates,
      ...(host.aggregateMetadata === undefined
        ? {}
        : { aggregateMetadata: host.aggregateMetadata }),
      cores: host.cores,
      capacity: {
        vcpus: host.vcpus,
        vcpusUsed: host.vcpusUsed,
        ramMiB: host.ramMiB,
        ramUsedMiB: host.ramUsedMiB,
        diskGiB: host.diskGiB,
        diskUsedGiB: host.diskUsedGiB,
      },
      telemetryFresh: host.telemetry === 'fresh',
      quality: host.quality?.verdict ?? 'unknown',
      trusted: host.trusted ?? false,
    })),
    servers: fleet.servers.map((server) => ({
      id: server.id,
      name: server.name,
      hostId: server.hostId,
      status: server.status,
      taskState: server.taskState,
      vcpus: server.vcpus,
      ramMiB: server.ramMiB,
      diskGiB: server.diskGiB,
      tags: server.tags,
      ...(server.projectId === undefined ? {} : { projectId: server.projectId }),
      zone: server.zone ?? null,
      ...(server.facts === undefined ? {} : { facts: server.facts }),
      trusted: server.trusted ?? false,
    })),
    serverGroups: fleet.serverGroups.flatMap(({ id, policy, memberIds }) => {
      const known: ServerGroup['policy'] | undefined = groupPolicies.find(
        (each) => each === policy,
      );
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
