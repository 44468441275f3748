import { setTimeout as delay } from 'node:timers/promises';
import type { InstanceAction, MigrationRecord, OpenStack, Server } from '@sidestep/openstack';
import { OpenStackError } from '@sidestep/openstack';
import type { ConformanceTarget } from './target.ts';

/** Name of everything that the suite makes, so that a later run can clear away what an earlier one left. */
const PREFIX = 'conformance-';

const TERMINAL: ReadonlySet<string> = new Set([
  'completed',
  'error',
  'failed',
  'cancelled',
  // An evacuation stays `done` until its source host is back.
  'done',
]);

/** A server of the suite and its two ports. */
export type TestServer = { readonly id: string; readonly ingress: string; readonly egress: string };

/** How a move ended. */
export type EndedMove = {
  readonly requestId: string;
  readonly record: MigrationRecord;
  readonly action: InstanceAction;
};

/** What the rules of the suite are checked with. */
export type Workbench = {
  readonly openstack: OpenStack;
  readonly hosts: readonly [string, string, string, string];
  readonly source: TestServer;
  readonly first: TestServer;
  readonly second: TestServer;
  /** Asks until there is an answer; fails after the target's deadline. */
  until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T>;
  makeServer(name: string, host: string, flavorId?: string): Promise<TestServer>;
  settled(serverId: string, status?: string): Promise<Server>;
  hostOf(server: TestServer): Promise<string>;
  /** A host of the suite where the server is not. */
  elsewhere(server: TestServer, ...not: readonly string[]): Promise<string>;
  /** Watches a move that `start` begins, to its terminal record; `watch` sees each poll. */
  follow(
    server: TestServer,
    start: () => Promise<{ readonly requestId: string | null }>,
    watch?: (record: MigrationRecord | null) => Promise<void>,
  ): Promise<EndedMove>;
  move(server: TestServer, host: string): Promise<EndedMove>;
  serviceId(host: string): Promise<string>;
  /** A flavor of which one fits a host and two do not. */
  bigFlavorId(): Promise<string>;
  /** Takes away what an earlier rule left of its chain. */
  clearChains(): Promise<void>;
  readonly networkId: string;
  named(name: string): string;
  close(): Promise<void>;
};

/** Details of the events that failed: the only place where Nova says why. */
export function reasonsOf(action: InstanceAction): string[] {
  return action.events.flatMap(({ result, details }) =>
    result === 'Error' && details !== null ? [details] : [],
  );
}

/** The OpenStackError that a call ends in. */
export async function refusalOf(call: Promise<unknown>): Promise<OpenStackError> {
  const end = await call.then(
    () => null,
    (error: unknown) => error,
  );
  if (end instanceof OpenStackError) return end;
  throw end ?? new Error('the call was not refused');
}

async function orGone(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof OpenStackError) || error.kind !== 'not-found') throw error;
  }
}

function ours<T extends { readonly id: string; readonly name: string }>(all: readonly T[]): T[] {
  return all.filter(({ name }) => name.startsWith(PREFIX));
}

/** Takes away what is left of chains, in the only order that networking-sfc lets go of them. */
async function clearChains({ neutron, sfc }: OpenStack): Promise<void> {
  if (!(await neutron.listExtensions()).includes('sfc')) return;
  for (const { id } of ours(await sfc.listPortChains())) await orGone(sfc.deletePortChain(id));
  for (const { id } of ours(await sfc.listPortPairGroups())) {
    await orGone(sfc.deletePortPairGroup(id));
  }
  for (const { id } of ours(await sfc.listFlowClassifiers())) {
    await orGone(sfc.deleteFlowClassifier(id));
  }
  for (const { id } of ours(await sfc.listPortPairs())) await orGone(sfc.deletePortPair(id));
}

/** Takes away everything that carries the suite's prefix. */
async function sweep(openstack: OpenStack, wait: () => Promise<void>): Promise<void> {
  const { neutron, nova } = openstack;
  await clearChains(openstack);
  const servers = async () => ours(await nova.listServers());
  for (const { id } of await servers()) await orGone(nova.deleteServer(id));
  while ((await servers()).length > 0) await wait();
  for (const { id } of ours(await neutron.listPorts())) await orGone(neutron.deletePort(id));
  for (const { id } of ours(await nova.listFlavors())) await orGone(nova.deleteFlavor(id));
}

