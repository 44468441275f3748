import type { HostId } from '@sidestep/fleet';
import type { OpenStack, Placement } from '@sidestep/openstack';
import { type Demand, sumOf } from '../../domain/traffic.ts';
import type { Arrival, CloudServer } from '../../ports/compute.ts';

/** Placement's provider of each host; read anew when a host is not in it. */
export function providerDirectory({ nova, placement }: Pick<OpenStack, 'nova' | 'placement'>): {
  of(hostId: HostId): Promise<string | null>;
  /** Whether a provider was a host's at the last reading. */
  isHost(providerId: string): boolean;
} {
  let known = new Map<HostId, string>();
  const read = async () => {
    const [hypervisors, providers] = await Promise.all([
      nova.listHypervisors(),
      placement.listResourceProviders(),
    ]);
    const byName = new Map(providers.map(({ id, name }) => [name, id]));
    known = new Map(
      hypervisors.flatMap(({ host, hypervisorHostname }) => {
        // A provider is called like the hypervisor, which need not be the host's name.
        const id = byName.get(hypervisorHostname);
        return id === undefined ? [] : [[host, id] as const];
      }),
    );
  };
  return {
    of: async (hostId) => {
      if (!known.has(hostId)) await read();
      return known.get(hostId) ?? null;
    },
    isHost: (providerId) => [...known.values()].includes(providerId),
  };
}

const resources = [
  ['MEMORY_MB', 'MiB RAM', (demand: Demand) => demand.ramMiB],
  ['VCPU', 'VCPU', (demand: Demand) => demand.vcpus],
  ['DISK_GB', 'GiB disk', (demand: Demand) => demand.diskGiB],
] as const;

/**
 * What the provider lacks to take the server beside those that arrive before it, in words; null where it has room. What
 * is used is summed from one reading of who claims what: an arrival that has claimed by then counts there, and only there.
 */
export async function readLacking(
  placement: Placement,
  providerId: string | null,
  server: CloudServer,
  before: readonly Arrival[],
): Promise<string | null> {
  if (providerId === null) return 'Placement does not know the host';
  const [inventories, { byConsumer }] = await Promise.all([
    placement.inventories(providerId),
    placement.allocationsOfProvider(providerId),
  ]);
  const claims = Object.values(byConsumer);
  const others = sumOf(before.filter(({ id }) => byConsumer[id] === undefined));
  const lacking = resources.flatMap(([name, unit, amountOf]) => {
    const needed = amountOf(server);
    const inventory = inventories.byClass[name];
    // A cloud of shared storage has no DISK_GB at its hosts: Nova's scheduler judges that.
    if (needed === 0 || (inventory === undefined && name === 'DISK_GB')) return [];
    if (inventory === undefined) return [`no ${name} in its inventory`];
    const whole = Math.floor((inventory.total - inventory.reserved) * inventory.allocationRatio);
    const free = whole - claims.reduce((used, amounts) => used + (amounts[name] ?? 0), 0);
    const coming = amountOf(others);
    const left = coming === 0 ? `${free} free` : `${free} free, ${coming} of it for others`;
    return needed + coming > free ? [`${needed} ${unit} needed, ${left}`] : [];
  });
  return lacking.length === 0 ? null : lacking.join('; ');
}
