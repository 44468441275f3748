import { parentPort, workerData } from 'node:worker_threads';
import { createOpenStack } from '@sidestep/openstack';
import { emptyInventory, type Inventory } from '../../domain/fleet.ts';
import { changesOfList, inventoryLists } from '../../domain/inventory-changes.ts';
import type {
  InventoryNews,
  InventoryPage,
  InventoryRequest,
  InventoryThreadData,
} from './inventory-messages.ts';
import { openStackInventory } from './openstack-inventory.ts';

/** The service takes one page a turn: some milliseconds. */
const PAGE_ITEMS = 256;

const { login, pages } = workerData as InventoryThreadData;
const source = openStackInventory(createOpenStack(login));
let told: Inventory = emptyInventory;
let reading = new AbortController();

async function read(): Promise<InventoryNews> {
  reading = new AbortController();
  try {
    const now = await source.read(reading.signal);
    const orders: Partial<Record<keyof Inventory, readonly string[]>> = {};
    for (const list of inventoryLists) {
      const { changed, order } = changesOfList<Inventory[typeof list][number]>(
        told[list],
        now[list],
      );
      if (order !== undefined) orders[list] = order;
      for (let at = 0; at < changed.length; at += PAGE_ITEMS) {
        const page: InventoryPage = { list, items: changed.slice(at, at + PAGE_ITEMS) };
        pages.postMessage(page);
      }
    }
    told = now;
    return { kind: 'read', orders };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', async (request: InventoryRequest) => {
  if (request === 'stop') reading.abort();
  else parentPort?.postMessage(await read());
});
