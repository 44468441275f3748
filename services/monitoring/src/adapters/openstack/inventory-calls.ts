import type { OpenStackOptions } from '@sidestep/openstack';
import type { Inventory } from '../../domain/fleet.ts';

/** What the inventory's thread is started with. */
export interface InventoryThreadData {
  readonly login: OpenStackOptions;
}

/** Items of one list that changed. */
export interface InventoryPage {
  readonly list: keyof Inventory;
  readonly items: readonly Inventory[keyof Inventory][number][];
}

/** The ids of each list of which there are others than before, or in another order. */
export type InventoryOrders = Partial<Readonly<Record<keyof Inventory, readonly string[]>>>;

/** What the inventory's thread is asked, and what it answers. */
export interface InventoryCalls {
  /** Reads the VIM; what changed waits for being fetched. */
  read: { ask: null; told: InventoryOrders };
  /** The next page of what changed; null after the last. */
  page: { ask: null; told: InventoryPage | null };
  close: { ask: null; told: null };
}

/** Told to the thread: nobody waits for the reading any more. */
export type InventoryNews = 'stop';
