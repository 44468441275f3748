import { OpenStackError } from '@sidestep/openstack';
import type { Capability } from '@sidestep/service-kit';
import type { Context } from './context.ts';
import type { ReadSfcExtension } from './sfc-extension.ts';

/** What can be done with this cloud; a service that does not answer is told as its reason. */
export async function nfvoCapabilities(
  { cloud }: Pick<Context, 'cloud'>,
  readSfc: ReadSfcExtension,
): Promise<Capability[]> {
  const [sfc, compute, containers] = await Promise.all([
    orReason(readSfc),
    orReason(async () => {
      const { negotiated } = await cloud.nova.microversions();
      return { available: true, detail: `Nova's API, microversion ${negotiated}` };
    }),
    orReason(async () => {
      await cloud.zun.listContainers();
      return {
        available: true,
        detail:
          'Zun’s containers are listed and may be members of chains; they are not started here, and cannot be live-migrated',
      };
    }),
  ]);
  return [
    { name: 'service-function-chains', ...sfc },
    { name: 'repath', ...sfc },
    { name: 'vnfs', ...compute },
    { name: 'containers', ...containers },
    {
      name: 'global-re-placement',
      available: false,
      detail: "it is Migration's: POST /optimizations there takes all chains or those named",
    },
  ];
}

async function orReason(
  ask: () => Promise<{ readonly available: boolean; readonly detail: string }>,
): Promise<{ available: boolean; detail: string }> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof OpenStackError)) throw error;
    return { available: false, detail: error.message };
  }
}
