import { readFileSync } from 'node:fs';
import type { OpenApiDocument } from './bundle.ts';
import type { ServiceName } from './service-names.ts';

/** The bundled OpenAPI document of a service; a fresh copy at each call. */
export function openApiDocument(service: ServiceName): OpenApiDocument {
  return JSON.parse(
    readFileSync(new URL(`./generated/${service}.json`, import.meta.url), 'utf8'),
  ) as OpenApiDocument;
}
