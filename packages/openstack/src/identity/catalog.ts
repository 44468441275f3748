import { OpenStackError } from '../errors.ts';
import type { JsonNode } from '../http/json-node.ts';
import type { CatalogService, EndpointInterface, ServiceType } from '../types/identity.ts';

/** Other names under which clouds list a service (the service-types authority's aliases). */
const ALIASES: Readonly<Record<ServiceType, readonly string[]>> = {
  identity: ['identity', 'identityv3'],
  compute: ['compute', 'computev21'],
  placement: ['placement'],
  network: ['network', 'networking'],
  image: ['image', 'imagev2'],
  container: ['container', 'application-container'],
};

/** Reads the catalogue of a token. */
export function readCatalog(token: JsonNode): CatalogService[] {
  return token.optionalList('catalog').map((service) => ({
    type: service.string('type'),
    name: service.nullableString('name') ?? '',
    endpoints: service.list('endpoints').map((endpoint) => ({
      interface: endpoint.string('interface'),
      region: endpoint.nullableString('region_id') ?? endpoint.nullableString('region') ?? '',
      url: endpoint.string('url'),
    })),
  }));
}

/** Which endpoint to use. */
export type EndpointChoice = {
  readonly region: string | null;
  readonly interface: EndpointInterface;
};

/**
 * URL of a service, without trailing slash. A catalogue of several regions needs one named:
 * to take any would operate on whichever comes first.
 */
export function endpointOf(
  catalog: readonly CatalogService[],
  service: ServiceType,
  choice: EndpointChoice,
  path: string,
): string {
  const missing = (detail: string): never => {
    throw new OpenStackError({
      kind: 'not-found',
      service,
      method: 'POST',
      path,
      detail,
    });
  };
  const offered = catalog
    .filter(({ type }) => ALIASES[service].includes(type))
    .flatMap(({ endpoints }) => endpoints)
    .filter((endpoint) => endpoint.interface === choice.interface);
  if (offered.length === 0) missing(`the catalogue has no ${choice.interface} endpoint`);
  const regions = [...new Set(offered.map(({ region }) => region))].sort();
  if (choice.region === null && regions.length > 1) {
    missing(`the catalogue has the regions ${regions.join(', ')}: name one`);
  }
  const region = choice.region ?? regions[0];
  const found = offered.find((endpoint) => endpoint.region === region);
  if (found === undefined) {
    return missing(
      `no ${choice.interface} endpoint in region ${region}, only in ${regions.join(', ')}`,
    );
  }
  return found.url.replace(/\/+$/, '');
}
