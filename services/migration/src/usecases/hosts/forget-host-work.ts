import { forgetEnded, type Records } from '@sidestep/service-kit';
import type { HostDrain } from '../../domain/hosts/host-drain.ts';
import type { HostIncident } from '../../domain/hosts/host-incident.ts';

/**
 * Forgets host drains and incidents that ended before, once their hosts were given back: until then they say what holds
 * a host, and that its being down was seen to. Answers how many.
 */
export async function forgetHostWork(records: Records, beforeMs: number): Promise<number> {
  const isOld = (atMs: number | null) => atMs !== null && atMs < beforeMs;
  const drains = await forgetEnded<HostDrain>(
    records,
    'host-drain',
    ({ endedAtMs, releasedAtMs }) => {
      return isOld(endedAtMs) && isOld(releasedAtMs);
    },
  );
  const incidents = await forgetEnded<HostIncident>(
    records,
    'host-incident',
    ({ state, endedAtMs, releasedAtMs }) =>
      isOld(endedAtMs) && (state === 'recovered' || isOld(releasedAtMs)),
  );
  return drains + incidents;
}
