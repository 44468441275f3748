import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answer, type NfvoClient, serviceClient } from '@sidestep/contracts';
import {
  acceleratedClock,
  type CloudSpec,
  type Emulator,
  serverIdOf,
  startEmulator,
} from '@sidestep/emulator';
import { createOpenStack, type OpenStack } from '@sidestep/openstack';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { expect, onTestFinished, test } from 'vitest';

const load = {
  baseCores: 0.05,
  cpuMsPerRequest: 6,
  dirtyMiBPerSecond: 20,
  workingSetMiB: 128,
  memoryRatio: 0.5,
};
const traffic = { clients: 8, thinkMs: 60, timeoutMs: 3000 };

const spec: CloudSpec = {
  name: 'nfvo',
  seed: 11,
  region: 'RegionOne',
  hosts: [1, 2, 3, 4].map((number) => ({
    name: `compute${number}`,
    cores: 12,
    ramMiB: 24_576,
    diskGiB: 500,
    backgroundCores: 2,
    noisePercent: 1,
    migrationMiBPerSecond: 128,
    cpuAllocationRatio: 2,
    ramAllocationRatio: 1,
  })),
  flavors: [{ id: 'small', name: 'small', vcpus: 1, ramMiB: 512, diskGiB: 5 }],
  servers: ['client', 'fw', 'fw2', 'ips', 'web'].map((name, index) => ({
    ...load,
    name,
    flavor: 'small',
    host: `compute${(index % 3) + 1}`,
  })),
  chains: [],
  stress: [],
  defaultTraffic: traffic,
  defaultServerLoad: load,
};
const id = (server: string) => serverIdOf(spec, server);

type Rig = {
  emulator: Emulator;
  openstack: OpenStack;
  nfvo: NfvoClient;
  /** kill -9 of the service, and a new one on the same data. */
  killAndRestart(): Promise<void>;
};

