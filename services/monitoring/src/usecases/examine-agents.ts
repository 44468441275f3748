import type { Inventory, Link } from '../domain/fleet.ts';
import type { QualityFault } from '../domain/quality.ts';
import { isOwnMetric, isRawMetric } from '../domain/series.ts';
import type { Gap } from '../ports/spool.ts';
import type { QualityDesk, ResourceQuality } from './quality-desk.ts';
import type { RefusedClock, RefusedClocks } from './refused-clocks.ts';
import { freshnessOfEntry, type SeriesCatalogue } from './series-catalogue.ts';

/** One thing that is wrong with the agents, and what to do about it. */
export interface Finding {
  readonly resource: string | null;
  readonly metric: string | null;
  readonly finding:
    | QualityFault
    | 'untrusted'
    | 'unknown-resource'
    | 'datagrams-refused'
    | 'samples-lost';
  readonly hint: string;
}

/** What every host is expected to report, and the collectd plugin that does. */
export const expectedOfHosts: Readonly<Record<string, string>> = {
  'host.cpuPercent': 'cpu',
  'host.memPercent': 'memory',
  'host.loadShort': 'load',
  'host.diskReadBytesPerSecond': 'disk',
  'host.diskWriteBytesPerSecond': 'disk',
  'host.netRxBytesPerSecond': 'interface',
  'host.netTxBytesPerSecond': 'interface',
};

const hints: Readonly<Record<QualityFault, string>> = {
  missing: 'It was never reported',
  stale: 'It is late: look whether collectd runs and its datagrams arrive',
  gappy: 'Samples are lost on the way: look at the network and at the sender’s load',
  'clock-skew': 'Set the sender’s clock (NTP)',
  stuck: 'The value does not change: look whether the plugin reads what it should',
  'implausible-jump': 'The value jumped as it cannot: look at the sender’s configuration',
  'wrong-unit': 'The value lies outside its unit: percentages are 0–100, not 0–1',
};

export interface Examined {
  readonly quality: QualityDesk;
  readonly catalogue: SeriesCatalogue;
  readonly inventory: () => Inventory;
  readonly links: readonly Link[];
  /** Refused datagrams by reason, since the start. */
  readonly refused: ReadonlyMap<string, number>;
  /** Whose readings were refused for their time. */
  readonly clocks: Pick<RefusedClocks, 'lately'>;
  /** Samples that were lost: while the store was away, or with an earlier process. */
  readonly gaps: () => readonly Gap[];
}

const DAY_MS = 86_400_000;

/** Looks at every expected host and server, and at who sends without being expected. */
export function examineAgents(examined: Examined, nowMs: number): Finding[] {
  const { quality, catalogue, inventory, refused, clocks, gaps } = examined;
  const { hosts, servers } = inventory();
  const ofHosts = hosts.flatMap(({ id }): Finding[] => {
    const missing = Object.entries(expectedOfHosts)
      .filter(([metric]) => catalogue.matching({ resource: id, metric }).length === 0)
      .map(([metric, plugin]) => ({
        resource: id,
        metric,
        finding: 'missing' as const,
        hint: `Load collectd’s plugin ${plugin} on ${id}, and send to this service`,
      }));
    return [...missing, ...faultsOf(quality.of(id, 'host', nowMs))];
  });
  const ofServers = servers
    .filter(({ status }) => status === 'ACTIVE')
    .flatMap(({ id, hostId }): Finding[] =>
      catalogue.matching({ resource: id, metric: 'server.cpuPercent' }).length > 0
        ? faultsOf(quality.of(id, 'server', nowMs))
        : [
            {
              resource: id,
              metric: 'server.cpuPercent',
              finding: 'missing',
              hint: `Load collectd’s plugin virt on ${hostId ?? 'its host'}, or an agent inside the server`,
            },
          ],
    );
  const strangers = onlyTelemetry(examined, nowMs)
    .filter(({ fresh }) => fresh)
    .map(
      ({ id }): Finding => ({
        resource: id,
        metric: null,
        finding: 'unknown-resource',
        hint: 'Its Hostname is no compute host, and no server’s id or name: set it, or FQDNLookup',
      }),
    );
  const datagrams = [...refused].map(
    ([reason, count]): Finding => ({
      resource: null,
      metric: null,
      finding: 'datagrams-refused',
      hint: `${count} datagrams were refused since the start: ${reason}`,
    }),
  );
  const skewed = clocks.lately(nowMs).map(skewOf);
  return [...ofHosts, ...ofServers, ...skewed, ...strangers, ...datagrams, ...gaps().map(lossOf)];
}

