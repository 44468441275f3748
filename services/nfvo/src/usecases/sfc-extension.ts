import { type Clock, ProblemError } from '@sidestep/service-kit';
import type { Cloud } from '../ports/cloud.ts';

export type SfcExtension = { readonly available: boolean; readonly detail: string };

/** Says whether Neutron has networking-sfc. */
export type ReadSfcExtension = () => Promise<SfcExtension>;

const needed = ['sfc', 'flow_classifier'];
/** Reads Neutron's extensions, again once the last answer is older than `freshMs`; default a minute. */
export function sfcExtensionReader(
  cloud: Pick<Cloud, 'neutron'>,
  clock: Clock,
  freshMs = 60_000,
): ReadSfcExtension {
  let known: { readonly at: number; readonly value: SfcExtension } | undefined;
  return async () => {
    if (known !== undefined && clock.now() - known.at < freshMs) return known.value;
    const aliases = await cloud.neutron.listExtensions();
    const missing = needed.filter((alias) => !aliases.includes(alias));
    const value = {
      available: missing.length === 0,
      detail:
        missing.length === 0
          ? 'Neutron lists the extensions sfc and flow_classifier'
          : `Neutron does not list the extension${missing.length > 1 ? 's' : ''} ${missing.join(' and ')}: networking-sfc is not installed`,
    };
    known = { at: clock.now(), value };
    return value;
  };
}

/** Throws NOT_AVAILABLE_HERE with the reason. */
export async function demandSfc(read: ReadSfcExtension): Promise<void> {
  const { available, detail } = await read();
  if (!available) throw new ProblemError('NOT_AVAILABLE_HERE', detail);
}
