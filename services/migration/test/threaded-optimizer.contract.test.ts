import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { threadedOptimizer } from '../src/adapters/thread/threaded-optimizer.ts';
import type { OptimizationOrder } from '../src/ports/optimizer.ts';
import { decideLimits } from './fakes/world.ts';

const open: Server[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

/** A service that answers by path; what it has no answer to it leaves hanging. */
async function answering(answers: Record<string, (body: string) => unknown>): Promise<string> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const found = answers[new URL(request.url ?? '/', 'http://x').pathname];
    if (found === undefined) return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(found(body)));
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const order: OptimizationOrder = {
  request: {
    chainIds: null,
    weights: { delayMs: 1, risk: 10, move: 0.1 },
    moveBudget: 3,
    maxRisk: 0.5,
    assumedDelayMs: 2,
    timeLimitMs: 5_000,
    maxIterations: 200,
    seed: 1,
  },
  held: [],
  resting: [],
  rules: decideLimits.rules,
  triggerMetrics: ['host.cpuPercent'],
  maxInventoryAgeMs: 60_000,
};

const host = (id: string) => ({
  id,
  state: 'up',
  status: 'enabled',
  disabledReason: null,
  zone: 'nova',
  aggregates: [],
  ip: null,
  cores: 8,
  vcpus: 16,
  vcpusUsed: 1,
  ramMiB: 16_384,
  ramUsedMiB: 1_024,
  diskGiB: 100,
  diskUsedGiB: 1,
  telemetry: 'fresh',
  quality: { verdict: 'good', reasons: [] },
  trusted: true,
});
const server = (id: string, hostId: string) => ({
  id,
  name: id,
  hostId,
  status: 'ACTIVE',
  taskState: null,
  flavorId: null,
  imageId: null,
  vcpus: 1,
  ramMiB: 1_024,
  diskGiB: 1,
  tags: [],
  projectId: 'p-a',
  zone: 'nova',
  facts: { locked: false, localDisk: false, extraSpecs: {}, vnicTypes: ['normal'] },
  trusted: true,
  ports: [],
});
const member = (serverId: string) => ({
  portPairId: serverId,
  ingressPortId: serverId,
  egressPortId: serverId,
  serverId,
});
const fleet = {
  observedAt: '2026-11-20T12:00:00.000Z',
  ageMs: 10,
  problem: null,
  hosts: [host('h1'), host('h2')],
  servers: [server('a', 'h1'), server('b', 'h2')],
  serverGroups: [],
  chains: [
    {
      id: 'c',
      name: 'c',
      flowClassifierIds: [],
      hops: [
        { portPairGroupId: 'g1', members: [member('a')] },
        { portPairGroupId: 'g2', members: [member('b')] },
      ],
    },
  ],
};
const latest = () => ({
  samples: ['h1', 'h2'].map((resource) => ({
    resource,
    metric: 'host.cpuPercent',
    labels: {},
    timestamp: '2026-11-20T12:00:00.000Z',
    value: 20,
    ageMs: 10,
    fresh: true,
  })),
});
const scorer = { modelVersion: 'm1', fallback: null };
const answers = {
  '/fleet': () => fleet,
  '/links': () => [],
  '/latest': latest,
  '/alarms': () => ({ alarms: [], nextCursor: null }),
  '/risks': (body: string) => ({
    ...scorer,
    risks: ((body === '' ? {} : JSON.parse(body)).pairs ?? []).map(
      ({ hostId }: { hostId: string }) => ({ hostId, serverId: null, risk: 0.01, reasons: [] }),
    ),
  }),
};

test('the thread reads the fleet by itself and finds the move', async () => {
  const baseUrl = await answering(answers);
  const access = { baseUrl, token: 't', timeoutMs: 5_000 };
  const optimizer = threadedOptimizer({ monitoring: access, prediction: access, maxHeapMiB: 256 });

  const outcome = await optimizer.search(order, new AbortController().signal);

  expect(outcome).toMatchObject({
    kind: 'found',
    result: { before: { totalDelayMs: 2 }, after: { totalDelayMs: 0 }, modelVersion: 'm1' },
    moves: [{ state: 'proposed', projectId: 'p-a' }],
  });
});

test('a search that is called off, or whose thread breaks off, fails and says so', async () => {
  const baseUrl = await answering({});
  const access = { baseUrl, token: 't', timeoutMs: 60_000 };
  const options = { monitoring: access, prediction: access, maxHeapMiB: 256 };
  const broken = new URL('data:text/javascript,throw new Error("no such luck")');

  const calledOff = await threadedOptimizer(options).search(order, AbortSignal.timeout(300));
  const broke = await threadedOptimizer({ ...options, program: broken }).search(
    order,
    new AbortController().signal,
  );

  expect(calledOff).toMatchObject({ kind: 'failed', problem: { code: 'INTERNAL' } });
  expect(broke).toMatchObject({
    kind: 'failed',
    problem: { detail: expect.stringContaining('no such luck') },
  });
});
