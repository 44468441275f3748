import {
  type CloudSpec,
  type Emulator,
  type ManualClock,
  manualClock,
  type ServerGroupSpec,
  serverIdOf,
  startEmulator,
} from '@sidestep/emulator';
import { cloud } from '@sidestep/fleet/testing';
import { createOpenStack, type OpenStack } from '@sidestep/openstack';
import { onTestFinished } from 'vitest';
import { openstackCompute } from '../../src/adapters/openstack/openstack-compute.ts';
import { openstackHosts } from '../../src/adapters/openstack/openstack-hosts.ts';
import type { Operation } from '../../src/domain/operation.ts';
import type { Compute } from '../../src/ports/compute.ts';
import { type WorkerParts, type World, world } from './world.ts';

const startMs = Date.UTC(2026, 0, 1);

/** A server whose memory is copied faster than it changes. */
const quiet = {
  baseCores: 0.05,
  cpuMsPerRequest: 6,
  dirtyMiBPerSecond: 20,
  workingSetMiB: 128,
  memoryRatio: 0.5,
};

/** Three hosts, the server `fw` on the hot one of them, and `ips` on the second. */
function spec(serverGroups: readonly ServerGroupSpec[], more: Partial<typeof quiet>): CloudSpec {
  const load = { ...quiet, ...more };
  const traffic = { clients: 8, thinkMs: 60, timeoutMs: 3_000 };
  return {
    name: 'moves',
    seed: 7,
    region: 'RegionOne',
    hosts: ['h1', 'h2', 'h3'].map((name) => ({
      name,
      cores: 12,
      ramMiB: 8_192,
      diskGiB: 500,
      backgroundCores: 2,
      noisePercent: 1,
      migrationMiBPerSecond: 128,
      cpuAllocationRatio: 2,
      ramAllocationRatio: 1,
    })),
    flavors: [{ id: 'f', name: 'f', vcpus: 1, ramMiB: 5_000, diskGiB: 5 }],
    servers: [
      { ...load, name: 'fw', flavor: 'f', host: 'h1' },
      { ...load, name: 'ips', flavor: 'f', host: 'h3' },
    ],
    chains: [],
    stress: [],
    serverGroups,
    defaultTraffic: traffic,
    defaultServerLoad: load,
  };
}

export type Emulated = World & {
  emulator: Emulator;
  time: ManualClock;
  cloudCompute: Compute;
  fw: string;
  /** Has the server fw moved to h2, with the emulated cloud's time going on as the worker's does. */
  move(worker?: WorkerParts & { to?: string }): Promise<Operation>;
  /** Somebody deletes the server fw. */
  remove(): Promise<void>;
  /** Live migrations that Nova was asked for. */
  asked(): number;
};

/** The clients of the real cloud, of an emulated one. */
export function openStackOf(emulator: Emulator): OpenStack {
  const { applicationCredentialId: id, applicationCredentialSecret: secret } = emulator.credentials;
  return createOpenStack({
    authUrl: emulator.authUrl,
    auth: { kind: 'application-credential', id, secret },
    region: 'RegionOne',
    timeoutMs: 1_000,
    // What the service waits for with its own patience need not be waited for here.
    retries: 0,
  });
}

/** The use cases on the emulated cloud, through the adapter and the clients of the real one. */
export async function emulated(
  serverGroups: readonly ServerGroupSpec[] = [],
  load: Partial<typeof quiet> = {},
): Promise<Emulated> {
  const time = manualClock(startMs);
  const wanted = spec(serverGroups, load);
  const emulator = await startEmulator(wanted, { clock: time });
  onTestFinished(() => emulator.close());
  const clients = openStackOf(emulator);
  const cloudCompute = openstackCompute(clients);
  const fw = serverIdOf(wanted, 'fw');
  const view = cloud(startMs)
    .host('h1', { cpuPercent: 95 })
    .server(fw, { on: 'h1', name: 'fw' })
    .host('h2', { cpuPercent: 20 })
    .host('h3', { cpuPercent: 40 })
    .build();
  const base = world({ view, cloud: cloudCompute, cloudHosts: openstackHosts(clients) });
  return {
    ...base,
    emulator,
    time,
    cloudCompute,
    fw,
    move: async ({ to = 'h2', ...worker } = {}) => {
      if (base.woken.length === 0) {
        const destination = view.hosts.find((host) => host.id === to);
        if (destination === undefined) throw new Error(`no host ${to}`);
        base.telemetry.view = {
          ...view,
          hosts: view.hosts.filter((host) => host.id === 'h1' || host.id === to),
        };
        base.telemetry.raise('h1');
        await base.reconcile();
      }
      await base.run(base.woken[0]?.id ?? 'none', {
        ...worker,
        limits: { callTimeoutMs: 500, ...worker.limits },
        onPause: async (forMs) => {
          time.advance(forMs);
          await worker.onPause?.(forMs);
        },
      });
      return base.operation();
    },
    remove: () => clients.nova.deleteServer(fw),
    asked: () =>
      emulator
        .calls()
        .filter(
          ({ method, body }) =>
            method === 'POST' && JSON.stringify(body).includes('os-migrateLive'),
        ).length,
  };
}
