import type { Clock, Log, Records } from '@sidestep/service-kit';
import { emptyInventory, type Inventory, type ObservedInventory } from '../domain/fleet.ts';
import { type ReportedResource, resourceDirectory } from '../domain/resources.ts';
import type { InventorySource } from '../ports/inventory-source.ts';

const KIND = 'inventory';
const ID = 'last';

interface KeptInventory {
  readonly inventory: Inventory;
  readonly observedAtMs: number;
}

/** The last known inventory. A VIM that fails leaves it as it is, with its age and the reason. */
export class InventoryKeeper {
  readonly #source: InventorySource;
  readonly #records: Records;
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
  #names = '';
  #generation = 0;
  #version: number | 'absent' = 'absent';

  constructor(
    source: InventorySource,
    records: Records,
    clock: Clock,
    log: Log,
    options: { timeoutMs: number },
  ) {
    this.#source = source;
    this.#records = records;
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
    const kept = await this.#records.get<KeptInventory>(KIND, ID);
    if (kept === undefined) return;
    this.#version = kept.version;
    this.#use(kept.value.inventory, kept.value.observedAtMs, this.#current.problem);
  }

  /** Reads the VIM once; never rejects. */
  async refresh(): Promise<void> {
    try {
      const inventory = await this.#source.read(AbortSignal.timeout(this.#timeoutMs));
      const observedAtMs = this.#clock.now();
      if (this.#current.problem !== null) this.#log.info({}, 'The inventory was read');
      this.#use(inventory, observedAtMs, null);
      await this.#keep({ inventory, observedAtMs });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      if (this.#current.problem !== problem) {
        this.#log.warn({ problem }, 'The inventory could not be read; the last known one stays');
      }
      this.#current = { ...this.#current, problem };
    }
  }

  #use(inventory: Inventory, observedAtMs: number, problem: string | null): void {
    this.#current = { inventory, observedAtMs, problem };
    const hosts = new Set(inventory.hosts.map(({ id }) => id));
    const servers = new Map(inventory.servers.map(({ id, name, vcpus }) => [id, { name, vcpus }]));
    this.#known = new Set([...hosts, ...servers.keys(), ...inventory.chains.map(({ id }) => id)]);
    const names = JSON.stringify([[...hosts].sort(), [...servers].sort()]);
    if (names === this.#names) return;
    this.#names = names;
    this.#directory = resourceDirectory({ hosts, servers });
    this.#generation += 1;
  }

  async #keep(kept: KeptInventory): Promise<void> {
    try {
      await this.#records.commit([{ kind: KIND, id: ID, expected: this.#version, value: kept }]);
      this.#version = this.#version === 'absent' ? 1 : this.#version + 1;
    } catch (error) {
      this.#log.warn({ error }, 'The inventory could not be kept for the next start');
    }
  }
}
