import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type ProbeSetting, probesFile } from '../src/adapters/probes/probe-settings.ts';
import { served } from './fakes/served.ts';

/** Probes as read from a file with this in it. */
function configured(...probes: object[]): readonly ProbeSetting[] {
  return probesFile().parse(fileWith(JSON.stringify({ probes })));
}

function fileWith(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'nfvo-probes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'probes.json');
  writeFileSync(path, text);
  return path;
}

async function web(status: number | 'silent'): Promise<string> {
  const server = createServer((_request, response) => {
    if (status !== 'silent') response.writeHead(status).end('through the chain');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`;
}

async function probe(probes: readonly ProbeSetting[]) {
  const { ask } = await served({ probes });
  const sfcr = (await ask('POST', '/sfcrs', { name: 'web', source_client: 'client' })).body;
  const id = (
    await ask('POST', '/sfcs', {
      sfc_name: 'inspected',
      sfcr_ids: [sfcr],
      vnf_instance_ids: [['fw']],
    })
  ).body;
  const { status, body } = await ask('POST', `/sfcs/${id}/probe`);
  expect(status).toBe(200);
  return { id, body };
}

const node = (code: string, more: object = {}) => ({
  name: 'ping',
  kind: 'command',
  chains: ['*'],
  file: process.execPath,
  args: ['-e', code, '{chainId}'],
  ...more,
});

test('where none is configured, the answer says so', async () => {
  const { id, body } = await probe(configured(node('', { chains: ['another'] })));

  expect(body).toEqual({
    chainId: id,
    outcome: 'none',
    probe: null,
    kind: null,
    tookMs: null,
    detail: `No probe is configured for port chain ${id} (inspected)`,
  });
});

test.each([
  [200, {}, 'passed', 'answered 200'],
  [503, {}, 'failed', 'answered 503'],
  [302, {}, 'failed', 'answered 302'],
  [404, { status: [404, 404] }, 'passed', 'answered 404'],
  ['silent', { timeoutMs: 50 }, 'failed', 'no answer within 50 ms'],
] as const)('an HTTP answer of %s with %j has %s', async (status, more, outcome, detail) => {
  const url = await web(status);

  const { id, body } = await probe(
    configured({ name: 'web', kind: 'http', chains: ['inspected'], url, ...more }),
  );

  expect(body).toMatchObject({ chainId: id, outcome, probe: 'web', kind: 'http', detail });
});

test('a server that refuses the connection has failed', async () => {
  const { body } = await probe(
    configured({ name: 'web', kind: 'http', chains: ['*'], url: 'http://127.0.0.1:1/' }),
  );

  expect(body).toMatchObject({ outcome: 'failed' });
});

test.each([
  ['ends with 0', node('console.log("1 packets received")'), 'passed', '1 packets received'],
  [
    'ends with 2',
    node('console.error("unreachable");process.exit(2)'),
    'failed',
    'ended with 2: unreachable',
  ],
  [
    'hangs',
    node('setInterval(()=>{},1000)', { timeoutMs: 200 }),
    'failed',
    'did not end within 200 ms',
  ],
  ['is not there', node('', { file: '/nowhere/ping' }), 'failed', 'ended with ENOENT'],
  ['says too much', node('console.log("x".repeat(1e6))'), 'failed', 'MAXBUFFER'],
  [
    'sees no environment of ours',
    node('console.log(Object.keys(process.env).sort().join())'),
    'passed',
    'LC_ALL,PATH',
  ],
])('a command that %s is told so', async (_case, setting, outcome, detail) => {
  const { body } = await probe(configured(setting));

  expect(body).toMatchObject({ outcome, kind: 'command', probe: 'ping' });
  expect(body).toMatchObject({ detail: expect.stringContaining(detail) });
});

test('a command is told the chain’s id, as one argument, and no shell reads it', async () => {
  const { id, body } = await probe(
    configured(
      node('console.log(process.argv.slice(1).join("|"))', {
        args: [
          '-e',
          'console.log(process.argv.slice(1).join("|"))',
          '{chainId}',
          '$(id); x{chainId}',
        ],
      }),
    ),
  );

  expect(body).toMatchObject({ detail: `${id}|$(id); x{chainId}` });
});

test('the probe that names the chain goes before the one for all', async () => {
  const { body } = await probe(
    configured(node('process.exit(1)'), node('', { name: 'its-own', chains: ['inspected'] })),
  );

  expect(body).toMatchObject({ outcome: 'passed', probe: 'its-own' });
});

test.each([
  ['no JSON', '{'],
  ['a relative program', { probes: [node('', { file: 'ping' })] }],
  ['an unknown field', { probes: [node('', { shell: true })] }],
  ['a name twice', { probes: [node(''), node('', { chains: ['x'] })] }],
  ['a chain with two probes', { probes: [node(''), node('', { name: 'other' })] }],
  [
    'another scheme',
    { probes: [{ name: 'f', kind: 'http', chains: ['*'], url: 'file:///etc/passwd' }] },
  ],
  ['no limit of time', { probes: [node('', { timeoutMs: 3_600_000 })] }],
])('a file of probes with %s stops the start', (_case, content) => {
  const path = fileWith(typeof content === 'string' ? content : JSON.stringify(content));

  expect(probesFile().safeParse(path).success).toBe(false);
});
