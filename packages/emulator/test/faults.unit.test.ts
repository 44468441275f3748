import { describe, expect, test } from 'vitest';
import { at, startMs, testCloud, testSpec } from './cloud.ts';

const services = '/compute/v2.1/os-services';

describe('a dead host', () => {
  test('still reads up for a moment, then down; its servers stay ACTIVE on a host that is UNKNOWN', async () => {
    const { clock, emulator, id, read } = await testCloud();
    const state = (): Promise<unknown> => read(`${services}?host=compute1`, 'services', 0, 'state');

    emulator.faults.hostDown('compute1');

    expect(await state()).toBe('up');
    clock.advance(12_000);
    expect(await state()).toBe('down');
    const server = await read(`/compute/v2.1/servers/${id('A')}`, 'server');
    expect(server).toMatchObject({ status: 'ACTIVE', host_status: 'UNKNOWN' });
    expect(emulator.flows().chains[0]).toMatchObject({ state: 'loss', lostShare: 1 });
    emulator.faults.hostUp('compute1');
    expect(await state()).toBe('up');
    expect(emulator.flows().chains[0]?.state).toBe('whole');
  });

  test('can be evacuated from once it is fenced', async () => {
    const { call, clock, id, read } = await testCloud();
    const service = await read(`${services}?host=compute1`, 'services', 0, 'id');
    const action = `/compute/v2.1/servers/${id('A')}/action`;
    const body = { evacuate: { host: 'compute3' } };

    expect((await call('POST', action, body)).status).toBe(400);
    await call('PUT', `${services}/${String(service)}`, { forced_down: true });
    expect((await call('POST', action, body)).status).toBe(200);
    clock.advance(10_000);

    const record = await read('/compute/v2.1/os-migrations', 'migrations', 0);
    expect(record).toMatchObject({ migration_type: 'evacuation', status: 'done' });
    expect(await read(`/compute/v2.1/servers/${id('A')}`, 'server')).toMatchObject({
      'OS-EXT-SRV-ATTR:host': 'compute3',
    });
  });

  test('is not forced up while what was evacuated from it is not cleaned up there', async () => {
    const { call, clock, emulator, id, read } = await testCloud();
    const service = `${services}/${String(await read(`${services}?host=compute1`, 'services', 0, 'id'))}`;
    emulator.faults.hostDown('compute1');
    await call('PUT', service, { forced_down: true });
    await call('POST', `/compute/v2.1/servers/${id('A')}/action`, { evacuate: {} });
    clock.advance(10_000);

    const refused = await call('PUT', service, { forced_down: false });
    emulator.faults.hostUp('compute1');
    const taken = await call('PUT', service, { forced_down: false });

    expect([refused.status, taken.status]).toEqual([400, 200]);
    const record = await read('/compute/v2.1/os-migrations', 'migrations', 0);
    expect(record).toMatchObject({ migration_type: 'evacuation', status: 'completed' });
  });

  test('whose server cannot be rebuilt elsewhere leaves it in ERROR, and the reason in the action', async () => {
    const { call, clock, emulator, id, read } = await testCloud();
    const service = await read(`${services}?host=compute1`, 'services', 0, 'id');
    const server = `/compute/v2.1/servers/${id('A')}`;
    emulator.faults.hostDown('compute1');
    emulator.faults.liveMigration('compute3', { rebuildFail: 'no image' });
    await call('PUT', `${services}/${String(service)}`, { forced_down: true });

    const asked = await call('POST', `${server}/action`, { evacuate: { host: 'compute3' } });
    clock.advance(10_000);

    expect(asked.status).toBe(200);
    expect(await read(server, 'server')).toMatchObject({
      status: 'ERROR',
      'OS-EXT-SRV-ATTR:host': 'compute1',
    });
    expect(await read('/compute/v2.1/os-migrations', 'migrations', 0)).toMatchObject({
      status: 'failed',
      dest_compute: 'compute3',
    });
  });
});

describe('a dead L2 agent', () => {
  test('gets its flow rules when it is back', async () => {
    const { call, clock, emulator, read } = await testCloud();
    const chain = await read('/network/v2.0/sfc/port_chains', 'port_chains', 0);
    const [first, second] = [0, 1].map((index) => at(chain, 'port_pair_groups', index));
    emulator.faults.agentDown('compute4');

    await call('PUT', `/network/v2.0/sfc/port_chains/${String(at(chain, 'id'))}`, {
      port_chain: { port_pair_groups: [second, first] },
    });
    clock.advance(60_000);
    const firstHop = (): unknown => at(emulator.flows().chains[0], 'hops', 0, 'members', 0, 'isOn');
    expect(firstHop()).toBe('compute1');
    expect(await read('/network/v2.0/agents?host=compute4', 'agents', 0, 'alive')).toBe(false);
    emulator.faults.agentUp('compute4');

    expect(firstHop()).toBe('compute2');
  });

  test('lets no port be bound to its host', async () => {
    const { call, emulator, read } = await testCloud();
    emulator.faults.agentDown('compute2');
    const network = await read('/network/v2.0/networks', 'networks', 0, 'id');

    const made = await call('POST', '/network/v2.0/ports', {
      port: { network_id: network, 'binding:host_id': 'compute2' },
    });

    expect(made.body).toMatchObject({ port: { 'binding:vif_type': 'binding_failed' } });
  });
});

