/** One service function: the port traffic enters by and the one it leaves by. */
export type PortPair = {
  readonly id: string;
  readonly name: string;
  readonly ingressPortId: string;
  readonly egressPortId: string;
  readonly correlation: 'mpls' | 'nsh' | null;
  readonly weight: number;
};

/** Of a list those whose field is one of the values; of no value, none. */
export type ListedBy<Field extends string> = {
  readonly by: Field;
  readonly of: readonly string[];
};

/** What to create a port pair from; ingress and egress can't be changed afterwards. */
export type PortPairSpec = {
  readonly name?: string;
  readonly ingressPortId: string;
  readonly egressPortId: string;
  readonly correlation?: 'mpls' | 'nsh' | null;
  readonly weight?: number;
};

/** Equivalent service functions: one hop of a chain. */
export type PortPairGroup = {
  readonly id: string;
  readonly name: string;
  readonly portPairIds: readonly string[];
  readonly tapEnabled: boolean;
};

/** What to create a port pair group from. */
export type PortPairGroupSpec = {
  readonly name?: string;
  readonly portPairIds: readonly string[];
};

/** The traffic that enters a chain. */
export type FlowClassifier = {
  readonly id: string;
  readonly name: string;
  readonly ethertype: 'IPv4' | 'IPv6';
  /** `tcp`, `udp`, `icmp`, …; `null` = any. */
  readonly protocol: string | null;
  readonly sourceIpPrefix: string | null;
  readonly destinationIpPrefix: string | null;
  readonly sourcePortMin: number | null;
  readonly sourcePortMax: number | null;
  readonly destinationPortMin: number | null;
  readonly destinationPortMax: number | null;
  readonly logicalSourcePortId: string | null;
  readonly logicalDestinationPortId: string | null;
};

/** What to create a flow classifier from; what is absent matches anything. */
export type FlowClassifierSpec = Partial<Omit<FlowClassifier, 'id'>>;

/** A chain's parameters; they can't be changed afterwards. */
export type PortChainParameters = {
  readonly symmetric: boolean;
  readonly correlation: 'mpls' | 'nsh' | null;
};

/** Ordered hops and the traffic that enters them. Neutron gives a chain no status. */
export type PortChain = {
  readonly id: string;
  readonly name: string;
  /** In the order that Neutron returns; an answer to an update may not be in the order sent. */
  readonly portPairGroupIds: readonly string[];
  readonly flowClassifierIds: readonly string[];
  readonly parameters: PortChainParameters;
};

/** What to create a port chain from. */
export type PortChainSpec = {
  readonly name?: string;
  readonly portPairGroupIds: readonly string[];
  readonly flowClassifierIds?: readonly string[];
  readonly parameters?: Partial<PortChainParameters>;
};
