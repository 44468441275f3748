import type { OpenStackOptions } from '@sidestep/openstack';
import type { Inventory } from '../../domain/fleet.ts';
import { ChangingList, sameLists } from '../../domain/inventory-changes.ts';
import type { InventorySource } from '../../ports/inventory-source.ts';
import { ThreadClient } from '../thread/thread-client.ts';
import type { InventoryCalls, InventoryNews, InventoryThreadData } from './inventory-calls.ts';

/** An inventory source that has to be closed. */
export interface ThreadedInventory extends InventorySource {
  /** Rejects with the reason when the login cannot be used: so does then each reading. */
  readonly opened: Promise<void>;
  close(): Promise<void>;
}

/**
 * The inventory from OpenStack, read on a thread of its own: the answers about a large fleet are tens of megabytes of JSON. Only
 * what changed comes over, a page at a turn.
 */
export function threadedInventory(login: OpenStackOptions): ThreadedInventory {
  const data: InventoryThreadData = { login };
  const thread = new ThreadClient<InventoryCalls, InventoryNews>({
    program: new URL('./inventory-thread.ts', import.meta.url),
    data,
    closed: 'The inventory is closed',
  });
  let known: KnownInventory | undefined;
  let reading: Promise<Inventory> | undefined;

  const readOn = async (before: Inventory): Promise<Inventory> => {
    const orders = await thread.call('read', () => null);
    known ??= new KnownInventory(before);
    const nextPage = () => thread.call('page', () => null);
    for (let page = await nextPage(); page !== null; page = await nextPage()) {
      known.lists[page.list].take(page.items);
    }
    return known.become(orders);
  };

  return {
    opened: thread.opened,
    read: (signal, before) => {
      // One that its caller has given up is taken in all the same: what the thread has told it does not tell again.
      reading ??= readOn(before).finally(() => {
        reading = undefined;
      });
      return untilAborted(reading, signal, () => thread.tell('stop'));
    },
    close: () => thread.close('close', null),
  };
}

type Item = Inventory[keyof Inventory][number];

/** The inventory that what changed is applied to. */
class KnownInventory {
  /** The pages say which list they are of. */
  readonly lists: Readonly<Record<keyof Inventory, ChangingList<Item>>>;
  #inventory: Inventory;

  constructor(before: Inventory) {
    this.#inventory = before;
    this.lists = {
      hosts: new ChangingList<Item>(before.hosts),
      servers: new ChangingList<Item>(before.servers),
      serverGroups: new ChangingList<Item>(before.serverGroups),
      chains: new ChangingList<Item>(before.chains),
      flavors: new ChangingList<Item>(before.flavors),
    };
  }

  become(orders: InventoryCalls['read']['told']): Inventory {
    const { hosts, servers, serverGroups, chains, flavors } = this.lists;
    const next: Inventory = {
      hosts: hosts.become(orders.hosts) as Inventory['hosts'],
      servers: servers.become(orders.servers) as Inventory['servers'],
      serverGroups: serverGroups.become(orders.serverGroups) as Inventory['serverGroups'],
      chains: chains.become(orders.chains) as Inventory['chains'],
      flavors: flavors.become(orders.flavors) as Inventory['flavors'],
    };
    if (!sameLists(this.#inventory, next)) this.#inventory = next;
    return this.#inventory;
  }
}

/** Rejects with the signal's reason as soon as it aborts. */
function untilAborted<T>(work: Promise<T>, signal: AbortSignal, onAbort: () => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => {
      onAbort();
      reject(signal.reason);
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}
