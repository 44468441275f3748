import { readFileSync } from 'node:fs';

/** A recorded answer, parsed. */
export function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8'));
}

/** The recorded scenario `{request: [method, path, body], http, response}`. */
export function recording(name: string): {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
  readonly response: unknown;
} {
  const found = fixture(name);
  if (typeof found !== 'object' || found === null || !('request' in found)) throw new Error(name);
  const { request } = found;
  const status = 'http' in found ? Number(found.http) : 0;
  const response = 'response' in found ? found.response : null;
  if (!Array.isArray(request)) return { method: '', path: '', body: request, status, response };
  return {
    method: String(request[0]),
    path: String(request[1]),
    body: request[2],
    status,
    response,
  };
}
