/** A Neutron network. */
export type Network = {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** `vxlan`, `vlan`, …; `null` for a caller who is no admin. */
  readonly networkType: string | null;
  readonly mtu: number | null;
  readonly subnetIds: readonly string[];
};

/** An address of a port. */
export type FixedIp = { readonly subnetId: string; readonly ipAddress: string };

/** A Neutron port. */
export type Port = {
  readonly id: string;
  readonly name: string;
  readonly networkId: string;
  readonly projectId: string;
  /** The server's id; '' when nothing owns the port. */
  readonly deviceId: string;
  /** `compute:nova`, `network:dhcp`, …; '' when nothing owns the port. */
  readonly deviceOwner: string;
  /** Compute host of the active binding; '' when unbound. */
  readonly hostId: string;
  /** ACTIVE, DOWN, BUILD, ERROR or N/A. */
  readonly status: string;
  /** False: somebody has put it down, and nothing passes. */
  readonly adminStateUp: boolean;
  /** `ovs`, `bridge`, `unbound`, `binding_failed`, …; '' for a caller who is no admin. */
  readonly vifType: string;
  readonly vnicType: string;
  readonly macAddress: string;
  readonly fixedIps: readonly FixedIp[];
  /** binding:profile; holds `migrating_to` while Nova moves the port. */
  readonly profile: Readonly<Record<string, unknown>>;
};

/** What to create a port from. */
export type PortSpec = {
  readonly networkId: string;
  readonly name?: string;
  readonly deviceId?: string;
  readonly deviceOwner?: string;
  readonly hostId?: string;
  readonly portSecurityEnabled?: boolean;
  readonly fixedIps?: readonly { readonly subnetId?: string; readonly ipAddress?: string }[];
  readonly adminStateUp?: boolean;
};

/** What may change on a port. */
export type PortUpdate = Partial<Omit<PortSpec, 'networkId'>>;

/** Narrows `listPorts`. */
export type PortFilter = {
  /** Ports of these ids; they are part of the address that is asked, so a caller with many asks in parts. */
  readonly ids?: readonly string[];
  readonly deviceId?: string;
  readonly networkId?: string;
  readonly hostId?: string;
  readonly name?: string;
  readonly status?: string;
};

/** One host's binding of a port; while a server moves there are two. */
export type PortBinding = {
  readonly host: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly vifType: string;
  readonly vnicType: string;
  readonly profile: Readonly<Record<string, unknown>>;
};

/** A Neutron agent and whether it is alive. */
export type NetworkAgent = {
  readonly id: string;
  readonly type: string;
  readonly binary: string;
  readonly host: string;
  readonly alive: boolean;
  readonly adminStateUp: boolean;
};
