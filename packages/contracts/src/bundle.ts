import { parse } from 'yaml';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type OpenApiDocument = {
  openapi: string;
  info: { title: string; version: string; description?: string };
  servers: { url: string; description?: string }[];
  paths: Record<string, Record<string, Json>>;
  components: Record<string, Record<string, Json>>;
  [key: string]: unknown;
};

/** Lays the common paths and components into a service's document; a name in both is a fault. */
export function bundle(serviceYaml: string, commonYaml: string): OpenApiDocument {
  const service = parse(serviceYaml) as OpenApiDocument;
  const common = parse(commonYaml) as Pick<OpenApiDocument, 'paths' | 'components'>;
  const components: OpenApiDocument['components'] = {};
  for (const kind of new Set([
    ...Object.keys(common.components),
    ...Object.keys(service.components ?? {}),
  ])) {
    components[kind] = joined(
      `components/${kind}`,
      service.components?.[kind] ?? {},
      common.components[kind] ?? {},
    );
  }
  return { ...service, paths: joined('paths', service.paths, common.paths), components };
}

function joined<T>(
  where: string,
  own: Record<string, T>,
  common: Record<string, T>,
): Record<string, T> {
  const twice = Object.keys(own).filter((name) => name in common);
  if (twice.length > 0)
    throw new Error(
      `${where} stands in the service's and the common document: ${twice.join(', ')}`,
    );
  return { ...own, ...common };
}