function skewOf({ resource, skewMs, refused }: RefusedClock): Finding {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const where = skewMs > 0 ? 'ahead of' : 'behind';
  return {
    resource,
    metric: null,
    finding: 'clock-skew',
    hint: `Set the sender’s clock (NTP): it is ${seconds} s ${where} ours, and ${refused} of its readings were refused lately`,
  };
}

const causes = {
  killed: 'Monitoring was killed, and received nothing until it was there again',
  'store-away': 'the store was away for too long',
} as const;

const lossOf = ({ samples, fromMs, toMs, cause = 'store-away' }: Gap): Finding => ({
  resource: null,
  metric: null,
  finding: 'samples-lost',
  hint: `${cause === 'killed' ? 'At most ' : ''}${samples} samples from ${new Date(fromMs).toISOString()} to ${new Date(toMs).toISOString()}: ${causes[cause]}`,
});

function faultsOf({ resource, reasons, trusted, kind }: ResourceQuality): Finding[] {
  const faults = reasons
    .filter(({ fault }) => fault !== 'missing')
    .map(
      ({ metric, fault }): Finding => ({ resource, metric, finding: fault, hint: hints[fault] }),
    );
  if (trusted || kind !== 'host') return faults;
  const hint = 'It sends unsigned datagrams: set SecurityLevel "Sign", or allow unsigned ones';
  return [...faults, { resource, metric: null, finding: 'untrusted', hint }];
}

/** Resources that sent within a day and are in no inventory. */
export function onlyTelemetry(
  { catalogue, inventory }: Pick<Examined, 'catalogue' | 'inventory'>,
  nowMs: number,
): { id: string; newestMs: number; fresh: boolean }[] {
  const { hosts, servers, chains } = inventory();
  const known = new Set([...hosts, ...servers, ...chains].map(({ id }) => id));
  const found = new Map<string, { id: string; newestMs: number; fresh: boolean }>();
  for (const entry of catalogue.matching({})) {
    const { resource: id, metric, newest } = entry;
    if (known.has(id) || isRawMetric(metric) || isOwnMetric(metric) || newest === undefined)
      continue;
    if (nowMs - newest.timeMs > DAY_MS) continue;
    const before = found.get(id);
    const fresh = freshnessOfEntry(entry, nowMs) === 'fresh';
    found.set(id, {
      id,
      newestMs: Math.max(newest.timeMs, before?.newestMs ?? 0),
      fresh: fresh || before?.fresh === true,
    });
  }
  return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** Hosts, servers and chains of the VIM of which nothing arrives. */
export function onlyVim(
  { catalogue, inventory }: Pick<Examined, 'catalogue' | 'inventory'>,
  nowMs: number,
): { id: string; kind: ResourceQuality['kind'] }[] {
  const { hosts, servers, chains } = inventory();
  const isSilent = ({ id }: { readonly id: string }): boolean =>
    !catalogue
      .matching({ resource: id })
      .some((entry) => !isOwnMetric(entry.metric) && freshnessOfEntry(entry, nowMs) === 'fresh');
  return [
    ...hosts.filter(isSilent).map(({ id }) => ({ id, kind: 'host' as const })),
    ...servers.filter(isSilent).map(({ id }) => ({ id, kind: 'server' as const })),
    ...chains.filter(isSilent).map(({ id }) => ({ id, kind: 'chain' as const })),
  ];
}
