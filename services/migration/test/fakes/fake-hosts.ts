import { Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import type { HostService } from '../../src/domain/hosts/fencing.ts';
import type { Resident } from '../../src/domain/hosts/leaving.ts';
import type { Hosts } from '../../src/ports/hosts.ts';

export type FakeHosts = Hosts & {
  readonly services: Map<string, HostService>;
  residents: (Resident & { hostId: string })[];
  /** What was asked to be changed, in order. */
  readonly changes: string[];
  /** Each call throws while it is set. */
  away: boolean;
  /** Nova's reason for not letting a host be forced up; null lets it. */
  keepsDown: string | null;
  /** Sets parts of a host's service. */
  set(hostId: string, parts: Partial<HostService>): void;
};

/** Nova's compute services, all of them up and enabled. */
export function fakeHosts(
  hostIds: readonly string[],
  residents: FakeHosts['residents'] = [],
): FakeHosts {
  const up: HostService = {
    state: 'up',
    status: 'enabled',
    disabledReason: null,
    forcedDown: false,
    reportedAtMs: 1_000,
  };
  const services = new Map(hostIds.map((id) => [id, up]));
  const changes: string[] = [];
  const reached = (hostId: string): HostService => {
    if (fake.away) throw new ProblemError('UPSTREAM_TIMEOUT', 'nova: no answer');
    const service = services.get(hostId);
    if (service === undefined) throw new NotFound('host', hostId);
    return service;
  };
  const fake: FakeHosts = {
    services,
    residents,
    changes,
    away: false,
    keepsDown: null,
    set: (hostId, parts) => void services.set(hostId, { ...up, ...services.get(hostId), ...parts }),
    readService: async (hostId) => reached(hostId),
    listServers: async (hostId) => {
      reached(hostId);
      return fake.residents.filter((each) => each.hostId === hostId);
    },
    setEnabled: async (hostId, enabled, reason) => {
      reached(hostId);
      changes.push(`${enabled ? 'enable' : 'disable'} ${hostId}`);
      fake.set(hostId, {
        status: enabled ? 'enabled' : 'disabled',
        disabledReason: enabled ? null : reason,
      });
    },
    setForcedDown: async (hostId, forcedDown) => {
      reached(hostId);
      if (!forcedDown && fake.keepsDown !== null) throw new Conflict(fake.keepsDown);
      changes.push(`${forcedDown ? 'force down' : 'force up'} ${hostId}`);
      fake.set(hostId, { forcedDown, state: forcedDown ? 'down' : 'up' });
    },
  };
  return fake;
}
