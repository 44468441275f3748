import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emulatorLogin } from '@sidestep/cli';
import { openApiDocument, type ServiceName, serviceNames } from '@sidestep/contracts';
import { problemCatalogue } from '@sidestep/service-kit';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chainId, serverId } from './cloud.ts';
import { type ExampleRequest, exampleRequests } from './contract-examples.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
const folder = mkdtempSync(join(tmpdir(), 'sidestep-surface-'));
beforeAll(async () => {
  rig = await startRig();
}, 90_000);
afterAll(async () => {
  await rig?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** What a request may come to that is right as it stands, but asks for something that is not there or not possible. */
const refusals: readonly number[] = [404, 409, 422, 501];

describe.each(serviceNames)('%s', (name) => {
  // The contract's ids are made up: what there is in this cloud, or was made by a request before, stands for them.
  const real = substitutes();

  test.each(exampleRequests(openApiDocument(name)))(
    '$method $path works as the contract shows it',
    async (example) => {
      const response = await tried(name, real.into(example));
      const body = await textOf(response);

      if (response.ok) real.learn(example, body);
      else {
        const { code, status } = JSON.parse(body) as { code: string; status: number };
        expect(refusals).toContain(response.status);
        expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
        expect(
          Object.entries(problemCatalogue).find(([known]) => known === code)?.[1],
        ).toMatchObject({ status });
        // What is only read, and names nothing, is there or is told not to be available here.
        const namesNothing = example.method === 'GET' && !/\/.*\//.test(example.path);
        if (namesNothing) expect([404, 501]).toContain(response.status);
      }
    },
  );

  test('serves its contract, and a page to try it on', async () => {
    const contract = await fetch(`${rig.stack.url[name]}/openapi.json`);
    const served = (await contract.json()) as { paths: object };
    const page = await fetch(`${rig.stack.url[name]}/docs/`);
    const html = await page.text();

    expect(Object.keys(served.paths)).toEqual(Object.keys(openApiDocument(name).paths));
    expect(page.status).toBe(200);
    expect(html).toContain('swagger-ui');
    const parts = [...html.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)].map(([, file]) => file);
    expect(parts.length).toBeGreaterThan(1);
    for (const file of parts) {
      const part = await fetch(new URL(file ?? '', page.url));
      expect([file, part.status]).toEqual([file, 200]);
    }
  });

  test('with settings that cannot be used it exits 1 and names each fault', async () => {
    const ended = await runMain(name, {
      SIDESTEP_BIND: '127.0.0.1',
      [`SIDESTEP_${name.toUpperCase()}_PORT`]: 'eighty',
      SIDESTEP_BASE_PATH: 'no slash',
      SIDESTEP_REDIS_URL: 'http://127.0.0.1',
      SIDESTEP_LOG_LEVEL: 'loud',
    });

    expect(ended.code).toBe(1);
    for (const setting of [
      `SIDESTEP_${name.toUpperCase()}_PORT`,
      'SIDESTEP_BASE_PATH',
      'SIDESTEP_REDIS_URL',
      'SIDESTEP_LOG_LEVEL',
      'SIDESTEP_DATA_DIR',
      'SIDESTEP_TOKENS_FILE',
      'SIDESTEP_SERVICE_TOKEN_FILE',
    ])
      expect(ended.errors).toContain(`  ${setting}: `);
  });

  test('on a port that is in use it exits 1 with one line', async () => {
    const port = new URL(rig.stack.url[name]).port;
    const ended = await runMain(name, {
      ...emulatorLogin(rig.cloud, folder),
      SIDESTEP_DATA_DIR: mkdtempSync(join(folder, 'data-')),
      SIDESTEP_TOKENS_FILE: rig.stack.access.tokensFile,
      SIDESTEP_SERVICE_TOKEN_FILE: rig.stack.access.serviceTokenFile[name] ?? '',
      SIDESTEP_REDIS_URL: rig.redis.url,
      SIDESTEP_COLLECTD_PORT: '0',
      [`SIDESTEP_${name.toUpperCase()}_PORT`]: port,
    });

    expect(ended).toEqual({ code: 1, errors: `Port ${port} on 127.0.0.1 is in use\n` });
  });
});

async function tried(name: ServiceName, { method, path, body }: ExampleRequest): Promise<Response> {
  return fetch(`${rig.stack.url[name]}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${rig.stack.access.token.admin}`,
      ...(body === null ? {} : { 'content-type': body.type }),
    },
    ...(body === null ? {} : { body: body.text }),
    signal: AbortSignal.timeout(20_000),
  });
}

/** The answer's text; a stream that goes on is left after its beginning. */
async function textOf(response: Response): Promise<string> {
  if (!response.headers.get('content-type')?.startsWith('text/event-stream'))
    return response.text();
  await response.body?.cancel();
  return '';
}

function substitutes() {
  const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
  const servers = [serverId('lone'), serverId('fw'), serverId('ips'), serverId('web')];
  const known = new Map<string, string>();
  const idOf = (path: string): string | undefined => {
    const kind = path.split('/')[1] ?? '';
    if (kind === 'sfcs') return chainId;
    if (kind === 'vnfs' || kind === 'vnfinstances') return serverId('lone');
    return known.get(kind);
  };
  const inText = (text: string) =>
    text
      .replace(/(?<="sfcr_ids":\[")[^"]*/, (id) => known.get('sfcrs') ?? id)
      .replace(uuid, (id) => {
        if ([...known.values()].includes(id)) return id;
        const given = known.get(id) ?? servers[known.size % servers.length] ?? id;
        known.set(id, given);
        return given;
      });
  return {
    into: ({ path, body, ...same }: ExampleRequest): ExampleRequest => ({
      ...same,
      path: path.replace(/^(\/[a-z]+\/)([^/?]+)/, (whole, kind, id) => {
        // Names such as /query/top are no ids.
        return /^(x1|compute1|a{32})$/.test(id) || id.search(uuid) === 0
          ? kind + (idOf(path) ?? id)
          : whole;
      }),
      body: body === null ? null : { ...body, text: inText(body.text) },
    }),
    /** Keeps the id of what a request made, by the first part of its path. */
    learn: ({ method, path }: ExampleRequest, answer: string): void => {
      const kind = /^\/([a-z]+)$/.exec(path)?.[1];
      if (method !== 'POST' || kind === undefined || !/^["{]/.test(answer)) return;
      const made = JSON.parse(answer) as string | { id?: unknown };
      const id = typeof made === 'string' ? made : made.id;
      if (typeof id === 'string') known.set(kind, id);
    },
  };
}

async function runMain(
  name: ServiceName,
  env: Record<string, string>,
): Promise<{ code: number | null; errors: string }> {
  const main = new URL(`../../services/${name}/src/main.ts`, import.meta.url).pathname;
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString('utf8');
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, errors };
}
