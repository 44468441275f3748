import type { MessagePort } from 'node:worker_threads';
import type { OpenStackOptions } from '@sidestep/openstack';
import type { Inventory } from '../../domain/fleet.ts';

/** What the thread is started with. */
export interface InventoryThreadData {
  readonly login: OpenStackOptions;
  /** Where what changed is put, a page a message. */
  readonly pages: MessagePort;
}

/** What the thread is asked to do. */
export type InventoryRequest = 'read' | 'stop';

/** Items of one list that changed. */
export interface InventoryPage {
  readonly list: keyof Inventory;
  readonly items: readonly Inventory[keyof Inventory][number][];
}

/** How a reading ended; its pages were put before. */
export type InventoryNews =
  | {
      readonly kind: 'read';
      /** The ids of each list of which there are others than before, or in another order. */
      readonly orders: Partial<Readonly<Record<keyof Inventory, readonly string[]>>>;
    }
  | { readonly kind: 'failed'; readonly message: string };
