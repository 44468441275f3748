import type { WireImage } from '@sidestep/openstack/wire';
import type { World } from '../cloud/world.ts';
import { ApiError } from './api-error.ts';
import { param, Router } from './router.ts';

/** Glance v2, read only, with the one image that the servers are made of. */
export function glanceRouter(world: World): Router {
  const image: WireImage = {
    id: world.ids.imageId,
    name: 'vnf-image',
    status: 'active',
    size: 65_536,
    disk_format: 'raw',
    container_format: 'bare',
    min_disk: 0,
    min_ram: 0,
    visibility: 'public',
    checksum: 'fcd6bcb56c1689fcef28b57c22475bad',
    tags: [],
    ...world.spec.imageProperties,
  };
  return new Router()
    .on('GET', '/v2/images', ({ query }) => {
      const name = query.get('name');
      const images = name === null || name === image.name ? [image] : [];
      return {
        status: 200,
        body: { images, first: '/v2/images', schema: '/v2/schemas/images' },
      };
    })
    .on('GET', '/v2/images/:image', (request) => {
      const id = param(request, 'image');
      if (id !== image.id) throw new ApiError(404, `No image found with ID ${id}`);
      return { status: 200, body: image };
    });
}
