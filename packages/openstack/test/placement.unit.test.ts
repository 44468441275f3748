import { UnsupportedMicroversion } from '@sidestep/openstack';
import { expect, test } from 'vitest';
import { errorOf, startFakeOpenStack } from './fake-openstack.ts';
import { fixture } from './fixture.ts';

const PROVIDER = '30742363-f65e-4012-a60a-43e0bec38f0e';
const PATH = `GET /placement/resource_providers/${PROVIDER}`;

test('providers, inventories, usages and traits are read', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /placement/resource_providers', {
    json: {
      resource_providers: [
        {
          uuid: PROVIDER,
          name: 'compute1',
          generation: 7,
          parent_provider_uuid: null,
          root_provider_uuid: PROVIDER,
          links: [],
        },
      ],
    },
  });
  const vcpu = {
    total: 32,
    reserved: 0,
    allocation_ratio: 4.0,
    min_unit: 1,
    max_unit: 32,
    step_size: 1,
  };
  cloud.on(`${PATH}/inventories`, {
    json: { resource_provider_generation: 7, inventories: { VCPU: vcpu } },
  });
  cloud.on(`${PATH}/usages`, { json: { resource_provider_generation: 7, usages: { VCPU: 3 } } });
  cloud.on(`${PATH}/traits`, {
    json: { resource_provider_generation: 7, traits: ['COMPUTE_NODE'] },
  });
  const { placement } = cloud.connect();

  expect(await placement.listResourceProviders({ name: 'compute1' })).toEqual([
    { id: PROVIDER, name: 'compute1', generation: 7, parentId: null, rootId: PROVIDER },
  ]);
  expect(await placement.inventories(PROVIDER)).toEqual({
    generation: 7,
    byClass: {
      VCPU: { total: 32, reserved: 0, allocationRatio: 4, minUnit: 1, maxUnit: 32, stepSize: 1 },
    },
  });
  expect(await placement.usages(PROVIDER)).toEqual({ generation: 7, byClass: { VCPU: 3 } });
  expect(await placement.traits(PROVIDER)).toEqual(['COMPUTE_NODE']);
  expect(cloud.seen.at(-1)?.headers['openstack-api-version']).toBe('placement 1.39');
});

test('allocations are read by consumer and by provider', async () => {
  await using cloud = await startFakeOpenStack();
  const resources = { VCPU: 1, MEMORY_MB: 1024 };
  cloud.on('GET /placement/allocations/s1', {
    json: {
      allocations: { [PROVIDER]: { generation: 7, resources } },
      consumer_generation: 1,
      project_id: 'p',
      user_id: 'u',
    },
  });
  cloud.on(`${PATH}/allocations`, {
    json: { resource_provider_generation: 7, allocations: { s1: { resources } } },
  });
  const { placement } = cloud.connect();

  expect(await placement.allocationsOfConsumer('s1')).toEqual({
    byProvider: { [PROVIDER]: resources },
    consumerGeneration: 1,
  });
  expect(await placement.allocationsOfProvider(PROVIDER)).toEqual({
    generation: 7,
    byConsumer: { s1: resources },
  });
});

test('allocation candidates are asked by resources, traits and tree', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /placement/allocation_candidates', { json: fixture('hand-allocation-candidates') });

  const found = await cloud.connect().placement.allocationCandidates({
    resources: { VCPU: 1, MEMORY_MB: 1024 },
    forbidden: ['COMPUTE_STATUS_DISABLED'],
    inTree: PROVIDER,
    limit: 5,
  });

  const query = new URL(`http://x${cloud.seen.at(-1)?.path}`).searchParams;
  expect(Object.fromEntries(query)).toEqual({
    resources: 'VCPU:1,MEMORY_MB:1024',
    required: '!COMPUTE_STATUS_DISABLED',
    in_tree: PROVIDER,
    limit: '5',
  });
  expect(found).toEqual({
    candidates: [{ byProvider: { [PROVIDER]: { VCPU: 1, MEMORY_MB: 1024 } } }],
    summaries: {
      [PROVIDER]: {
        capacity: { VCPU: 32, MEMORY_MB: 65536 },
        used: { VCPU: 3, MEMORY_MB: 6144 },
        traits: ['COMPUTE_NODE', 'HW_CPU_X86_SSE2'],
      },
    },
  });
});

test("Placement's own form of an error is read", async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(`${PATH}/usages`, {
    status: 404,
    json: {
      errors: [
        {
          status: 404,
          title: 'Not Found',
          detail: 'The resource could not be found.\n\n No resource provider.  ',
          code: 'placement.undefined_code',
          request_id: 'req-p',
        },
      ],
    },
  });

  const error = await errorOf(cloud.connect().placement.usages(PROVIDER));

  expect(error).toMatchObject({ kind: 'not-found', fault: 'placement.undefined_code' });
  expect(error.detail).toBe('The resource could not be found. No resource provider.');
});

test('a Placement too old for in_tree is refused', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /placement/', {
    json: { versions: [{ id: 'v1.0', min_version: '1.0', max_version: '1.30' }] },
  });

  const error = await errorOf(cloud.connect().placement.microversions());

  expect(error).toBeInstanceOf(UnsupportedMicroversion);
});

test('images are read over all pages', async () => {
  await using cloud = await startFakeOpenStack();
  const image = {
    id: 'i1',
    name: 'vnf-image',
    status: 'active',
    size: 65536,
    disk_format: 'raw',
    container_format: 'bare',
    min_disk: 0,
    min_ram: 0,
    visibility: 'public',
    checksum: null,
    tags: [],
    owner: 'p1',
    hw_cpu_policy: 'dedicated',
    os_hidden: false,
  };
  cloud.on(
    'GET /image/v2/images',
    { json: { images: [image], next: '/v2/images?marker=i1' } },
    { json: { images: [{ ...image, id: 'i2' }] } },
  );
  cloud.on('GET /image/v2/images/i1', { json: image });
  const { glance } = cloud.connect();

  expect((await glance.listImages({ name: 'vnf-image' })).map(({ id }) => id)).toEqual([
    'i1',
    'i2',
  ]);
  expect(cloud.seen.at(-1)?.path).toBe('/image/v2/images?name=vnf-image&marker=i1');
  expect(await glance.showImage('i1')).toMatchObject({
    sizeBytes: 65536,
    minDiskGiB: 0,
    properties: { hw_cpu_policy: 'dedicated' },
  });
});

test("Glance's own form of an error is read", async () => {
  await using cloud = await startFakeOpenStack();
  const message = 'No image found with ID i9 \n\n';
  cloud.on('GET /image/v2/images/i9', {
    status: 404,
    json: { message, code: '404 Not Found', title: 'Not Found' },
  });

  const error = await errorOf(cloud.connect().glance.showImage('i9'));

  expect(error).toMatchObject({ kind: 'not-found', detail: 'No image found with ID i9' });
});
