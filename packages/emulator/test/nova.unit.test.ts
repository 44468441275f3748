import { describe, expect, test } from 'vitest';
import { at, fixture, shape, testCloud, testSpec } from './cloud.ts';

const nova = '/compute/v2.1';

describe('Nova', () => {
  test('tells its highest microversion, and refuses higher ones', async () => {
    const { call, read } = await testCloud(testSpec(), { maxMicroversion: '2.87' });

    expect(await read(`${nova}/`, 'version', 'version')).toBe(undefined);
    const { body } = await call('GET', `${nova}/`, undefined, '2.1');
    expect(body).toMatchObject({ version: { version: '2.87', min_version: '2.1' } });
    const refused = await call('GET', `${nova}/os-services`, undefined, '2.90');
    expect(refused.status).toBe(406);
  });

  test('shows capacity in hypervisors up to 2.87, and no longer from 2.88 on', async () => {
    const { call } = await testCloud();
    const path = `${nova}/os-hypervisors/detail?with_servers=true`;

    const old = await call('GET', path, undefined, '2.87');
    const now = await call('GET', path);

    expect(at(old.body, 'hypervisors', 0)).toMatchObject({ vcpus: 12, vcpus_used: 1 });
    expect(at(now.body, 'hypervisors', 0)).not.toHaveProperty('vcpus');
    expect(at(now.body, 'hypervisors', 0, 'servers', 0, 'name')).toBe('A');
  });

  test('shows a server in the recorded form', async () => {
    const { id, read } = await testCloud();

    const server = await read(`${nova}/servers/${id('A')}`, 'server');

    expect(Object.keys(Object(shape(server)))).toEqual(
      Object.keys(Object(shape(fixture('cold-migrate-verify')))),
    );
  });

  test('pages servers by marker, newest first, each once', async () => {
    const { read } = await testCloud();
    const names: unknown[] = [];
    let path = `${nova}/servers/detail?all_tenants=1&limit=1`;
    for (let page = 0; page < 5 && path !== ''; page += 1) {
      const body = await read(path);
      names.push(at(body, 'servers', 0, 'name'));
      const href = at(body, 'servers_links', 0, 'href');
      path = typeof href === 'string' ? new URL(href).pathname + new URL(href).search : '';
    }

    expect(names).toEqual(['C', 'B', 'A']);
  });

  test('pages ports by marker, each once, and lists those of ids', async () => {
    const { read } = await testCloud();
    const all = await read('/network/v2.0/ports?fields=id', 'ports');
    const ids = Array.isArray(all) ? all.map((_, index) => at(all, index, 'id')) : [];
    const paged: unknown[] = [];
    for (let marker = ''; paged.length <= ids.length; ) {
      const page = await read(`/network/v2.0/ports?limit=2${marker}`, 'ports');
      if (!Array.isArray(page) || page.length === 0) break;
      paged.push(...page.map((_, index) => at(page, index, 'id')));
      marker = `&marker=${String(paged.at(-1))}`;
    }

    const two = await read(
      `/network/v2.0/ports?id=${String(ids[2])}&id=${String(ids[0])}&id=nobody`,
      'ports',
    );

    expect(ids.length).toBeGreaterThan(2);
    expect(paged).toEqual(ids);
    expect(two).toMatchObject([{ id: ids[0] }, { id: ids[2] }]);
  });

  test('filters servers by host', async () => {
    const { read } = await testCloud();

    const found = await read(`${nova}/servers/detail?host=compute2`, 'servers');

    expect(found).toMatchObject([{ name: 'B' }]);
  });

  test('builds a server on its ports, stops, starts and deletes it', async () => {
    const { call, clock, emulator, read } = await testCloud();
    const network = await read('/network/v2.0/networks', 'networks', 0, 'id');
    const made = await call('POST', '/network/v2.0/ports', {
      port: { network_id: network, name: 'new-in' },
    });
    const port = at(made.body, 'port', 'id');
    const created = await call('POST', `${nova}/servers`, {
      server: {
        name: 'new',
        flavorRef: 'small',
        imageRef: '',
        networks: [{ port }],
        host: 'compute5',
      },
    });
    const path = `${nova}/servers/${String(at(created.body, 'server', 'id'))}`;
    const status = (): Promise<unknown> => read(path, 'server', 'status');
    expect(created.status).toBe(202);
    expect(await status()).toBe('BUILD');
    clock.advance(3000);
    expect(await status()).toBe('ACTIVE');
    expect(await read(`/network/v2.0/ports/${String(port)}`, 'port')).toMatchObject({
      status: 'ACTIVE',
      'binding:host_id': 'compute5',
    });
    await call('POST', `${path}/action`, { 'os-stop': null });
    clock.advance(1000);
    expect(await status()).toBe('SHUTOFF');
    const refused = await call('POST', `${path}/action`, {
      'os-migrateLive': { host: 'compute1', block_migration: 'auto' },
    });
    expect(refused.status).toBe(409);
    expect(JSON.stringify(refused.body)).toContain('while it is in vm_state stopped');
    await call('POST', `${path}/action`, { 'os-start': null });
    clock.advance(2000);
    expect(emulator.load().servers.some(({ host }) => host === 'compute5')).toBe(true);
    expect((await call('DELETE', path)).status).toBe(204);
    clock.advance(1000);
    expect((await call('GET', path)).status).toBe(404);
    expect(await read(`/network/v2.0/ports/${String(port)}`, 'port', 'device_id')).toBe('');
  });

  test('a server that fits nowhere ends in ERROR with its reason', async () => {
    const { call, clock, read } = await testCloud();
    await call('POST', `${nova}/flavors`, {
      flavor: { name: 'giant', id: 'giant', vcpus: 99, ram: 1_000_000, disk: 1 },
    });

    const created = await call('POST', `${nova}/servers`, {
      server: { name: 'new', flavorRef: 'giant', imageRef: '', networks: 'none' },
    });
    clock.advance(5000);

    const id = String(at(created.body, 'server', 'id'));
    expect(await read(`${nova}/servers/${id}`, 'server')).toMatchObject({
      status: 'ERROR',
      fault: { code: 500 },
    });
  });

  test('a cold migration waits to be confirmed or reverted', async () => {
    const { call, clock, id, read } = await testCloud();
    const action = `${nova}/servers/${id('A')}/action`;
    const record = (): Promise<unknown> =>
      read(`${nova}/os-migrations?instance_uuid=${id('A')}`, 'migrations', 0, 'status');
    const same = await call('POST', action, { migrate: { host: 'compute1' } });
    expect(same.status).toBe(400);

    await call('POST', action, { migrate: { host: 'compute4' } });
    clock.advance(10_000);
    expect(await read(`${nova}/servers/${id('A')}`, 'server')).toMatchObject({
      status: 'VERIFY_RESIZE',
      'OS-EXT-SRV-ATTR:host': 'compute4',
    });
    expect(await record()).toBe('finished');
    expect((await call('POST', action, { revertResize: null })).status).toBe(202);
    clock.advance(10_000);
    expect(await record()).toBe('reverted');
    await call('POST', action, { migrate: { host: 'compute4' } });
    clock.advance(10_000);
    expect((await call('POST', action, { confirmResize: null })).status).toBe(204);

    expect(await record()).toBe('confirmed');
    expect(await read(`${nova}/servers/${id('A')}`, 'server')).toMatchObject({
      status: 'ACTIVE',
      'OS-EXT-SRV-ATTR:host': 'compute4',
    });
  });

  test('disables a service as recorded', async () => {
    const { call, read } = await testCloud();
    const id = await read(`${nova}/os-services?host=compute1`, 'services', 0, 'id');

    const { body } = await call('PUT', `${nova}/os-services/${String(id)}`, {
      status: 'disabled',
      disabled_reason: 'lab drain',
    });

    expect(shape(body)).toEqual(shape(fixture('service-disable')));
    expect(body).toMatchObject({ service: { status: 'disabled', disabled_reason: 'lab drain' } });
  });
});

describe('Placement', () => {
  test('offers the hosts that have room, and only those', async () => {
    const { read } = await testCloud();
    const path = '/placement/allocation_candidates?resources=VCPU:1,MEMORY_MB:23500';

    const found = await read(path, 'provider_summaries');

    // compute1, 2 and 3 have a server of 1 GiB each.
    expect(Object.keys(Object(found))).toHaveLength(2);
  });
});

describe('Keystone', () => {
  test('lists every region, and sends clients of another one nowhere', async () => {
    const { emulator, read } = await testCloud(testSpec({ otherRegions: ['RegionTwo'] }));

    const catalog = JSON.stringify(await read('/identity/v3/auth/catalog'));

    expect(catalog).toContain(`${emulator.baseUrl}/compute/v2.1"`);
    expect(catalog).toContain('/elsewhere/RegionTwo');
  });
});
