import { OpenStackError } from './errors.ts';
import type { CallOptions, Capabilities, Neutron, Nova, Placement } from './types/clients.ts';

type Unavailable = { readonly available: false; readonly reason: string };

async function orReason<T>(ask: () => Promise<T>): Promise<T | Unavailable> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    return { available: false, reason: error.message };
  }
}

/** Asks each service what it can do; a service that fails is a reason, not an exception. */
export async function readCapabilities(
  from: { readonly nova: Nova; readonly placement: Placement; readonly neutron: Neutron },
  region: string | null,
  call?: CallOptions,
): Promise<Capabilities> {
  const versions = (service: Nova | Placement) =>
    orReason(async () => ({ available: true as const, ...(await service.microversions(call)) }));
  const [compute, placement, network] = await Promise.all([
    versions(from.nova),
    versions(from.placement),
    orReason(async () => {
      const extensions = await from.neutron.listExtensions(call);
      return {
        available: true as const,
        extensions,
        sfc: extensions.includes('sfc') && extensions.includes('flow_classifier'),
        portBindings: extensions.includes('binding-extended'),
      };
    }),
  ]);
  return { region, compute, placement, network };
}
