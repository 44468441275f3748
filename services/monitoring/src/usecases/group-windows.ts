import type { Inventory } from '../domain/fleet.ts';
import type { SeriesWindow } from '../ports/series-store.ts';

export type GroupBy = 'host' | 'zone' | 'aggregate';
export type GroupAggregate = 'mean' | 'max' | 'min' | 'sum' | 'count';

/** Puts the windows of a group's series into one, step by step; steps without any value stay null. */
export function groupWindows(
  windows: readonly SeriesWindow[],
  inventory: Inventory,
  by: GroupBy,
  aggregate: GroupAggregate,
): SeriesWindow[] {
  const groupsOf = groupsBy(inventory, by);
  const groups = new Map<string, { group: string; metric: string; members: SeriesWindow[] }>();
  for (const window of windows) {
    const { metric, resource } = window.series;
    for (const group of groupsOf(resource)) {
      const key = `${metric}\0${group}`;
      const known = groups.get(key) ?? { group, metric, members: [] };
      known.members.push(window);
      groups.set(key, known);
    }
  }
  return [...groups.values()].map(({ group, metric, members }) => ({
    series: { resource: group, metric, labels: { [by]: group } },
    values: (members[0]?.values ?? []).map((_, step) => {
      const values = members.flatMap(({ values: of }) => of[step] ?? []);
      return values.length === 0 ? null : combined(values, aggregate);
    }),
  }));
}

function groupsBy({ hosts, servers }: Inventory, by: GroupBy): (resource: string) => string[] {
  const hostOf = new Map(servers.map(({ id, hostId }) => [id, hostId ?? 'unknown'] as const));
  const byHost = new Map(hosts.map((host) => [host.id, host] as const));
  return (resource) => {
    const id = hostOf.get(resource) ?? resource;
    if (by === 'host') return [id];
    const host = byHost.get(id);
    if (by === 'zone') return [host?.zone ?? 'unknown'];
    return host === undefined || host.aggregates.length === 0 ? ['none'] : [...host.aggregates];
  };
}

function combined(values: readonly number[], aggregate: GroupAggregate): number {
  switch (aggregate) {
    case 'max':
      return values.reduce((most, value) => Math.max(most, value));
    case 'min':
      return values.reduce((least, value) => Math.min(least, value));
    case 'count':
      return values.length;
    default: {
      const sum = values.reduce((total, value) => total + value, 0);
      return aggregate === 'sum' ? sum : sum / values.length;
    }
  }
}
