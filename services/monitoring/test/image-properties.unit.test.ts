import { demoCloud, manualClock, startEmulator } from '@sidestep/emulator';
import { createOpenStack, type Image, OpenStackError } from '@sidestep/openstack';
import { expect, onTestFinished, test } from 'vitest';
import { imagePropertyReader } from '../src/adapters/openstack/image-properties.ts';
import { openStackInventory } from '../src/adapters/openstack/openstack-inventory.ts';

const call = { signal: new AbortController().signal };
const startMs = Date.UTC(2026, 0, 1);

/** A Glance of such images, and what it was asked for. */
function glanceOf(images: Record<string, Record<string, string> | OpenStackError>) {
  const asked: string[] = [];
  const glance = {
    listImages: async () => [],
    showImage: async (id: string): Promise<Image> => {
      asked.push(id);
      const properties = images[id];
      if (properties === undefined) throw failure('not-found');
      if (properties instanceof OpenStackError) throw properties;
      return {
        id,
        name: id,
        status: 'active',
        sizeBytes: 1,
        diskFormat: 'raw',
        containerFormat: 'bare',
        minDiskGiB: 0,
        minRamMiB: 0,
        visibility: 'public',
        checksum: null,
        tags: [],
        properties,
      };
    },
  };
  return { asked, read: imagePropertyReader({ glance }) };
}

const failure = (kind: OpenStackError['kind']) =>
  new OpenStackError({ kind, service: 'image', method: 'GET', path: '/images/one', detail: kind });

test('of an image only what ties its servers is told, and each image is asked for once', async () => {
  const { read, asked } = glanceOf({
    pinned: { hw_cpu_policy: 'dedicated', hw_disk_bus: 'virtio', 'trait:A': 'required' },
    plain: { os_distro: 'debian' },
  });

  const first = await read(['pinned', 'plain', 'pinned'], call);
  const again = await read(['pinned'], call);

  expect(first('pinned')).toEqual({ hw_cpu_policy: 'dedicated', 'trait:A': 'required' });
  expect(first('plain')).toEqual({});
  expect(first(null)).toEqual({});
  expect(again('pinned')).toEqual(first('pinned'));
  expect(asked.toSorted()).toEqual(['pinned', 'plain']);
});

test('an image that is gone or not ours to read tells nothing, and is not asked for again', async () => {
  const { read, asked } = glanceOf({ secret: failure('forbidden') });

  const told = await read(['gone', 'secret'], call);
  await read(['gone', 'secret'], call);

  expect([told('gone'), told('secret')]).toEqual([{}, {}]);
  expect(asked).toHaveLength(2);
});

test('a Glance that does not answer leaves the inventory unread: nobody takes a pinned server for a free one', async () => {
  const { read } = glanceOf({ any: failure('timeout') });

  await expect(read(['any'], call)).rejects.toMatchObject({ kind: 'timeout' });
});

test('the inventory tells it of servers from such an image, of none that boot from a volume', async () => {
  const demo = demoCloud(1, { liveStartMs: startMs });
  const [first, ...others] = demo.servers;
  if (first === undefined) throw new Error('a cloud without servers');
  const imageProperties = { hw_mem_page_size: 'large', hw_disk_bus: 'virtio' };
  const spec = { ...demo, imageProperties, servers: [{ ...first, volumeBacked: true }, ...others] };
  const emulator = await startEmulator(spec, { clock: manualClock(startMs) });
  onTestFinished(() => emulator.close());
  const { authUrl, username, password, projectName, regionName } = emulator.credentials;
  const auth = { kind: 'password', username, password, projectName } as const;
  const cloud = createOpenStack({ authUrl, region: regionName, auth, retries: 0 });

  const { servers } = await openStackInventory(cloud).read(call.signal);

  for (const { name, imageId, facts } of servers) {
    const expected = imageId === null ? undefined : { hw_mem_page_size: 'large' };
    expect(facts?.imageProperties, name).toEqual(expected);
  }
  expect(servers.filter(({ imageId }) => imageId === null)).toHaveLength(1);
});
