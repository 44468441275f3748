import { afterEach, describe, expect, test } from 'vitest';
import type { FencingHook } from '../src/ports/fencing.ts';
import { type Served, served } from './fakes/served.ts';

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

const resident = { id: 's1', name: 's1', status: 'ACTIVE', taskState: null, volumeBacked: true };

async function service(hook?: FencingHook): Promise<Served> {
  const made = await served({}, hook === undefined ? {} : { hook });
  made.hosts.residents = [{ ...resident, hostId: 'h1' }];
  open.push(made);
  return made;
}

/** h1 goes down by Nova and by its series. */
function kill({ hosts, telemetry }: Served): void {
  hosts.set('h1', { state: 'down' });
  const { view } = telemetry;
  telemetry.view = {
    ...view,
    hosts: view.hosts.map((host) =>
      host.id === 'h1' ? { ...host, state: 'down', cpuPercent: 'unknown' } : host,
    ),
    servers: view.servers.map((server) => ({ ...server, cpuPercent: 'unknown' })),
  };
  telemetry.raise('h1', { metric: 'telemetry.hostDown' });
  telemetry.raise('h1', { id: 'silent', metric: 'telemetry.ageSeconds' });
}

async function reaches({ ask, jobs }: Served, path: string, state: string): Promise<void> {
  await expect
    .poll(
      async () => {
        await jobs.drain();
        return (await ask('GET', path)).body;
      },
      { timeout: 10_000 },
    )
    .toMatchObject({ state });
}

describe('a host drain', () => {
  test('is begun, told of to its end, listed, and released', async () => {
    const sut = await service();
    const { ask, hosts } = sut;

    const begun = await ask('POST', '/hosts/h1/drain', { reason: 'new memory' });
    await reaches(sut, begun.location ?? '', 'done');
    const done = await ask('GET', begun.location ?? '');
    const listed = await ask('GET', '/host-drains?state=done&hostId=h1');
    const released = await ask('DELETE', '/hosts/h1/drain');

    expect(begun).toMatchObject({
      status: 202,
      body: {
        state: 'draining',
        policy: 'least-cpu',
        maxConcurrentMoves: 2,
        service: 'to-disable',
      },
    });
    expect(done.body).toMatchObject({
      progress: { waiting: 0, blocked: 0, moving: 0, moved: 1, gone: 0 },
      servers: [{ serverId: 's1', state: 'moved', destinationHostId: 'h2' }],
      history: [{ state: 'draining', by: 'operator' }, { state: 'done' }],
    });
    expect(listed.body).toMatchObject({ hostDrains: [{ hostId: 'h1' }], nextCursor: null });
    expect(released).toMatchObject({ status: 200, body: { service: 'enabled' } });
    expect(hosts.changes).toEqual(['disable h1', 'enable h1']);
  });

  test('is cancelled with a reason, once', async () => {
    const sut = await service();
    const { ask } = sut;
    await ask('PUT', '/kill-switch', { engaged: true, reason: 'drill' });
    const { location } = await ask('POST', '/hosts/h1/drain', { reason: 'new memory' });

    const early = await ask('DELETE', '/hosts/h1/drain');
    const asked = await ask('POST', `${location}/cancel`, { reason: 'no part' });
    await reaches(sut, location ?? '', 'cancelled');
    const again = await ask('POST', `${location}/cancel`, { reason: 'no part' });

    expect(early).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(asked).toMatchObject({ status: 202, body: { state: 'cancelling' } });
    expect(again).toMatchObject({ status: 409 });
  });

  test('of a host that is held, down, unknown, or by no policy that there is, is refused', async () => {
    const sut = await service();
    const { ask, hosts } = sut;
    hosts.set('h2', { state: 'down' });
    await ask('POST', '/hosts/h1/drain', { reason: 'new memory' });
    const drain = (host: string, more = {}) =>
      ask('POST', `/hosts/${host}/drain`, { reason: 'r', ...more });

    expect(await drain('h1')).toMatchObject({ status: 409 });
    expect(await drain('h2')).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(await drain('h9')).toMatchObject({ status: 404 });
    expect(await drain('h3', { policy: 'best' })).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/policy' }] },
    });
  });

  test('while Nova is away is answered with who is away, and nothing is begun', async () => {
    const { ask, hosts } = await service();
    hosts.away = true;

    expect(await ask('POST', '/hosts/h1/drain', { reason: 'r' })).toMatchObject({ status: 504 });
    expect((await ask('GET', '/host-drains')).body).toMatchObject({ hostDrains: [] });
  });
});

