import type { HostSamples } from '../../domain/sample-window.ts';

/** One series of an answer of Monitoring: a metric of a resource under labels. */
export type LabelledSeries = {
  resource: string;
  metric: string;
  labels: Readonly<Record<string, string>>;
  values: readonly (number | null)[];
};

/**
 * One row a host and metric. A series without labels is the host's own. Where there are only parts (disks, interfaces),
 * rates are added up and shares are averaged; a tick that one part lacks is missing.
 */
export function joinSeries(
  series: readonly LabelledSeries[],
  firstTickAtMs: number,
): HostSamples[] {
  const groups = new Map<string, LabelledSeries[]>();
  for (const one of series) {
    const key = `${one.resource}\n${one.metric}`;
    const group = groups.get(key);
    if (group) group.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()].flatMap((parts) => {
    const whole = parts.find(({ labels }) => Object.keys(labels).length === 0) ?? parts[0];
    if (whole === undefined) return [];
    const { resource: hostId, metric } = whole;
    const values =
      parts.length === 1 || Object.keys(whole.labels).length === 0
        ? whole.values
        : whole.values.map((_, tick) => joined(parts, tick, metric));
    return [{ hostId, metric, firstTickAtMs, values }];
  });
}

function joined(parts: readonly LabelledSeries[], tick: number, metric: string): number | null {
  let sum = 0;
  for (const { values } of parts) {
    const value = values[tick];
    if (typeof value !== 'number') return null;
    sum += value;
  }
  return metric.endsWith('PerSecond') ? sum : sum / parts.length;
}
