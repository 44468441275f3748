import type { OpenStack, ResourceProvider } from '@sidestep/openstack';
import type { Host } from '../../domain/fleet.ts';

export type Capacity = Pick<
  Host,
  'cores' | 'vcpus' | 'vcpusUsed' | 'ramMiB' | 'ramUsedMiB' | 'diskGiB' | 'diskUsedGiB'
>;

/** A hypervisor that Placement does not know can be given nothing. */
export const withoutCapacity: Capacity = {
  cores: 0,
  vcpus: 0,
  vcpusUsed: 0,
  ramMiB: 0,
  ramUsedMiB: 0,
  diskGiB: 0,
  diskUsedGiB: 0,
};

/** A host's resource provider, and the servers that Nova has on the host. */
export interface HostProvider {
  readonly provider: ResourceProvider;
  readonly serverIds: readonly string[];
}

type Placement = Pick<OpenStack['placement'], 'inventories' | 'usages'>;

interface Known {
  readonly generation: number;
  readonly servers: string;
  readonly capacity: Capacity;
}

const PARALLEL_CALLS = 8;
/** Readings within which each provider is read again, though nothing of it seems to have changed. */
const TURNS = 12;

/**
 * What Placement tells of hosts. It takes two calls a host, so of a large fleet only those are read whose provider has a new
 * generation, which it gets with each allocation, or whose servers changed, as an allocation that is deleted leaves the
 * generation as it is; the others in turn. What is not noticed at once is room that became free, never room that was taken.
 */
export class CapacityReader {
  readonly #placement: Placement;
  /** By provider, the one that was read longest ago first. */
  #known = new Map<string, Known>();

  constructor(placement: Placement) {
    this.#placement = placement;
  }

  /** The capacities by provider's name. */
  async read(
    hosts: readonly HostProvider[],
    call: { signal: AbortSignal },
  ): Promise<Map<string, Capacity>> {
    const there = new Set(hosts.map(({ provider }) => provider.id));
    for (const id of this.#known.keys()) if (!there.has(id)) this.#known.delete(id);
    const inTurn = new Set([...this.#known.keys()].slice(0, Math.ceil(hosts.length / TURNS)));
    const waiting = hosts.filter((host) => inTurn.has(host.provider.id) || this.#hasChanged(host));
    const work = async (): Promise<void> => {
      for (let host = waiting.pop(); host !== undefined; host = waiting.pop()) {
        const { provider, serverIds } = host;
        const capacity = await this.#readOne(provider.id, call);
        this.#known.delete(provider.id);
        const servers = textOf(serverIds);
        this.#known.set(provider.id, { generation: provider.generation, servers, capacity });
      }
    };
    await Promise.all(Array.from({ length: PARALLEL_CALLS }, work));
    return new Map(
      hosts.map(({ provider: { id, name } }) => [
        name,
        this.#known.get(id)?.capacity ?? withoutCapacity,
      ]),
    );
  }

  #hasChanged({ provider, serverIds }: HostProvider): boolean {
    const known = this.#known.get(provider.id);
    return known?.generation !== provider.generation || known.servers !== textOf(serverIds);
  }

  async #readOne(providerId: string, call: { signal: AbortSignal }): Promise<Capacity> {
    const [inventories, usages] = await Promise.all([
      this.#placement.inventories(providerId, call),
      this.#placement.usages(providerId, call),
    ]);
    const allocatable = (name: string): number => {
      const inventory = inventories.byClass[name];
      if (inventory === undefined) return 0;
      return (inventory.total - inventory.reserved) * inventory.allocationRatio;
    };
    const used = (name: string): number => usages.byClass[name] ?? 0;
    return {
      cores: inventories.byClass.VCPU?.total ?? 0,
      vcpus: allocatable('VCPU'),
      vcpusUsed: used('VCPU'),
      ramMiB: allocatable('MEMORY_MB'),
      ramUsedMiB: used('MEMORY_MB'),
      diskGiB: allocatable('DISK_GB'),
      diskUsedGiB: used('DISK_GB'),
    };
  }
}

const textOf = (serverIds: readonly string[]): string => [...serverIds].sort().join(' ');