async function rig(): Promise<Rig> {
  // Cloud time runs ten times as fast: a live migration takes about a second.
  const emulator = await startEmulator(spec, { clock: acceleratedClock({ factor: 10 }) });
  onTestFinished(() => emulator.close());
  const { authUrl, credentials } = emulator;
  const folder = mkdtempSync(join(tmpdir(), 'nfvo-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    SIDESTEP_NFVO_PORT: String(port),
    SIDESTEP_DATA_DIR: folder,
    SIDESTEP_LOG_LEVEL: 'error',
    SIDESTEP_TOKENS_FILE: file('tokens.json', JSON.stringify(testTokens)),
    SIDESTEP_SERVICE_TOKEN_FILE: file('token', testToken('operator')),
    OS_AUTH_URL: authUrl,
    OS_USERNAME: credentials.username,
    OS_PASSWORD_FILE: file('password', credentials.password),
    OS_PROJECT_NAME: credentials.projectName,
    OS_REGION_NAME: credentials.regionName,
  };
  const baseUrl = `http://127.0.0.1:${port}`;
  let child = await started(env, baseUrl);
  onTestFinished(async () => {
    await stopped(child, 'SIGTERM');
  });
  return {
    emulator,
    openstack: createOpenStack({
      authUrl,
      region: credentials.regionName,
      auth: {
        kind: 'password',
        username: credentials.username,
        password: credentials.password,
        projectName: credentials.projectName,
      },
    }),
    nfvo: serviceClient('nfvo', { baseUrl, token: testToken('operator'), timeoutMs: 60_000 }),
    killAndRestart: async () => {
      await stopped(child, 'SIGKILL');
      child = await started(env, baseUrl);
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function started(
  env: Record<string, string | undefined>,
  baseUrl: string,
): Promise<ChildProcess> {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  await until('the service is ready', async () => {
    if (child.exitCode !== null) throw new Error(`nfvo ended with ${child.exitCode}`);
    const response = await fetch(`${baseUrl}/ready`).catch(() => undefined);
    return response?.status === 200;
  });
  return child;
}

async function stopped(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await gone;
}

async function until(what: string, holds: () => Promise<boolean>, withinMs = 60_000) {
  const deadline = Date.now() + withinMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(50);
  }
}

async function makeChain(
  { nfvo }: Rig,
  hops: string[][],
  hopOptions: { stateless?: boolean }[] = hops.map(() => ({})),
): Promise<string> {
  const sfcr = await answer(
    'nfvo',
    nfvo.POST('/sfcrs', {
      body: {
        name: 'web',
        source_client: id('client'),
        destination_client: id('web'),
        proto: 'tcp',
      },
    }),
  );
  return answer(
    'nfvo',
    nfvo.POST('/sfcs', {
      body: {
        sfc_name: 'inspected',
        sfcr_ids: [sfcr],
        vnf_instance_ids: hops.map((hop) => hop.map(id)),
        is_symmetric: false,
        hop_options: hopOptions,
      },
    }),
  );
}

async function move({ openstack }: Rig, server: string, host: string): Promise<void> {
  await openstack.nova.liveMigrate(id(server), { host });
  await until(`${server} is on ${host}`, async () => {
    const [last] = await openstack.nova.listMigrations({ serverId: id(server) });
    const now = await openstack.nova.showServer(id(server));
    return last?.status === 'completed' && now.host === host && now.taskState === null;
  });
}

const pathOf = ({ emulator }: Rig, chainId: string) =>
  emulator.flows().chains.find((path) => path.chainId === chainId);

async function nothingLeft({ openstack, nfvo }: Rig): Promise<void> {
  const groups = await openstack.sfc.listPortPairGroups();
  const inUse = groups.flatMap(({ portPairIds }) => portPairIds);
  const pairs = await openstack.sfc.listPortPairs();
  expect(pairs.map((pair) => pair.id).toSorted()).toEqual(inUse.toSorted());
  expect(await openstack.neutron.listPorts({ deviceId: 'sidestep-holder' })).toEqual([]);
  expect(await answer('nfvo', nfvo.GET('/orphans'))).toEqual({ orphans: [] });
}

test.each([
  ['one member, behind a holder', [['fw'], ['ips']], 'holder'],
  ['another member that carries it', [['fw', 'fw2'], ['ips']], 'others-carry'],
] as const)(
  'a hop with %s is whole again after a live migration, and was never empty',
  async (_case, hops, method) => {
    const it = await rig();
    const chainId = await makeChain(
      it,
      hops.map((hop) => [...hop]),
    );
    await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
    await move(it, 'fw', 'compute4');
    await until('the chain is broken', async () => pathOf(it, chainId)?.state === 'loss');

    const done = await answer(
      'nfvo',
      it.nfvo.PUT('/repaths/{id}', {
        params: { path: { id: 'move-1' } },
        body: { serverId: id('fw') },
      }),
    );

    expect(done).toMatchObject({
      state: 'completed',
      hops: [{ method, state: 'completed', onGap: 'closed', chainIds: [chainId] }],
    });
    const { gapMs, bypassMs, outMs } = done.hops[0] ?? {};
    expect(outMs).toBeGreaterThan(0);
    expect([gapMs, bypassMs]).toEqual([method === 'holder' ? outMs : 0, 0]);
    await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
    expect(it.emulator.flows().emptyNextHops).toEqual([]);
    await nothingLeft(it);
  },
);

test('a member that is drained before it moves leaves the chain whole all the while', async () => {
  const it = await rig();
  const chainId = await makeChain(it, [['fw', 'fw2'], ['ips']], [{ stateless: true }, {}]);
  await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
  const states = new Set<string | undefined>();
  const watch = setInterval(() => states.add(pathOf(it, chainId)?.state), 20);
  onTestFinished(() => clearInterval(watch));
  const at = { params: { path: { id: 'move-1' } }, body: { serverId: id('fw') } };

  const drained = await answer('nfvo', it.nfvo.PUT('/drains/{id}', at));
  await move(it, 'fw', 'compute4');
  const done = await answer('nfvo', it.nfvo.PUT('/repaths/{id}', at));
  await until('the member is back', async () => {
    const group = (await it.openstack.sfc.listPortPairGroups())[0];
    return group?.portPairIds.length === 2 && pathOf(it, chainId)?.state === 'whole';
  });
  clearInterval(watch);

  expect(drained).toMatchObject({ state: 'drained', hops: [{ state: 'drained' }] });
  expect(done).toMatchObject({ state: 'completed', hops: [{ gapMs: 0, bypassMs: 0 }] });
  expect([...states]).toEqual(['whole']);
  const ended = await answer('nfvo', it.nfvo.GET('/drains/{id}', { params: at.params }));
  expect(ended).toMatchObject({ state: 'restored' });
  await nothingLeft(it);
});

test('a standby takes a one-member hop over with the chain whole all the while', async () => {
  const it = await rig();
  const chainId = await makeChain(it, [['fw'], ['ips']], [{ stateless: true }, {}]);
  await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
  const states = new Set<string | undefined>();
  const watch = setInterval(() => states.add(pathOf(it, chainId)?.state), 20);
  onTestFinished(() => clearInterval(watch));
  const at = { params: { path: { id: 'one' } } };

  await answer(
    'nfvo',
    it.nfvo.PUT('/standbys/{id}', { ...at, body: { serverId: id('fw'), hostId: 'compute4' } }),
  );
  await until('the standby has taken over', async () => {
    const { data } = await it.nfvo.GET('/standbys/{id}', at);
    if (data?.state === 'failed') throw new Error(data.problem?.detail);
    return data?.state === 'completed';
  });
  await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
  clearInterval(watch);

  const done = await answer('nfvo', it.nfvo.GET('/standbys/{id}', at));
  const chain = await answer(
    'nfvo',
    it.nfvo.GET('/sfcs/{id}', { params: { path: { id: chainId } } }),
  );
  expect(chain.hops?.[0]?.members).toEqual([
    {
      id: done.standbyServerId,
      kind: 'server',
      host_id: 'compute4',
      status: 'ACTIVE',
      state: 'in',
    },
  ]);
  expect([...states]).toEqual(['whole']);
  expect(it.emulator.flows().emptyNextHops).toEqual([]);
  await nothingLeft(it);
});

test('a service killed between the delete and the new pair leaves the hop closed, and the next one makes it whole', async () => {
  const it = await rig();
  const chainId = await makeChain(it, [['fw'], ['ips']]);
  await move(it, 'fw', 'compute4');
  // Half a second of real time a call, so that the kill falls where it shall.
  it.emulator.faults.latency({ fixedMs: 5_000, jitterMs: 0 });
  const deleted = () =>
    it.emulator
      .calls()
      .some(({ method, path }) => method === 'DELETE' && path.includes('/sfc/port_pairs/'));

  const cut = it.nfvo
    .PUT('/repaths/{id}', { params: { path: { id: 'move-1' } }, body: { serverId: id('fw') } })
    .catch(() => undefined);
  await until('the stale pair is deleted', async () => deleted());
  await it.killAndRestart();
  await cut;
  it.emulator.faults.latency({ fixedMs: 0, jitterMs: 0 });

  await until('the re-render is finished by itself', async () => {
    const { data } = await it.nfvo.GET('/repaths/{id}', { params: { path: { id: 'move-1' } } });
    return data?.state === 'completed';
  });
  await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
  expect(it.emulator.flows().emptyNextHops).toEqual([]);
  await nothingLeft(it);
});

test('chains are changed and deleted, and VNFs started and deleted, on the real clients', async () => {
  const it = await rig();
  const chainId = await makeChain(it, [['fw'], ['ips']]);
  const at = { params: { path: { id: chainId } } };

  await answer(
    'nfvo',
    it.nfvo.PUT('/sfcs/{id}', {
      ...at,
      body: { vnf_instance_ids: [[id('ips')], [id('fw'), id('fw2')]] },
    }),
  );
  const changed = await answer('nfvo', it.nfvo.GET('/sfcs/{id}', at));
  await until('the chain is whole', async () => pathOf(it, chainId)?.state === 'whole');
  const refused = await it.nfvo.DELETE('/vnfs/{id}', { params: { path: { id: id('fw') } } });
  await it.nfvo.DELETE('/sfcs/{id}', at);
  const [image] = await it.openstack.glance.listImages();
  const vnf = await answer(
    'nfvo',
    it.nfvo.POST('/vnfs', {
      body: { flavor_id: 'small', image_id: image?.id ?? '', node_name: 'compute3' },
    }),
  );
  await until('the VNF runs', async () => {
    const server = await it.openstack.nova.showServer(vnf);
    return server.status === 'ACTIVE' && server.host === 'compute3';
  });
  const gone = await it.nfvo.DELETE('/vnfs/{id}', { params: { path: { id: vnf } } });

  expect(changed).toMatchObject({
    vnf_instance_ids: [[id('ips')], [id('fw'), id('fw2')]],
  });
  expect(refused.response.status).toBe(409);
  expect(gone.response.status).toBe(204);
  expect(await it.openstack.sfc.listPortPairs()).toEqual([]);
  expect(it.emulator.flows().emptyNextHops).toEqual([]);
});
