import { answer, type NfvoClient } from '@sidestep/contracts';
import type { OpenStack } from '@sidestep/openstack';
import type { Capability } from '@sidestep/service-kit';

/** What this installation can do, read from the cloud and from NFVO. */
export async function readCapabilities({
  cloud,
  nfvo,
  fencing,
  timeoutMs,
}: {
  cloud: OpenStack;
  nfvo: NfvoClient;
  /** What the fencing hook is; null without one. */
  fencing: string | null;
  timeoutMs: number;
}): Promise<Capability[]> {
  const signal = AbortSignal.timeout(timeoutMs);
  const [openstack, chains] = await Promise.all([
    cloud.capabilities({ timeoutMs }),
    answer('nfvo', nfvo.GET('/capabilities', { signal })).then(
      ({ capabilities }) =>
        capabilities.find(({ name }) => name === 'networking-sfc') ?? {
          available: false,
          detail: 'NFVO does not tell of it',
        },
      (error: unknown) => ({ available: false, detail: String(error) }),
    ),
  ]);
  const { compute, placement, network } = openstack;
  return [
    {
      name: 'live-migration',
      available: compute.available,
      detail: compute.available
        ? `Nova's microversion ${compute.negotiated} is used`
        : compute.reason,
    },
    {
      name: 'capacity',
      available: placement.available,
      detail: placement.available
        ? `Placement's microversion ${placement.negotiated} is used`
        : placement.reason,
    },
    {
      name: 'port-bindings',
      available: network.available && network.portBindings,
      detail: network.available ? 'from the extensions of Neutron' : network.reason,
    },
    { name: 're-path', available: chains.available, detail: chains.detail },
    {
      name: 'fencing-hook',
      available: fencing !== null,
      detail: fencing ?? 'none is configured: an operator confirms that a dead host is cut off',
    },
  ];
}
