import type { WireInventory } from '@sidestep/openstack/wire';
import type { FlavorSpec } from '../spec.ts';
import type { HostState } from './host-state.ts';

/** Amounts by resource class. */
export interface Resources {
  readonly VCPU: number;
  readonly MEMORY_MB: number;
  readonly DISK_GB: number;
}

/** Resource classes that the cloud has. */
export const resourceClasses = ['VCPU', 'MEMORY_MB', 'DISK_GB'] as const;

type Inventory = Record<(typeof resourceClasses)[number], WireInventory>;

interface ProviderRow {
  readonly host: HostState;
  readonly inventory: Inventory;
  readonly used: { VCPU: number; MEMORY_MB: number; DISK_GB: number };
  readonly consumers: Set<string>;
  generation: number;
}

const row = (total: number, reserved: number, ratio: number): WireInventory => ({
  total,
  reserved,
  allocation_ratio: ratio,
  min_unit: 1,
  max_unit: total,
  step_size: 1,
});

/** What a server asks of placement: the root disk of one that boots from a volume is no host's. */
export function claimOf({
  flavor,
  imageId,
}: {
  readonly flavor: FlavorSpec;
  readonly imageId: string;
}): Resources {
  const DISK_GB = imageId === '' ? 0 : flavor.diskGiB;
  return { VCPU: flavor.vcpus, MEMORY_MB: flavor.ramMiB, DISK_GB };
}

/** Placement's inventories and allocations: who may use how much of which host. */
export class PlacementLedger {
  readonly #byHost = new Map<string, ProviderRow>();
  readonly #byProvider = new Map<string, ProviderRow>();
  readonly #consumers = new Map<string, Map<string, Resources>>();

  constructor(hosts: Iterable<HostState>) {
    for (const host of hosts) {
      const { spec } = host;
      const provider: ProviderRow = {
        host,
        inventory: {
          VCPU: row(spec.cores, 0, spec.cpuAllocationRatio),
          MEMORY_MB: row(spec.ramMiB, 512, spec.ramAllocationRatio),
          DISK_GB: row(spec.diskGiB, 0, 1),
        },
        used: { VCPU: 0, MEMORY_MB: 0, DISK_GB: 0 },
        consumers: new Set(),
        generation: 1,
      };
      this.#byHost.set(host.name, provider);
      this.#byProvider.set(host.providerId, provider);
    }
  }

  ofHost(host: string): ProviderRow | undefined {
    return this.#byHost.get(host);
  }

  ofProvider(providerId: string): ProviderRow | undefined {
    return this.#byProvider.get(providerId);
  }

  providers(): Iterable<ProviderRow> {
    return this.#byHost.values();
  }

  /** What a consumer holds, by host name. */
  ofConsumer(consumerId: string): ReadonlyMap<string, Resources> {
    return this.#consumers.get(consumerId) ?? new Map();
  }

  fits(host: string, wanted: Partial<Resources>): boolean {
    const provider = this.#byHost.get(host);
    if (provider === undefined) return false;
    return resourceClasses.every((name) => {
      const { total, reserved, allocation_ratio } = provider.inventory[name];
      const amount = wanted[name] ?? 0;
      const room = Math.floor((total - reserved) * allocation_ratio) - provider.used[name];
      return amount <= room && amount <= provider.inventory[name].max_unit;
    });
  }

  claim(consumerId: string, host: string, resources: Resources): void {
    this.release(consumerId, host);
    const provider = this.#byHost.get(host);
    if (provider === undefined) return;
    const held = this.#consumers.get(consumerId) ?? new Map<string, Resources>();
    held.set(host, resources);
    this.#consumers.set(consumerId, held);
    for (const name of resourceClasses) provider.used[name] += resources[name];
    provider.consumers.add(consumerId);
    provider.generation += 1;
  }

  release(consumerId: string, host: string): void {
    const held = this.#consumers.get(consumerId);
    const resources = held?.get(host);
    const provider = this.#byHost.get(host);
    if (held === undefined || resources === undefined || provider === undefined) return;
    for (const name of resourceClasses) provider.used[name] -= resources[name];
    provider.consumers.delete(consumerId);
    provider.generation += 1;
    held.delete(host);
    if (held.size === 0) this.#consumers.delete(consumerId);
  }

  releaseAll(consumerId: string): void {
    for (const host of [...this.ofConsumer(consumerId).keys()]) this.release(consumerId, host);
  }

  /** Hands what one consumer holds on a host to another, as a live migration does with its source. */
  handOver(from: string, to: string, host: string): void {
    const resources = this.#consumers.get(from)?.get(host);
    if (resources === undefined) return;
    this.release(from, host);
    this.claim(to, host, resources);
  }
}
