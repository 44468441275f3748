import type { HostSpec } from '../spec.ts';

/** A compute host and the processes on it. */
export interface HostState {
  readonly name: string;
  readonly spec: HostSpec;
  readonly serviceId: string;
  /** Nova's hypervisor and placement's resource provider share it. */
  readonly providerId: string;
  readonly agentId: string;
  /** Address of its VXLAN tunnel endpoint. */
  readonly tunnelIp: string;
  machineUp: boolean;
  computeDiedMs: number | 'alive';
  agentDiedMs: number | 'alive';
  enabled: boolean;
  disabledReason: string | null;
  forcedDown: boolean;
}