describe('a host-down incident', () => {
  test('is confirmed by an operator, evacuated, listed, and the host given back', async () => {
    const sut = await service();
    const { ask, hosts } = sut;
    kill(sut);

    const given = { means: 'operator', reason: 'power is off' };
    const confirmed = await ask('POST', '/hosts/h1/fencing', given);
    await reaches(sut, confirmed.location ?? '', 'evacuated');
    const ended = await ask('GET', confirmed.location ?? '');
    const listed = await ask('GET', '/host-incidents?state=evacuated&hostId=h1');
    hosts.keepsDown = 'evacuations in status done';
    const refused = await ask('DELETE', '/hosts/h1/fencing');
    hosts.keepsDown = null;
    const released = await ask('DELETE', '/hosts/h1/fencing');

    expect(confirmed.status).toBe(202);
    expect(ended.body).toMatchObject({
      evidence: { nova: 'down', series: 'dead' },
      fencing: { means: 'operator', confirmedBy: 'operator', reason: 'power is off' },
      servers: [{ serverId: 's1', state: 'moved' }],
    });
    expect(listed.body).toMatchObject({ hostIncidents: [{ hostId: 'h1' }] });
    expect(refused).toMatchObject({ status: 409 });
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('status done') });
    expect(released).toMatchObject({ status: 200, body: { releasedAt: expect.any(String) } });
    expect(hosts.changes).toEqual(['force down h1', 'force up h1']);
    expect((await ask('GET', '/operations')).body).toMatchObject({
      operations: [{ kind: 'evacuate', state: 'COMPLETED', work: { kind: 'host-incident' } }],
    });
  });

  test('is confirmed by the hook when it is asked for; without a hook that is refused', async () => {
    const hook: FencingHook = { fence: async () => ({ kind: 'fenced', detail: 'off' }) };
    const [without, sut] = [await service(), await service(hook)];
    const given = { means: 'hook', reason: 'it is down' };
    for (const each of [without, sut]) kill(each);

    const refused = await without.ask('POST', '/hosts/h1/fencing', given);
    const asked = await sut.ask('POST', '/hosts/h1/fencing', given);
    await reaches(sut, asked.location ?? '', 'evacuated');

    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect((await sut.ask('GET', asked.location ?? '')).body).toMatchObject({
      fencing: { means: 'hook', reason: 'off' },
    });
  });

  test('is dismissed with a reason, once', async () => {
    const sut = await service();
    const { ask } = sut;
    kill(sut);
    await ask('PUT', '/kill-switch', { engaged: true, reason: 'drill' });
    // Any nudge looks at the hosts; a drain elsewhere is one.
    await ask('POST', '/hosts/h3/drain', { reason: 'r' });
    await expect
      .poll(async () => (await ask('GET', '/host-incidents')).body, { timeout: 10_000 })
      .toMatchObject({ hostIncidents: [{ state: 'open', waitsFor: expect.any(String) }] });
    const { body } = await ask('GET', '/host-incidents');
    const { id } = (body as { hostIncidents: [{ id: string }] }).hostIncidents[0];

    const dismissed = await ask('POST', `/host-incidents/${id}/dismissal`, { reason: 'planned' });
    const again = await ask('POST', `/host-incidents/${id}/dismissal`, { reason: 'planned' });

    expect(dismissed).toMatchObject({ status: 200, body: { state: 'dismissed' } });
    expect(again).toMatchObject({ status: 409 });
  });

  test('of a host that nothing says is down is refused', async () => {
    const { ask } = await service();
    const given = { means: 'operator', reason: 'r' };

    const refused = await ask('POST', '/hosts/h1/fencing', given);

    expect(refused).toMatchObject({ status: 409 });
    expect(refused.body).toMatchObject({ detail: expect.stringContaining('h1 is up by Nova') });
  });
});

test.each([
  ['GET', '/host-drains/none', undefined],
  ['POST', '/host-drains/none/cancel', { reason: 'r' }],
  ['DELETE', '/hosts/h1/drain', undefined],
  ['GET', '/host-incidents/none', undefined],
  ['POST', '/host-incidents/none/dismissal', { reason: 'r' }],
  ['DELETE', '/hosts/h1/fencing', undefined],
])('%s %s: there is none', async (method, path, body) => {
  const { ask } = await service();

  expect(await ask(method, path, body)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
});
