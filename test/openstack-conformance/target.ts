import type { OpenStack } from '@sidestep/openstack';

/** What goes wrong with the live migrations that a host takes part in. */
export type HostMigrationFault =
  /** The copy never ends by itself. */
  | { readonly kind: 'hang' }
  /** The hypervisor fails during the copy. */
  | { readonly kind: 'fail' }
  /** The host refuses as destination, with this text. */
  | { readonly kind: 'precheck'; readonly text: string };

/** A flow rule as a host's agent was told it. */
export type ToldRule = {
  readonly host: string;
  readonly nodeType: string;
  readonly ingressPortId: string | null;
  readonly egressPortId: string | null;
  /** Tunnel addresses of the next hop's members; empty = traffic goes on by itself. */
  readonly nextHopAddresses: readonly string[];
};

/** Where the data plane's instructions can be seen. */
export type FlowProbe = {
  /** The rules in force. */
  rules(): Promise<readonly ToldRule[]>;
  tunnelAddress(host: string): Promise<string>;
  /** Starts to look; the answer tells the hosts told an empty next hop since, for a hop that is not the last. */
  watchEmptyHops(chain: {
    readonly chainId: string;
    /** The source port and the ingress ports of all members before the last hop. */
    readonly upstreamPortIds: ReadonlySet<string>;
  }): Promise<() => Promise<readonly string[]>>;
};

/** The behaviours that a target may have to leave out. */
export type Behaviour = 'faults' | 'flows' | 'capacity' | 'sfc' | 'host-failure';

/** An OpenStack that the suite runs on. */
export type ConformanceTarget = {
  readonly name: string;
  connect(): Promise<OpenStack>;
  /** At least four compute hosts with room for three small servers. */
  readonly hosts: readonly string[];
  readonly networkName: string;
  readonly imageName: string;
  readonly smallFlavorId: string;
  /** One fits a host beside small servers, two do not; without it, one is made after Placement's inventory. */
  readonly bigFlavorId?: string;
  readonly pollMs: number;
  /** Within which anything awaited has to happen. */
  readonly settleWithinMs: number;
  /** Needed by the behaviour `faults`. */
  setMigrationFault?(host: string, fault: HostMigrationFault | null): Promise<void>;
  /** Needed by the behaviour `flows`. */
  readonly flows?: FlowProbe;
  /** Why a behaviour can't be checked here. */
  readonly skip?: Partial<Readonly<Record<Behaviour, string>>>;
  close?(): Promise<void>;
};
