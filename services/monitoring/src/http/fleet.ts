import { randomBytes } from 'node:crypto';
import type { monitoring } from '@sidestep/contracts';
import type { Clock, Handlers } from '@sidestep/service-kit';
import type { Host, ObservedInventory, ServerFacts } from '../domain/fleet.ts';
import { FleetRevisions } from '../usecases/fleet-revisions.ts';
import type { QualityDesk } from '../usecases/quality-desk.ts';
import { freshnessOfEntry, type SeriesCatalogue } from '../usecases/series-catalogue.ts';
import { timestampOrNull } from './times.ts';

export function fleetHandlers(
  inventory: () => ObservedInventory,
  catalogue: SeriesCatalogue,
  quality: QualityDesk,
  clock: Clock,
): Pick<Handlers<monitoring.operations>, 'getFleet'> {
  const revisions = new FleetRevisions(randomBytes(4).toString('hex'), quality.trust);
  return {
    getFleet: ({ query }) => {
      const { inventory: known, observedAtMs, problem } = inventory();
      const nowMs = clock.now();
      const { servers, chains, goneIds, revision, since } = revisions.changes(known, query.since);
      const telemetryOf = (resource: string) =>
        freshnessOfEntry(catalogue.plainOf(resource, 'host.cpuPercent'), nowMs);
      const qualityOf = (host: string) => {
        const { verdict, trusted, reasons } = quality.of(host, 'host', nowMs);
        return { quality: { verdict, reasons: [...reasons] }, trusted };
      };
      return {
        status: 200,
        body: {
          observedAt: timestampOrNull(observedAtMs),
          ageMs: observedAtMs === null ? null : Math.max(0, nowMs - observedAtMs),
          problem,
          hosts: known.hosts.map((host) => ({
            ...vimBody(host),
            telemetry: telemetryOf(host.id),
            ...qualityOf(host.id),
          })),
          revision,
          since,
          goneIds: [...goneIds],
          servers: servers.map(({ facts, ...server }) => ({
            ...server,
            ...(facts === undefined ? {} : { facts: factsBody(facts) }),
            tags: [...server.tags],
            trusted: quality.isTrusted(server.id),
            ports: server.ports.map((port) => ({ ...port, ipAddresses: [...port.ipAddresses] })),
          })),
          serverGroups: known.serverGroups.map((group) => ({
            ...group,
            memberIds: [...group.memberIds],
          })),
          chains: chains.map((chain) => ({
            ...chain,
            flowClassifierIds: [...chain.flowClassifierIds],
            hops: chain.hops.map(({ portPairGroupId, members }) => ({
              portPairGroupId,
              members: members.map((member) => ({ ...member })),
            })),
          })),
        },
      };
    },
  };
}

/** What the VIM tells of a host, as it is answered: it is the same host until a reading says otherwise. */
function vimBody(host: Host): ReturnType<typeof vimBodyOf> {
  const known = vimBodies.get(host);
  if (known !== undefined) return known;
  const made = vimBodyOf(host);
  vimBodies.set(host, made);
  return made;
}
const vimBodies = new WeakMap<Host, ReturnType<typeof vimBodyOf>>();

const vimBodyOf = ({ aggregateMetadata, ...host }: Host) => ({
  ...host,
  ...metadataBody(aggregateMetadata),
  aggregates: [...host.aggregates],
});

const metadataBody = (metadata: Host['aggregateMetadata']) =>
  metadata === undefined
    ? {}
    : {
        aggregateMetadata: Object.fromEntries(
          Object.entries(metadata).map(([key, values]) => [key, [...values]]),
        ),
      };

const factsBody = ({ extraSpecs, imageProperties, vnicTypes, ...facts }: ServerFacts) => ({
  ...facts,
  extraSpecs: { ...extraSpecs },
  ...(imageProperties === undefined ? {} : { imageProperties: { ...imageProperties } }),
  vnicTypes: [...vnicTypes],
});