describe('an API fault', () => {
  test('answers its status for as many requests as it counts, and does none of their work', async () => {
    const { call, emulator, id } = await testCloud();
    emulator.faults.api({ service: 'compute', method: 'POST', effect: 503, count: 2 });
    const stop = { 'os-stop': null };
    const path = `/compute/v2.1/servers/${id('A')}/action`;

    const answers = [];
    for (let i = 0; i < 3; i += 1) answers.push((await call('POST', path, stop)).status);

    expect(answers).toEqual([503, 503, 202]);
  });

  test('with its answer lost has done its work', async () => {
    const { call, clock, emulator, id } = await testCloud();
    const mend = emulator.faults.api({ path: '/action$', effect: 'answer-lost' });
    const body = { 'os-migrateLive': { host: 'compute2', block_migration: 'auto' } };
    const path = `/compute/v2.1/servers/${id('A')}/action`;

    const unanswered = await Promise.race([
      call('POST', path, body).then(
        () => 'answered',
        () => 'cut',
      ),
      new Promise((resolve) => {
        const look = (): void => {
          if (emulator.calls().length > 0) resolve('nothing');
          else setTimeout(look, 5);
        };
        look();
      }),
    ]);
    mend();
    clock.advance(30_000);

    expect(unanswered).toBe('nothing');
    expect(emulator.placements().get(id('A'))).toBe('compute2');
    expect(emulator.calls()).toMatchObject([{ method: 'POST', status: 0, body }]);
  });

  test('cuts the connection, and ends after its time', async () => {
    const { call, clock, emulator } = await testCloud();
    emulator.faults.api({ service: 'network', effect: 'reset', forMs: 1000 });

    await expect(call('GET', '/network/v2.0/ports')).rejects.toThrow();
    expect((await call('GET', services)).status).toBe(200);
    clock.advance(1000);
    expect((await call('GET', '/network/v2.0/ports')).status).toBe(200);
  });

  test('latency is cloud time, the same from the same seed', async () => {
    const { call, clock, emulator } = await testCloud();
    emulator.faults.latency({ fixedMs: 200, jitterMs: 50 });
    let answered = false;

    const answer = call('GET', services).then((found) => {
      answered = true;
      return found;
    });
    // The request is on its way for an unknown real time: step until it is through.
    while (!answered) {
      clock.advance(50);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }

    expect((await answer).status).toBe(200);
    expect(clock.nowMs() - startMs).toBeGreaterThanOrEqual(200);
  });
});

describe('tokens', () => {
  test('expire by time or by decree, and nothing is answered without one', async () => {
    const { call, emulator } = await testCloud();
    expect((await call('GET', services)).status).toBe(200);

    emulator.faults.expireTokens();

    const refused = await call('GET', services);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toContain('Keystone uri=');
    const short = await testCloud(testSpec(), { tokenLifetimeMs: 5000 });
    short.clock.advance(5000);
    expect((await short.call('GET', services)).status).toBe(401);
  });

  test('are not given for a wrong password', async () => {
    const { emulator } = await testCloud();
    const login = (password: string): Promise<Response> =>
      fetch(`${emulator.authUrl}/auth/tokens`, {
        method: 'POST',
        body: JSON.stringify({
          auth: {
            identity: {
              methods: ['password'],
              password: { user: { name: 'admin', domain: { name: 'Default' }, password } },
            },
            scope: { project: { name: 'admin', domain: { name: 'Default' } } },
          },
        }),
      });

    expect((await login('wrong')).status).toBe(401);
    expect((await login(emulator.credentials.password)).status).toBe(201);
  });
});

describe('the control API', () => {
  test('asks for its token, sets faults and stress, and tells what is', async () => {
    const { call, clock, emulator, id } = await testCloud();
    const bare = await fetch(`${emulator.baseUrl}/emulator/flows`);
    expect(bare.status).toBe(401);

    const down = { kind: 'hostDown', host: 'compute2' };
    expect((await call('POST', '/emulator/faults', down)).status).toBe(204);
    const stress = { host: 'compute1', cores: 20, durationMs: 60_000 };
    expect((await call('POST', '/emulator/stress', stress)).status).toBe(204);
    clock.advance(10_000);

    const { body: load } = await call('GET', '/emulator/load');
    expect(at(load, 'hosts', 1, 'up')).toBe(false);
    expect(Number(at(load, 'hosts', 0, 'cpuPercent'))).toBeGreaterThan(90);
    const { body: placements } = await call('GET', '/emulator/placements');
    expect(placements).toMatchObject({ [id('A')]: 'compute1' });
    const query = `from=${startMs - 60_000}&to=${startMs}&step=10000`;
    const { body: past } = await call('GET', `/emulator/history?${query}`);
    expect(at(past, 'samples', 0)).toMatchObject({
      resource: 'compute1',
      metric: 'host.cpuPercent',
    });
  });

  test.each([
    ['/emulator/faults', { kind: 'nonsense' }, 400],
    ['/emulator/faults', { kind: 'hostDown', host: 'nowhere' }, 400],
    ['/emulator/faults', { kind: 'api', effect: 'sometimes' }, 400],
    ['/emulator/stress', { host: 'compute1' }, 400],
    ['/emulator/unheard-of', {}, 404],
  ])('refuses what it does not know: %s %j', async (path, body, status) => {
    const { call } = await testCloud();

    expect((await call('POST', path, body)).status).toBe(status);
  });
});
