import type { JsonNode } from '../http/json-node.ts';
import { createServiceClient, pathOf } from '../http/service-client.ts';
import type { Transport } from '../http/transport.ts';
import type { Session } from '../identity/session.ts';
import type { Glance } from '../types/clients.ts';
import type { Image } from '../types/image.ts';

/** Fields of Glance's own (its `image` schema) that are strings; all others are the image's properties. */
const ownFields: ReadonlySet<string> = new Set(
  'id name status disk_format container_format visibility checksum owner file self schema created_at updated_at direct_url locations os_hash_algo os_hash_value stores'.split(
    ' ',
  ),
);

function readImage(node: JsonNode): Image {
  const fields = Object.entries(node.ownStrings()).filter(([key]) => !ownFields.has(key));
  return {
    id: node.string('id'),
    name: node.nullableString('name'),
    status: node.string('status'),
    sizeBytes: node.nullableNumber('size'),
    diskFormat: node.nullableString('disk_format'),
    containerFormat: node.nullableString('container_format'),
    minDiskGiB: node.number('min_disk'),
    minRamMiB: node.number('min_ram'),
    visibility: node.string('visibility'),
    checksum: node.nullableString('checksum'),
    tags: node.strings('tags'),
    properties: Object.fromEntries(fields),
  };
}

/** Makes the Glance client. */
export function createGlance(options: {
  readonly session: Session;
  readonly transport: Transport;
}): Glance {
  const client = createServiceClient({
    service: 'image',
    ...options,
    base: (endpoint) => (/\/v2(\.\d+)?$/.test(endpoint) ? endpoint : `${endpoint}/v2`),
  });
  return {
    listImages: async (filter = {}, call) => {
      const keys = { items: 'images', links: 'next' };
      return (await client.list('/images', keys, { name: filter.name }, call)).map(readImage);
    },
    showImage: async (id, call) => readImage(await client.get(pathOf`/images/${id}`, {}, call)),
  };
}
