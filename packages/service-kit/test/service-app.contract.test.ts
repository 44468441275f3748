import { openApiDocument, serviceNames } from '@sidestep/contracts';
import { afterEach, describe, expect, test } from 'vitest';
import { createServiceApp, type ServiceAppOptions } from '../src/app.ts';
import { roles } from '../src/auth.ts';
import { contractOperations } from '../src/contract-operations.ts';
import type { Handler } from '../src/handlers.ts';
import { type Listening, listen } from '../src/listen.ts';
import { silentLog } from '../src/log.ts';
import { testToken, testTokens } from '../src/testing/tokens.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(100)));
});

type AnyOperation = {
  parameters: object;
  responses: { 418: { content: { 'application/json': unknown } } };
};
type AnyOperations = Record<string, AnyOperation>;

/** A service of which every operation answers 418: what gets that far was let in. */
async function serve(
  service: (typeof serviceNames)[number],
  more: Partial<ServiceAppOptions<AnyOperations>> & { handler?: Handler<AnyOperation> } = {},
): Promise<string> {
  const reached = more.handler ?? (() => ({ status: 418 as const, body: { reached: true } }));
  const handlers = Object.fromEntries(
    contractOperations(openApiDocument(service)).map(({ operationId }) => [operationId, reached]),
  );
  const app = createServiceApp({
    service,
    version: '0.0.0',
    handlers,
    tokens: testTokens,
    log: silentLog,
    readiness: {},
    capabilities: () => [],
    ...more,
  });
  const server = await listen(app, '127.0.0.1', 0);
  open.push(server);
  return server.url;
}

const asked = (url: string, token?: string, init: RequestInit = {}) =>
  fetch(url, {
    ...init,
    headers: { ...init.headers, ...(token ? { authorization: `Bearer ${token}` } : {}) },
  });

describe.each(serviceNames)('access to %s', (service) => {
  const operations = contractOperations(openApiDocument(service));

  test('every route needs a token, and lets in no role below the contract’s', async () => {
    const url = await serve(service);

    for (const operation of operations) {
      const at = url + operation.path.replaceAll(/\{[^}]+\}/g, 'x1');
      const call = (token?: string) => asked(at, token, { method: operation.method.toUpperCase() });
      if (operation.role === null) {
        expect((await call()).status, `${operation.operationId} is open`).toBeLessThan(400);
        continue;
      }
      expect((await call()).status, `${operation.operationId} without a token`).toBe(401);
      expect((await call('wrong')).status, `${operation.operationId} with a wrong one`).toBe(401);
      for (const role of roles) {
        const { status } = await call(testToken(role));
        const refused = roles.indexOf(role) < roles.indexOf(operation.role);
        if (refused) expect(status, `${operation.operationId} as ${role}`).toBe(403);
        else expect([401, 403], `${operation.operationId} as ${role}`).not.toContain(status);
      }
    }
  });

  test('its own document and Swagger UI are served, also below a prefix', async () => {
    const url = await serve(service, { basePath: `/cloud/${service}` });

    const document = (await (await fetch(`${url}/cloud/${service}/openapi.json`)).json()) as {
      servers: unknown;
    };
    const behindProxy = (await (
      await fetch(`${url}/cloud/${service}/openapi.json`, {
        headers: { 'x-forwarded-prefix': '/ops' },
      })
    ).json()) as { servers: unknown };
    const page = await fetch(`${url}/cloud/${service}/docs`);

    expect(document.servers).toEqual([{ url: `/cloud/${service}` }]);
    expect(behindProxy.servers).toEqual([{ url: `/ops/cloud/${service}` }]);
    expect(page.url).toBe(`${url}/cloud/${service}/docs/`);
    expect(await page.text()).toContain('swagger-ui-bundle.js');
    expect((await fetch(`${url}/cloud/${service}/docs/swagger-ui-bundle.js`)).status).toBe(200);
    expect((await asked(`${url}/cloud/${service}/capabilities`, testToken('viewer'))).status).toBe(
      200,
    );
  });
});

describe('bad requests', () => {
  test('all faults of a body are listed with their places', async () => {
    const url = await serve('migration');

    const response = await asked(`${url}/settings`, testToken('admin'), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ mode: 'reckless', more: 1 }),
    });

    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    const problem = (await response.json()) as { code: string; errors: { pointer: string }[] };
    expect(problem.code).toBe('INVALID_REQUEST');
    expect(problem.errors.map((fault) => fault.pointer).toSorted()).toEqual([
      '/body/mode',
      '/body/more',
      '/body/policy',
    ]);
  });

  test.each([
    ['a body that is no JSON', '{"mode":', 400, 'INVALID_REQUEST'],
    [
      'a body over the limit',
      JSON.stringify({ mode: 'x'.repeat(3_000_000) }),
      413,
      'PAYLOAD_TOO_LARGE',
    ],
  ])('%s is refused', async (_case, body, status, code) => {
    const url = await serve('migration');

    const response = await asked(`${url}/settings`, testToken('admin'), {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body,
    });

    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, status });
  });

  test.each([
    ['an unknown path', 'GET', '/nowhere', 404],
    ['an unknown query parameter', 'GET', '/decisions?colour=red', 400],
    ['a parameter out of range', 'GET', '/decisions?limit=100000', 400],
    ['a method that the path has not', 'DELETE', '/policies', 405],
    ['a body of another type', 'PUT', '/settings', 415],
  ])('%s is a problem', async (_case, method, path, status) => {
    const url = await serve('migration');

    const response = await asked(`${url}${path}`, testToken('admin'), {
      method,
      ...(method === 'PUT' ? { body: 'mode=auto', headers: { 'content-type': 'text/plain' } } : {}),
    });

    expect(response.status).toBe(status);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
  });

  test('what breaks inside tells the client nothing but a trace id', async () => {
    const url = await serve('migration', {
      handler: () => {
        throw new Error('the password is swordfish');
      },
    });

    const response = await asked(`${url}/policies`, testToken('viewer'));

    const text = await response.text();
    expect(response.status).toBe(500);
    expect(text).not.toContain('swordfish');
    expect(JSON.parse(text)).toMatchObject({
      code: 'INTERNAL',
      traceId: response.headers.get('x-trace-id'),
    });
  });
});

describe('open networks', () => {
  test('a listed network reads the NI-Mon paths without a token, and nothing else', async () => {
    const url = await serve('monitoring', { openNetworks: ['127.0.0.0/8'] });

    expect((await fetch(`${url}/nodes`)).status).toBe(418);
    expect((await fetch(`${url}/fleet`)).status).toBe(401);
    expect((await asked(`${url}/nodes`, 'wrong')).status).toBe(401);
  });

  test('another network is asked for a token', async () => {
    const url = await serve('monitoring', { openNetworks: ['192.0.2.0/24'] });

    expect((await fetch(`${url}/nodes`)).status).toBe(401);
  });
});

test('readiness names the part that is missing', async () => {
  const url = await serve('nfvo', {
    readiness: {
      records: async () => ({ ok: true, detail: null }),
      neutron: async () => {
        throw new Error('connection refused');
      },
    },
  });

  const response = await fetch(`${url}/ready`);

  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    ready: false,
    parts: [
      { name: 'records', ok: true, detail: null },
      { name: 'neutron', ok: false, detail: 'connection refused' },
    ],
  });
});
