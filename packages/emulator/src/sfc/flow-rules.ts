/** One next hop of a flow rule: a member of the following group, at the tunnel address known for it. */
export interface NextHop {
  readonly portPairId: string;
  readonly ingress: string;
  readonly localEndpoint: string;
  readonly weight: number;
}

/** What networking-sfc's driver cast to a host's agent for one port of one chain. */
export interface FlowRule {
  /** `<path node>/<port>`: the members of one group share the node. */
  readonly key: string;
  readonly chainId: string;
  readonly nodeType: 'src_node' | 'sf_node';
  /** Service path: the chain's number. */
  readonly nsp: number;
  /** Service index: 255 at the source, one less at each hop. */
  readonly nsi: number;
  readonly ingress: string | null;
  readonly egress: string;
  readonly host: string;
  readonly localEndpoint: string;
  readonly nextHops: readonly NextHop[];
  /** True for the last hop, whose traffic goes on by itself. */
  readonly last: boolean;
}

/** What a chain's traffic meets at one hop. */
export interface PathHop {
  readonly hop: number;
  /** Host whose rule sends to this hop, or `nobody` where no rule does. */
  readonly sentFrom: string;
  readonly members: readonly PathMember[];
}

/** One member of a hop as its upstream sees it. */
export interface PathMember {
  readonly portPairId: string;
  readonly serverId: string | 'none';
  /** Host that the upstream rule sends to. */
  readonly sentTo: string;
  /** Host where the port really is. */
  readonly isOn: string;
  readonly share: number;
  readonly arrives: boolean;
}

/** The effective path of one chain: what the rules of all hosts together do with its traffic. */
export interface DataPath {
  readonly chainId: string;
  readonly name: string;
  readonly state: 'whole' | 'loss' | 'bypass';
  readonly lostShare: number;
  /** First hop that traffic is steered past, or `none`. */
  readonly bypassFrom: number | 'none';
  readonly hops: readonly PathHop[];
}
