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
  // A thousand hosts make a hundred thousand rows a minute: no key is built for each of them.
  const byMetric = new Map<string, Map<string, LabelledSeries[]>>();
  const groups: LabelledSeries[][] = [];
  for (const one of series) {
    let byResource = byMetric.get(one.metric);
    if (byResource === undefined) {
      byResource = new Map();
      byMetric.set(one.metric, byResource);
    }
    const group = byResource.get(one.resource);
    if (group !== undefined) group.push(one);
    else {
      const begun = [one];
      byResource.set(one.resource, begun);
      groups.push(begun);
    }
  }
  const rows: HostSamples[] = [];
  for (const parts of groups) {
    const whole = parts.length === 1 ? parts[0] : (parts.find(isBare) ?? parts[0]);
    if (whole === undefined) continue;
    const { resource: hostId, metric } = whole;
    const values =
      parts.length === 1 || isBare(whole)
        ? whole.values
        : whole.values.map((_, tick) => joined(parts, tick, metric));
    rows.push({ hostId, metric, firstTickAtMs, values });
  }
  return rows;
}

const isBare = ({ labels }: LabelledSeries): boolean => Object.keys(labels).length === 0;

function joined(parts: readonly LabelledSeries[], tick: number, metric: string): number | null {
  let sum = 0;
  for (const { values } of parts) {
    const value = values[tick];
    if (typeof value !== 'number') return null;
    sum += value;
  }
  return metric.endsWith('PerSecond') ? sum : sum / parts.length;
}
