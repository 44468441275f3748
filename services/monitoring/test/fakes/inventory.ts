import type { Host, Inventory, Server } from '../../src/domain/fleet.ts';
import { emptyInventory } from '../../src/domain/fleet.ts';
import type { InventorySource } from '../../src/ports/inventory-source.ts';

export const hostNamed = (id: string, over: Partial<Host> = {}): Host => ({
  id,
  state: 'up',
  status: 'enabled',
  disabledReason: null,
  zone: 'nova',
  aggregates: [],
  ip: '192.0.2.1',
  cores: 12,
  vcpus: 48,
  vcpusUsed: 3,
  ramMiB: 24_576,
  ramUsedMiB: 3072,
  diskGiB: 100,
  diskUsedGiB: 3,
  ...over,
});

export const serverNamed = (id: string, over: Partial<Server> = {}): Server => ({
  id,
  name: `vnf-${id}`,
  hostId: 'compute1',
  status: 'ACTIVE',
  taskState: null,
  flavorId: 'f1',
  imageId: null,
  vcpus: 2,
  ramMiB: 1024,
  diskGiB: 1,
  tags: ['vnf'],
  zone: 'nova',
  ports: [],
  ...over,
});

export type FakeInventorySource = InventorySource & {
  /** What the next readings give, or the failure they meet. */
  become(next: Inventory | Error): void;
};

export function fakeInventorySource(first: Partial<Inventory> = {}): FakeInventorySource {
  let next: Inventory | Error = { ...emptyInventory, ...first };
  return {
    become: (now) => {
      next = now;
    },
    read: async () => {
      if (next instanceof Error) throw next;
      return next;
    },
  };
}
