import { createOpenStack, type OpenStackOptions } from '@sidestep/openstack';
import type { Inventory } from '../../domain/fleet.ts';
import { changesOfList, inventoryLists } from '../../domain/inventory-changes.ts';
import { letOthersGoFirst } from '../thread/thread-priority.ts';
import { serveThread, type ThreadService } from '../thread/thread-server.ts';
import type {
  InventoryCalls,
  InventoryNews,
  InventoryPage,
  InventoryThreadData,
} from './inventory-calls.ts';
import { openStackInventory } from './openstack-inventory.ts';

/** Who fetches them takes one page a turn: some milliseconds. */
const PAGE_ITEMS = 256;

function inventoryThread(login: OpenStackOptions): ThreadService<InventoryCalls, InventoryNews> {
  const source = openStackInventory(createOpenStack(login));
  let told: Inventory | undefined;
  let pages: InventoryPage[] = [];
  let reading = new AbortController();
  const answers: ThreadService<InventoryCalls, InventoryNews>['answers'] = {
    read: async () => {
      reading = new AbortController();
      const now = await source.read(reading.signal);
      const orders: Partial<Record<keyof Inventory, readonly string[]>> = {};
      for (const list of inventoryLists) {
        type Item = Inventory[typeof list][number];
        const { changed, order } = changesOfList<Item>(told?.[list], now[list]);
        if (order !== undefined) orders[list] = order;
        for (let at = 0; at < changed.length; at += PAGE_ITEMS) {
          pages.push({ list, items: changed.slice(at, at + PAGE_ITEMS) });
        }
      }
      told = now;
      return orders;
    },
    page: async () => pages.shift() ?? null,
    close: async () => {
      reading.abort();
      pages = [];
      return null;
    },
  };
  return { answers, learn: () => reading.abort() };
}

serveThread<InventoryThreadData, InventoryCalls, InventoryNews>(({ login }) => {
  letOthersGoFirst();
  return inventoryThread(login);
});
