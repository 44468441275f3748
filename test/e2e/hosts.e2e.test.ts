import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answer, type migration } from '@sidestep/contracts';
import { createOpenStack } from '@sidestep/openstack';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { serverId } from './cloud.ts';
import { chainIsWhole, hostOf, liveMigrationCalls, noHopWasEverOpen } from './moves.ts';
import { type Rig, startRig } from './rig.ts';

type HostDrain = migration.components['schemas']['HostDrain'];
type HostIncident = migration.components['schemas']['HostIncident'];

const folder = mkdtempSync(join(tmpdir(), 'sidestep-hosts-'));
const crashFile = join(folder, 'crash-at');
const strikeAt = (...lines: string[]) => writeFileSync(crashFile, lines.join('\n'));

let rig: Rig;
beforeAll(async () => {
  strikeAt();
  rig = await startRig({
    programs: { migration: new URL('migration-with-crash.ts', import.meta.url).pathname },
    settings: {
      SIDESTEP_CRASH_FILE: crashFile,
      SIDESTEP_SETTLE_MS: '200',
      SIDESTEP_LEAVE_RETRY_MS: '500',
      SIDESTEP_LEAVE_TRIES: '10',
      // The emulated servers boot from an image.
      SIDESTEP_SHARED_STORAGE: 'true',
    },
  });
}, 90_000);
afterAll(async () => {
  await rig?.close();
  rmSync(folder, { recursive: true, force: true });
});

const client = () => rig.client('migration');

/** Starts a worker that has ended once more; one that is struck again before it answers is fine too. */
async function reviveMigration(): Promise<void> {
  await rig.stack.process('migration').ended;
  await rig.stack.restart('migration').catch(() => undefined);
}

const nova = () => {
  const { applicationCredentialId: id, applicationCredentialSecret: secret } =
    rig.cloud.credentials;
  const auth = { kind: 'application-credential', id, secret } as const;
  return createOpenStack({ authUrl: rig.cloud.authUrl, auth, region: 'RegionOne' }).nova;
};
const computeOf = async (host: string) =>
  (await nova().listComputeServices({ host, binary: 'nova-compute' }))[0];

/** Has servers made on a host, beside those of the cloud's description; answers their ids. */
async function crowd(host: string, names: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const spec = { name, flavorId: 'small', imageId: null, networks: 'none', host } as const;
    ids.push((await nova().createServer(spec)).id);
  }
  await poll('the servers are there', 20_000, async () => {
    const { servers } = await answer('monitoring', rig.client('monitoring').GET('/fleet'));
    const there = servers.filter((server) => server.hostId === host && server.status === 'ACTIVE');
    return ids.every((each) => there.some((server) => server.id === each)) || undefined;
  });
  return ids;
}

const callsOf = (id: string, kind: string) =>
  rig.cloud
    .calls()
    .filter(
      ({ path, body, status }) =>
        path === `/servers/${id}/action` && JSON.stringify(body).includes(kind) && status < 400,
    ).length;

async function drainEnded(hostDrainId: string): Promise<HostDrain> {
  let last: HostDrain | undefined;
  return poll('the host drain ends', 90_000, async () => {
    const { data } = await client().GET('/host-drains/{hostDrainId}', {
      params: { path: { hostDrainId } },
    });
    last = data ?? last;
    return data !== undefined && data.endedAt !== null ? data : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it reads ${JSON.stringify(last)}`);
  });
}

async function incidentIn(state: HostIncident['state'], hostId: string): Promise<HostIncident> {
  let last: unknown;
  return poll(`the incident of ${hostId} is ${state}`, 90_000, async () => {
    const { data } = await client()
      .GET('/host-incidents', { params: { query: { hostId } } })
      .catch(() => ({ data: undefined }));
    last = data ?? last;
    return data?.hostIncidents.find((incident) => incident.state === state);
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; they read ${JSON.stringify(last)}`);
  });
}

describe('a host drain', () => {
  test('goes on through a worker killed at every turn: each server is moved once, the chain is whole', async () => {
    const extra = await crowd('compute1', ['extra-1', 'extra-2']);
    const points = ['migrate:intent', 'migrate:called', 'verify:before', 'settle:after'];
    strikeAt(...points.map((point) => `SIGKILL ${point}`));

    const begun = await answer(
      'migration',
      client().POST('/hosts/{hostId}/drain', {
        params: { path: { hostId: 'compute1' } },
        body: { reason: 'new memory', policy: 'least-cpu' },
      }),
    );
    for (const _each of points) await reviveMigration();

    const drain = await drainEnded(begun.id);
    expect(drain).toMatchObject({ state: 'done', service: 'disabled' });
    expect(drain.progress).toEqual({ waiting: 0, blocked: 0, moving: 0, moved: 3, gone: 0 });
    expect([...rig.cloud.placements().values()]).not.toContain('compute1');
    expect(liveMigrationCalls(rig, 'fw')).toHaveLength(1);
    for (const id of extra) expect(callsOf(id, 'os-migrateLive')).toBe(1);
    await chainIsWhole(rig);
    noHopWasEverOpen(rig);
  });

  test('keeps its host until it is released', async () => {
    const released = await answer(
      'migration',
      client().DELETE('/hosts/{hostId}/drain', { params: { path: { hostId: 'compute1' } } }),
    );

    expect(released.service).toBe('enabled');
    expect(await computeOf('compute1')).toMatchObject({ status: 'enabled' });
  });
});

describe('a host that goes down', () => {
  test('is evacuated once it is fenced, through workers killed in between, and given back when it has cleaned up', async () => {
    const dead = hostOf(rig, 'ips');
    rig.cloud.faults.hostDown(dead);
    const open = await incidentIn('open', dead);
    const told = rig.gateway.once(
      ({ method, path, body }) =>
        method === 'PUT' && path.includes('/os-services/') && body.includes('forced_down'),
      'is-done',
      () => rig.kill('migration'),
    );

    const confirmed = await answer(
      'migration',
      client().POST('/hosts/{hostId}/fencing', {
        params: { path: { hostId: dead } },
        body: { means: 'operator', reason: 'power is off' },
      }),
    );
    await told;
    strikeAt('SIGKILL migrate:intent', 'SIGKILL migrate:called', 'SIGKILL verify:before');
    for (let death = 0; death < 4; death++) await reviveMigration();

    const evacuated = await incidentIn('evacuated', dead);
    expect(open.waitsFor).toMatch(/an operator who confirms/);
    expect(evacuated.id).toBe(confirmed.id);
    expect(hostOf(rig, 'ips')).not.toBe(dead);
    expect(callsOf(serverId('ips'), 'evacuate')).toBe(1);
    await chainIsWhole(rig);
    noHopWasEverOpen(rig);

    const release = () =>
      client().DELETE('/hosts/{hostId}/fencing', { params: { path: { hostId: dead } } });
    expect((await release()).response.status).toBe(409);
    rig.cloud.faults.hostUp(dead);
    expect((await release()).response.status).toBe(200);
    expect(await computeOf(dead)).toMatchObject({ state: 'up', forcedDown: false });
  });
});
