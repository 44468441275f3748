import { randomBytes } from 'node:crypto';
import { encryptDatagram, signDatagram } from '@sidestep/collectd';
import { realClock, scopedClock } from './clock.ts';
import { CopyPool } from './cloud/copy-pool.ts';
import { Evacuations } from './cloud/evacuations.ts';
import { LiveMigrations } from './cloud/live-migration.ts';
import { portsOfServer } from './cloud/port-bindings.ts';
import { seedWorld } from './cloud/seed-world.ts';
import { ServerOperations } from './cloud/server-operations.ts';
import {
  activeBinding,
  createWorld,
  keystoneId,
  type ServerState,
  type World,
  whereabouts,
} from './cloud/world.ts';
import type {
  ChainTally,
  CollectdTarget,
  Emulator,
  EmulatorCredentials,
  EmulatorOptions,
  NovaTimings,
} from './emulator-types.ts';
import { FaultBoard } from './fault-board.ts';
import { historySamples } from './history.ts';
import { ApiServer, serviceUrl } from './http/api-server.ts';
import { controlApi } from './http/control.ts';
import { glanceRouter } from './http/glance-router.ts';
import { keystoneRouter, Tokens } from './http/keystone.ts';
import { neutronRouter } from './http/neutron-router.ts';
import { novaRouter } from './http/nova-router.ts';
import { placementRouter } from './http/placement-router.ts';
import {
  type ChainLoad,
  createLoadModel,
  type LoadModel,
  type LoadSnapshot,
  type LoadView,
} from './load/load-model.ts';
import { ChainNetwork } from './sfc/path-tracker.ts';
import type { CloudSpec } from './spec.ts';
import { type DatagramSink, Telemetry, udpSink } from './telemetry.ts';

/** Nova's pace in a quiet Zed lab. */
export const quietTimings: NovaTimings = {
  statusVisibleMs: 150,
  recordVisibleMs: 600,
  schedulingMs: 900,
  precheckMs: 500,
  preparingMs: 600,
  runningMs: 800,
  progressMs: 400,
  postMs: 900,
  completedMs: 700,
  rpcTimeoutMs: 60_000,
  serviceDownMs: 12_000,
  agentDownMs: 30_000,
  buildMs: 2000,
  deleteMs: 500,
  agentApplyMs: 20,
  downtimeLimitMs: 300,
};

const HOUR_MS = 3_600_000;

function liveView(
  world: World,
  moves: LiveMigrations,
  network: ChainNetwork,
  atMs: number,
  spanMs: number,
  past: boolean,
): LoadView {
  const serverHost = (server: ServerState | undefined): string => {
    if (server === undefined) return 'nowhere';
    if (past) return whereabouts(server, atMs);
    const runs = server.vmState === 'active' || server.vmState === 'resized';
    return runs && !server.paused ? server.runsOn : 'nowhere';
  };
  return {
    hostOf: (id) => serverHost(world.servers.get(id)),
    isUp: (host) => past || world.hosts.get(host)?.machineUp === true,
    migrationCores: (host) => (past ? 0 : moves.cores(host)),
    path: (chainId) => network.condition(chainId, atMs, spanMs),
  };
}

function sealer(security: CollectdTarget['security']): (datagram: Buffer) => Uint8Array {
  if (security === undefined) return (datagram) => datagram;
  const { level, password, user } = security;
  return level === 'sign'
    ? (datagram) => signDatagram(datagram, user, password)
    : (datagram) => encryptDatagram(datagram, user, password);
}

function createTelemetry(
  world: World,
  faults: FaultBoard,
  options: EmulatorOptions,
): Telemetry | undefined {
  const { collectd, onDatagram } = options;
  const sinks: DatagramSink[] = [];
  if (collectd !== undefined) sinks.push(udpSink(collectd));
  if (onDatagram !== undefined) sinks.push({ send: onDatagram, close: () => undefined });
  if (sinks.length === 0) return undefined;
  return new Telemetry({
    target: collectd ?? {},
    sinks,
    clock: world.clock,
    ramMiB: (resource) =>
      world.hosts.get(resource)?.spec.ramMiB ?? world.servers.get(resource)?.flavor.ramMiB ?? 0,
    isSilent: (resource) => faults.isSilent(resource),
    seal: sealer(collectd?.security),
  });
}

