import type { Host, Link } from '../domain/fleet.ts';
import { freshnessOfEntry, type SeriesCatalogue } from './series-catalogue.ts';

/** The declared links; a delay that was not declared is half the round trip that collectd's ping plugin measures, if it does. */
export function measuredLinks(
  links: readonly Link[],
  hosts: readonly Pick<Host, 'id' | 'ip'>[],
  catalogue: SeriesCatalogue,
  nowMs: number,
): Link[] {
  const ipOf = new Map(hosts.map(({ id, ip }) => [id, ip] as const));
  const roundTripMs = (from: string, to: string): number | undefined =>
    catalogue
      .matching({ resource: from, metric: 'host.pingMs' })
      .filter(({ labels }) => labels.target === to || labels.target === ipOf.get(to))
      .filter((entry) => freshnessOfEntry(entry, nowMs) === 'fresh')
      .map(({ newest }) => newest?.value)
      .find((value) => value !== undefined);
  return links.map((link) => {
    if (link.delayUs !== null) return link;
    const { node1Id, node2Id } = link;
    const measuredMs = roundTripMs(node1Id, node2Id) ?? roundTripMs(node2Id, node1Id);
    return measuredMs === undefined ? link : { ...link, delayUs: (measuredMs / 2) * 1000 };
  });
}
