import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const HOUR_MS = 3_600_000;
const versions = { '2': 'v2.7.12', '3': '3.4.0' } as const;
const FILE_LIMIT =
  'External error: Query would exceed file limit of 432 parquet files. Please specify a smaller time range for your query.';

/**
 * An InfluxDB 1.x that behaves towards its callers as the compatible interfaces of 2.x and 3 Core are documented: a token is
 * needed; databases are not made, and in 3 nothing is deleted, by statements; bound parameters are unknown; in 3 a table's tags
 * are those of its first line, and a query reads 72 hours at most.
 */
export async function influxManners(target: string, generation: '2' | '3', token: string) {
  const tagsOfTable = new Map<string, string>();
  const forward = async (path: string, method: string, body?: string) => {
    const response = await fetch(`${target}${path}`, {
      method,
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  };
  const isAllowed = (authorization = ''): boolean => {
    const [scheme, value = ''] = authorization.split(' ');
    if (scheme === 'Token' || scheme === 'Bearer') return value === token;
    return Buffer.from(value, 'base64').toString().split(':')[1] === token;
  };

  const refusedWrite = (database: string | null, body: string): string | undefined => {
    if (generation === '2') return undefined;
    for (const line of body.split('\n')) {
      const [head = ''] = line.split(/(?<!\\) /);
      const [table = '', ...tags] = head.split(/(?<!\\),/);
      const names = tags.map((tag) => tag.split('=')[0]).join();
      const key = `${database} ${table}`;
      const known = tagsOfTable.get(key) ?? names;
      tagsOfTable.set(key, known);
      if (known !== names) return `table ${table} has the tags ${known}, not ${names}`;
    }
    return undefined;
  };

  const refusedQuery = (statement: string): string | undefined => {
    if (/^CREATE/i.test(statement)) return 'not implemented: CREATE DATABASE';
    if (generation === '2') return undefined;
    if (/^(DELETE|DROP)/i.test(statement)) return 'not implemented: DELETE';
    if (!/^SELECT/i.test(statement)) return undefined;
    const [, from, to] = /time >= (\d+)ms AND time < (\d+)ms/.exec(statement) ?? [];
    const [, back] = /time > now\(\) - (\d+)ms/.exec(statement) ?? [];
    const spanMs = back === undefined ? Number(to) - Number(from) : Number(back);
    return spanMs <= 72 * HOUR_MS ? undefined : FILE_LIMIT;
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '/', 'http://front');
    let body = '';
    for await (const chunk of request) body += chunk;
    const form = new URLSearchParams(request.method === 'POST' ? body : url.search);
    response.setHeader('x-influxdb-version', versions[generation]);
    const tell = (status: number, text: string): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(text);
    };
    if (url.pathname === '/ping') return tell(generation === '2' ? 204 : 200, '');
    if (!isAllowed(request.headers.authorization)) {
      return tell(401, JSON.stringify({ code: 'unauthorized', error: 'unauthorized access' }));
    }
    const refused =
      url.pathname === '/write'
        ? refusedWrite(url.searchParams.get('db'), body)
        : refusedQuery(form.get('q') ?? '');
    if (refused !== undefined) return tell(400, JSON.stringify({ error: refused }));
    form.delete('params');
    const isQuery = url.pathname === '/query';
    const path = isQuery ? `/query?${form}` : `${url.pathname}${url.search}`;
    const { status, text } = await forward(
      path,
      request.method ?? 'GET',
      isQuery || request.method === 'GET' ? undefined : body,
    );
    tell(status, text);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    makeDatabase: (name: string) =>
      forward(`/query?${new URLSearchParams({ q: `CREATE DATABASE "${name}"` })}`, 'POST'),
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
