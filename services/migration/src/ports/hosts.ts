import type { HostId } from '@sidestep/fleet';
import type { HostService } from '../domain/hosts/fencing.ts';
import type { Resident } from '../domain/hosts/leaving.ts';

/**
 * The cloud's compute services. Every call may be repeated. Throws a ProblemError: NOT_FOUND where Nova has no such
 * host, CONFLICT where Nova refuses, UPSTREAM_… where it does not answer.
 */
export type Hosts = {
  readService(hostId: HostId): Promise<HostService>;
  /** The servers that Nova has on the host. */
  listServers(hostId: HostId): Promise<Resident[]>;
  /** Disabled, the scheduler puts nothing there; what runs there goes on. */
  setEnabled(hostId: HostId, enabled: boolean, reason: string): Promise<void>;
  setForcedDown(hostId: HostId, forcedDown: boolean): Promise<void>;
};