/** The load of the cloud as it stands, kept in step with servers and chains. */
class LiveLoad {
  readonly model: LoadModel;
  readonly #world: World;
  readonly #moves: LiveMigrations;
  readonly #network: ChainNetwork;
  readonly #traffic: Map<string, CloudSpec['defaultTraffic']>;
  #seenVersion = -1;

  constructor(world: World, moves: LiveMigrations, network: ChainNetwork, model: LoadModel) {
    this.#world = world;
    this.#moves = moves;
    this.#network = network;
    this.model = model;
    this.#traffic = new Map(world.spec.chains.map(({ name, traffic }) => [name, traffic] as const));
  }

  at(timeMs: number, spanMs: number, past: boolean): LoadSnapshot {
    if (this.#seenVersion !== this.#network.version) {
      this.#seenVersion = this.#network.version;
      const { defaultTraffic } = this.#world.spec;
      this.model.setChains(
        this.#network.loadChains(({ name }) => this.#traffic.get(name) ?? defaultTraffic),
      );
    }
    const view = liveView(this.#world, this.#moves, this.#network, timeMs, spanMs, past);
    return this.model.at(timeMs, spanMs, view);
  }
}

function addToTallies(
  tallies: Map<string, ChainTally>,
  chains: readonly ChainLoad[],
  spanMs: number,
): void {
  const seconds = spanMs / 1000;
  for (const chain of chains) {
    const old = tallies.get(chain.id) ?? { served: 0, lost: 0, bypassed: 0 };
    tallies.set(chain.id, {
      served: old.served + chain.requestsPerSecond * seconds,
      lost: old.lost + chain.lostPerSecond * seconds,
      bypassed: old.bypassed + chain.bypassedPerSecond * seconds,
    });
  }
}

/** Starts a cloud in this process: its APIs listen, its hosts report, its clients ask. */
export async function startEmulator(
  spec: CloudSpec,
  options: EmulatorOptions = {},
): Promise<Emulator> {
  // What waits when the cloud is closed must neither happen nor keep the process alive.
  const { clock, stop } = scopedClock(options.clock ?? realClock());
  const model = createLoadModel({ seed: spec.seed, hosts: spec.hosts, stress: spec.stress });
  const world: World = createWorld({
    spec,
    clock,
    timings: { ...quietTimings, ...options.timings },
    events: {
      portUp: (portId, host) => network.portUp(portId, host),
      serversChanged: (ids) => network.serversChanged(ids),
      serverAdded: ({ flavor, id, load }) =>
        model.setServer({ id, vcpus: flavor.vcpus, ramMiB: flavor.ramMiB, load }),
      serverRemoved: ({ id }) => model.removeServer(id),
    },
  });
  const network = new ChainNetwork(world);
  const pool = new CopyPool(
    clock,
    (host) => world.hosts.get(host)?.spec.migrationMiBPerSecond ?? 0,
  );
  const moves = new LiveMigrations(world, pool);
  const operations = new ServerOperations(world, moves);
  const evacuations = new Evacuations(world);
  if (options.latency !== undefined) world.latency = options.latency;
  seedWorld(world, network.plugin);
  network.goLive();

  const serversOn = (host: string): string[] =>
    [...world.servers.values()].flatMap(({ id, runsOn }) => (runsOn === host ? [id] : []));
  const tokens = new Tokens(world, options.tokenLifetimeMs ?? HOUR_MS);
  const faults = new FaultBoard({
    world,
    moves,
    evacuations,
    agents: network.agents,
    tokens,
    hostChanged: (host) => network.serversChanged(serversOn(host)),
    resync: (host) => {
      for (const id of serversOn(host)) {
        const server = world.servers.get(id);
        for (const port of server === undefined ? [] : portsOfServer(world, server))
          if (activeBinding(port)?.host === host) network.portUp(port.id, host);
      }
    },
  });

  const controlToken = options.controlToken ?? randomBytes(24).toString('base64url');
  const maxMicroversion = options.maxMicroversion ?? '2.90';
  const secrets = {
    username: 'admin',
    password: keystoneId(spec.seed, 'password', 'admin'),
    userDomainName: 'Default',
    projectName: 'admin',
    projectDomainName: 'Default',
    regionName: spec.region,
    applicationCredentialId: keystoneId(spec.seed, 'application-credential', 'sidestep'),
    applicationCredentialSecret: keystoneId(spec.seed, 'application-secret', 'sidestep'),
  };
  // The catalogue names addresses that are known only once the socket is bound.
  const urls = { identity: '', compute: '', placement: '', network: '', image: '' };
  const credentials: EmulatorCredentials & { authUrl: string } = { ...secrets, authUrl: '' };
  const server = new ApiServer({
    world,
    faults,
    tokens,
    maxMicroversion,
    routers: {
      identity: keystoneRouter(world, tokens, credentials, urls),
      compute: novaRouter({ world, moves, operations, evacuations, maxMicroversion }),
      placement: placementRouter(world),
      network: neutronRouter(world, network.plugin),
      image: glanceRouter(world),
    },
    control: controlApi(() => emulator, controlToken),
  });
  const { baseUrl, port } = await server.listen(options.port ?? 0, options.address ?? '127.0.0.1');
  for (const name of ['identity', 'compute', 'placement', 'network', 'image'] as const)
    urls[name] = serviceUrl(baseUrl, name);
  credentials.authUrl = urls.identity;

  const load = new LiveLoad(world, moves, network, model);
  const telemetry = createTelemetry(world, faults, options);
  const intervalMs = options.collectd?.intervalMs ?? 1000;
  const tickMs = Math.min(options.tickMs ?? 1000, intervalMs);
  const tallies = new Map<string, ChainTally>();
  let lastTickMs = clock.nowMs();
  let lastReportMs = lastTickMs - intervalMs;
  let latest = load.at(lastTickMs, tickMs, false);
  const schedule = (): void => {
    // On multiples of the tick, so that timers that fire late do not add up.
    clock.after(tickMs - (clock.nowMs() % tickMs), tick);
  };
  const tick = (): void => {
    const nowMs = clock.nowMs();
    const spanMs = nowMs - lastTickMs;
    schedule();
    if (spanMs <= 0) return;
    latest = load.at(nowMs, spanMs, false);
    lastTickMs = nowMs;
    addToTallies(tallies, latest.chains, spanMs);
    const sinceReportMs = nowMs - lastReportMs;
    if (telemetry === undefined || sinceReportMs < intervalMs - tickMs / 2) return;
    telemetry.report(latest, sinceReportMs);
    lastReportMs = nowMs;
  };
  schedule();

  const emulator: Emulator = {
    authUrl: urls.identity,
    baseUrl,
    port,
    credentials,
    controlToken,
    clock,
    faults,
    flows: () => network.report(),
    load: () => latest,
    chainLoad: (chainId) => latest.chains.find(({ id }) => id === chainId) ?? 'unknown',
    tallies: () => new Map(tallies),
    addStress: (episode) => model.addStress(episode),
    calls: () => [...server.calls],
    placements: () => new Map(Array.from(world.servers.values(), ({ id, runsOn }) => [id, runsOn])),
    history: (fromMs, toMs, stepMs) =>
      historySamples((timeMs, spanMs) => load.at(timeMs, spanMs, true), fromMs, toMs, stepMs),
    async close() {
      stop();
      pool.close();
      telemetry?.close();
      await server.close();
    },
  };
  return emulator;
}
