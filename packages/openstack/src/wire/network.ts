/** Neutron's and networking-sfc's JSON, as much of it as is read or written here. */
import type { WireLink } from './compute.ts';

export type WireExtensions = {
  extensions: { alias: string; name: string; description?: string; updated?: string }[];
};

export type WireNetwork = {
  id: string;
  name: string;
  status: string;
  subnets: string[];
  mtu?: number | null;
  'provider:network_type'?: string | null;
  'provider:segmentation_id'?: number | null;
  admin_state_up?: boolean;
  project_id?: string;
};
export type WireNetworks = { networks: WireNetwork[]; networks_links?: WireLink[] };

export type WirePort = {
  id: string;
  name: string;
  network_id: string;
  tenant_id?: string;
  project_id: string;
  mac_address: string;
  admin_state_up: boolean;
  status: string;
  device_id: string;
  device_owner: string;
  fixed_ips: { subnet_id: string; ip_address: string }[];
  'binding:vnic_type': string;
  'binding:profile'?: Record<string, unknown>;
  'binding:host_id'?: string;
  'binding:vif_type'?: string;
  'binding:vif_details'?: Record<string, unknown>;
  port_security_enabled?: boolean;
  security_groups?: string[];
  tags?: string[];
  created_at?: string;
  updated_at?: string;
  revision_number?: number;
};
export type WirePorts = { ports: WirePort[]; ports_links?: WireLink[] };
export type WirePortShown = { port: WirePort };
export type WirePortWrite = {
  port: {
    network_id?: string;
    name?: string;
    device_id?: string;
    device_owner?: string;
    'binding:host_id'?: string;
    port_security_enabled?: boolean;
    fixed_ips?: { subnet_id?: string; ip_address?: string }[];
    admin_state_up?: boolean;
  };
};

export type WirePortBinding = {
  host: string;
  status: string;
  vif_type: string;
  vif_details?: Record<string, unknown>;
  vnic_type: string;
  profile: Record<string, unknown>;
};
export type WirePortBindings = { bindings: WirePortBinding[] };

export type WireAgent = {
  id: string;
  agent_type: string;
  binary: string;
  host: string;
  alive: boolean;
  admin_state_up: boolean;
};
export type WireAgents = { agents: WireAgent[] };

export type WirePortPair = {
  id: string;
  name: string;
  description?: string;
  project_id: string;
  tenant_id?: string;
  ingress: string;
  egress: string;
  service_function_parameters: { correlation: string | null; weight: number };
};
export type WirePortPairs = { port_pairs: WirePortPair[]; port_pairs_links?: WireLink[] };
export type WirePortPairShown = { port_pair: WirePortPair };
export type WirePortPairWrite = {
  port_pair: {
    name?: string;
    ingress?: string;
    egress?: string;
    service_function_parameters?: { correlation?: string | null; weight?: number };
  };
};

export type WirePortPairGroup = {
  id: string;
  name: string;
  description?: string;
  project_id: string;
  tenant_id?: string;
  port_pairs: string[];
  tap_enabled: boolean;
  port_pair_group_parameters: {
    lb_fields: string[];
    ppg_n_tuple_mapping: {
      ingress_n_tuple: Record<string, unknown>;
      egress_n_tuple: Record<string, unknown>;
    };
  };
  group_id: number;
};
export type WirePortPairGroups = {
  port_pair_groups: WirePortPairGroup[];
  port_pair_groups_links?: WireLink[];
};
export type WirePortPairGroupShown = { port_pair_group: WirePortPairGroup };
export type WirePortPairGroupWrite = {
  port_pair_group: { name?: string; port_pairs?: string[] };
};

export type WireFlowClassifier = {
  id: string;
  name: string;
  description?: string;
  project_id: string;
  tenant_id?: string;
  ethertype: string;
  protocol: string | null;
  source_port_range_min: number | null;
  source_port_range_max: number | null;
  destination_port_range_min: number | null;
  destination_port_range_max: number | null;
  source_ip_prefix: string | null;
  destination_ip_prefix: string | null;
  logical_source_port: string | null;
  logical_destination_port: string | null;
  l7_parameters: Record<string, unknown>;
};
export type WireFlowClassifiers = {
  flow_classifiers: WireFlowClassifier[];
  flow_classifiers_links?: WireLink[];
};
export type WireFlowClassifierShown = { flow_classifier: WireFlowClassifier };
export type WireFlowClassifierWrite = {
  flow_classifier: Partial<
    Omit<WireFlowClassifier, 'id' | 'project_id' | 'tenant_id' | 'l7_parameters'>
  >;
};

export type WirePortChain = {
  id: string;
  name: string;
  description?: string;
  project_id: string;
  tenant_id?: string;
  port_pair_groups: string[];
  flow_classifiers: string[];
  chain_parameters: { correlation: string | null; symmetric: boolean };
  chain_id: number;
};
export type WirePortChains = { port_chains: WirePortChain[]; port_chains_links?: WireLink[] };
export type WirePortChainShown = { port_chain: WirePortChain };
export type WirePortChainWrite = {
  port_chain: {
    name?: string;
    port_pair_groups?: string[];
    flow_classifiers?: string[];
    chain_parameters?: { correlation?: string | null; symmetric?: boolean };
  };
};

export type WireNeutronFault = {
  NeutronError: { type: string; message: string; detail: string };
};