/** Connects, clears away what is left of an earlier run, and makes the three servers of the suite. */
export async function createWorkbench(target: ConformanceTarget): Promise<Workbench> {
  const openstack = await target.connect();
  const { glance, neutron, nova, placement } = openstack;
  const [one, two, three, four] = target.hosts;
  if (one === undefined || two === undefined || three === undefined || four === undefined) {
    throw new Error('the suite needs four compute hosts');
  }
  const hosts = [one, two, three, four] as const;
  const pause = () => delay(target.pollMs);
  const deadline = () => Date.now() + target.settleWithinMs;
  await sweep(openstack, pause);

  const until: Workbench['until'] = async (what, ask) => {
    const endMs = deadline();
    for (;;) {
      const answer = await ask();
      if (answer !== undefined) return answer;
      if (Date.now() > endMs) throw new Error(`not within ${target.settleWithinMs} ms: ${what}`);
      await pause();
    }
  };
  const settled: Workbench['settled'] = (serverId, status = 'ACTIVE') =>
    until(`server ${serverId} ${status}`, async () => {
      const server = await nova.showServer(serverId);
      if (server.status === 'ERROR') throw new Error(`server in ERROR: ${server.fault}`);
      return server.status === status && server.taskState === null ? server : undefined;
    });

  const [network] = await neutron.listNetworks({ name: target.networkName });
  const [image] = await glance.listImages({ name: target.imageName });
  if (network === undefined || image === undefined) throw new Error('no network or no image');
  const makePort = async (name: string) =>
    (await neutron.createPort({ networkId: network.id, name, portSecurityEnabled: false })).id;

  const makeServer: Workbench['makeServer'] = async (name, host, flavorId) => {
    const ingress = await makePort(`${PREFIX}${name}-in`);
    const egress = await makePort(`${PREFIX}${name}-out`);
    const { id } = await nova.createServer({
      name: `${PREFIX}${name}`,
      flavorId: flavorId ?? target.smallFlavorId,
      imageId: image.id,
      networks: [{ portId: ingress }, { portId: egress }],
      host,
    });
    await settled(id);
    return { id, ingress, egress };
  };
  const hostOf: Workbench['hostOf'] = async (server) => {
    const { host } = await nova.showServer(server.id);
    if (host === null) throw new Error('the server has no host');
    return host;
  };

  const follow: Workbench['follow'] = async (server, start, watch) => {
    const records = () => nova.listMigrations({ serverId: server.id });
    const known = new Set((await records()).map(({ uuid }) => uuid));
    const { requestId } = await start();
    if (requestId === null) throw new Error('the answer carries no request id');
    const record = await until('a terminal migration record', async () => {
      const newest = (await records()).find(({ uuid }) => !known.has(uuid)) ?? null;
      await watch?.(newest);
      return newest !== null && TERMINAL.has(newest.status) ? newest : undefined;
    });
    const action = await until('the end of the action', async () => {
      const found = await nova.showInstanceAction(server.id, requestId);
      return found.events.every(({ finishTime }) => finishTime !== null) ? found : undefined;
    });
    await settled(server.id);
    return { requestId, record, action };
  };

  const workbench: Omit<Workbench, 'source' | 'first' | 'second'> = {
    openstack,
    hosts,
    until,
    makeServer,
    settled,
    hostOf,
    elsewhere: async (server, ...not) => {
      const taken = new Set([await hostOf(server), ...not]);
      const free = hosts.find((host) => !taken.has(host));
      if (free === undefined) throw new Error('no other host');
      return free;
    },
    follow,
    move: (server, host) => follow(server, () => nova.liveMigrate(server.id, { host })),
    serviceId: async (host) => {
      const [service] = await nova.listComputeServices({ host, binary: 'nova-compute' });
      if (service === undefined) throw new Error(`no nova-compute on ${host}`);
      return service.id;
    },
    clearChains: () => clearChains(openstack),
    bigFlavorId: async () => {
      if (target.bigFlavorId !== undefined) return target.bigFlavorId;
      const [provider] = await placement.listResourceProviders({ name: one });
      if (provider === undefined) throw new Error(`no resource provider ${one}`);
      const memory = (await placement.inventories(provider.id)).byClass.MEMORY_MB;
      if (memory === undefined) throw new Error(`${one} has no memory in Placement`);
      const roomMiB = (memory.total - memory.reserved) * memory.allocationRatio;
      const ramMiB = Math.floor(roomMiB * 0.6);
      const spec = { name: `${PREFIX}big`, vcpus: 1, ramMiB, diskGiB: 5 };
      return (await nova.createFlavor(spec)).id;
    },
    networkId: network.id,
    named: (name) => `${PREFIX}${name}`,
    close: async () => {
      try {
        await sweep(openstack, pause);
      } finally {
        await target.close?.();
      }
    },
  };
  const source = await makeServer('source', four);
  const first = await makeServer('first', one);
  const second = await makeServer('second', three);
  return { ...workbench, source, first, second };
}
