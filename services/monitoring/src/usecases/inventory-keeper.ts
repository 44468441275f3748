import type { Clock, Log, Records } from '@sidestep/service-kit';
import { emptyInventory, type Inventory, type ObservedInventory } from '../domain/fleet.ts';
import {
  type KnownResources,
  type ReportedResource,
  resourceDirectory,
} from '../domain/resources.ts';
import type { InventorySource } from '../ports/inventory-source.ts';
import { InventoryRecords, type KeptInventory } from './inventory-records.ts';
import { shareUnchanged } from './share-unchanged.ts';

/** The last known inventory. A VIM that fails leaves it as it is, with its age and the reason. */
export class InventoryKeeper {
  readonly #source: InventorySource;
  readonly #records: InventoryRecords;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #timeoutMs: number;
  #current: ObservedInventory = {
    inventory: emptyInventory,
    observedAtMs: null,
    problem: 'The VIM has not been read yet',
  };
  #directory = resourceDirectory({ hosts: new Set(), servers: new Map() });
  #known: ReadonlySet<string> = new Set();
  /** What the directory was made of. */
  #named: KnownResources = { hosts: new Set(), servers: new Map() };
  #generation = 0;
  #refreshing: Promise<void> | undefined;
  #hasEnded = false;

  constructor(
    source: InventorySource,
    records: Records,
    clock: Clock,
    log: Log,
    options: { timeoutMs: number },
  ) {
    this.#source = source;
    this.#records = new InventoryRecords(records);
    this.#clock = clock;
    this.#log = log;
    this.#timeoutMs = options.timeoutMs;
  }

  current(): ObservedInventory {
    return this.#current;
  }

  /** Rises whenever other agents may mean other resources. */
  generation(): number {
    return this.#generation;
  }

  resourceOf(agentHost: string): ReportedResource {
    return this.#directory(agentHost);
  }

  /** Whether the VIM, read without a problem, no longer knows a host, server or chain of this id. */
  isGone(resource: string): boolean {
    return this.#current.problem === null && !this.#known.has(resource);
  }

  /** Takes what an earlier process knew. */
  async load(): Promise<void> {
    const kept = await this.#records.load();
    if (kept !== undefined) this.#use(kept.inventory, kept.observedAtMs, this.#current.problem);
  }

  /** Reads the VIM once, one reading at a time; never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  /** The process ends: a reading that is cut short by that is no fault of the VIM. */
  end(): void {
    this.#hasEnded = true;
  }

  async #refresh(): Promise<void> {
    if (this.#hasEnded) return;
    try {
      const { inventory: before } = this.#current;
      const read = await this.#source.read(AbortSignal.timeout(this.#timeoutMs), before);
      const observedAtMs = this.#clock.now();
      const inventory = await shareUnchanged(before, read);
      if (this.#current.problem !== null) this.#log.info({}, 'The inventory was read');
      this.#use(inventory, observedAtMs, null);
      await this.#keep({ inventory, observedAtMs });
    } catch (error) {
      if (this.#hasEnded) return;
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#current.problem !== problem) {
        this.#log.warn({ problem }, 'The inventory could not be read; the last known one stays');
      }
      this.#current = { ...this.#current, problem };
    }
  }

  #use(inventory: Inventory, observedAtMs: number, problem: string | null): void {
    const before = this.#current.inventory;
    this.#current = { inventory, observedAtMs, problem };
    if (inventory === before) return;
    const { hosts, servers, chains } = inventory;
    this.#known = new Set([...hosts, ...servers, ...chains].map(({ id }) => id));
    const named = namedIn(inventory);
    if (isSameNaming(this.#named, named)) return;
    this.#named = named;
    this.#directory = resourceDirectory(named);
    this.#generation += 1;
  }

  async #keep(kept: KeptInventory): Promise<void> {
    try {
      await this.#records.keep(kept);
    } catch (error) {
      this.#log.warn({ error }, 'The inventory could not be kept for the next start');
    }
  }
}

const namedIn = ({ hosts, servers }: Inventory): KnownResources => ({
  hosts: new Set(hosts.map(({ id }) => id)),
  servers: new Map(servers.map((server) => [server.id, server])),
});

function isSameNaming(one: KnownResources, other: KnownResources): boolean {
  if (one.hosts.size !== other.hosts.size || one.servers.size !== other.servers.size) return false;
  for (const id of other.hosts) if (!one.hosts.has(id)) return false;
  for (const [id, { name, vcpus }] of other.servers) {
    const known = one.servers.get(id);
    if (known?.name !== name || known.vcpus !== vcpus) return false;
  }
  return true;
}
