import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  MessageChannel,
  type MessagePort,
  receiveMessageOnPort,
  Worker,
} from 'node:worker_threads';
import type { OpenStackOptions } from '@sidestep/openstack';
import type { Inventory } from '../../domain/fleet.ts';
import { ChangingList, sameLists } from '../../domain/inventory-changes.ts';
import type { InventorySource } from '../../ports/inventory-source.ts';
import type {
  InventoryNews,
  InventoryPage,
  InventoryRequest,
  InventoryThreadData,
} from './inventory-messages.ts';

/** An inventory source that has to be closed. */
export interface ThreadedInventory extends InventorySource {
  close(): Promise<void>;
}

/**
 * The inventory from OpenStack, read on a thread of its own: the answers about a large fleet are tens of megabytes of JSON. Only
 * what changed comes over, a page at a turn.
 */
export function threadedInventory(login: OpenStackOptions): ThreadedInventory {
  let thread: InventoryThread | undefined;
  return {
    read: (signal, before) => {
      // One that broke off is replaced by one that tells everything anew.
      if (thread === undefined || thread.hasEnded) thread = new InventoryThread(login, before);
      return thread.read(signal);
    },
    close: async () => {
      await thread?.close();
    },
  };
}

class InventoryThread {
  readonly #worker: Worker;
  readonly #pages: MessagePort;
  readonly #lists: { readonly [Name in keyof Inventory]: ChangingList<Inventory[Name][number]> };
  #known: Inventory;
  #reading: Promise<Inventory> | undefined;
  #settle: ((news: InventoryNews) => void) | undefined;
  #end: string | undefined;

  constructor(login: OpenStackOptions, before: Inventory) {
    const { port1, port2 } = new MessageChannel();
    const workerData: InventoryThreadData = { login, pages: port2 };
    this.#known = before;
    this.#lists = {
      hosts: new ChangingList(before.hosts),
      servers: new ChangingList(before.servers),
      serverGroups: new ChangingList(before.serverGroups),
      chains: new ChangingList(before.chains),
      flavors: new ChangingList(before.flavors),
    };
    this.#pages = port1;
    this.#worker = new Worker(new URL('./inventory-thread.ts', import.meta.url), {
      workerData,
      transferList: [port2],
    });
    this.#worker.on('message', (news: InventoryNews) => this.#settle?.(news));
    this.#worker.once('error', (error) => this.#ended(`broke off: ${String(error)}`));
    this.#worker.once('exit', () => this.#ended('ended'));
  }

  get hasEnded(): boolean {
    return this.#end !== undefined;
  }

  /** The reading that is under way, or a new one. A caller that gives up leaves one that is taken in all the same. */
  read(signal: AbortSignal): Promise<Inventory> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = undefined;
    });
    const reading = this.#reading;
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#ask('stop');
        reject(signal.reason);
      };
      if (signal.aborted) giveUp();
      signal.addEventListener('abort', giveUp, { once: true });
      reading.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
    });
  }

  async close(): Promise<void> {
    this.#ended('was closed');
    await this.#worker.terminate();
  }

  async #read(): Promise<Inventory> {
    const news = await new Promise<InventoryNews>((resolve) => {
      this.#settle = resolve;
      this.#ask('read');
    });
    if (news.kind === 'failed') throw new Error(news.message);
    for (let page = this.#page(); page !== undefined; page = this.#page()) {
      // The page says which list it is of.
      const list = this.#lists[page.list] as ChangingList<(typeof page.items)[number]>;
      list.take(page.items);
      await nextTurn();
    }
    const { orders } = news;
    const next: Inventory = {
      hosts: this.#lists.hosts.become(orders.hosts),
      servers: this.#lists.servers.become(orders.servers),
      serverGroups: this.#lists.serverGroups.become(orders.serverGroups),
      chains: this.#lists.chains.become(orders.chains),
      flavors: this.#lists.flavors.become(orders.flavors),
    };
    if (!sameLists(this.#known, next)) this.#known = next;
    return this.#known;
  }

  #ask(request: InventoryRequest): void {
    this.#worker.postMessage(request);
  }

  #page(): InventoryPage | undefined {
    return receiveMessageOnPort(this.#pages)?.message as InventoryPage | undefined;
  }

  #ended(how: string): void {
    this.#end ??= `The thread that reads the VIM ${how}`;
    this.#settle?.({ kind: 'failed', message: this.#end });
  }
}
