import type { JsonNode } from '../http/json-node.ts';
import type { FlowClassifier, PortChain, PortPair, PortPairGroup } from '../types/sfc.ts';

function correlationOf(node: JsonNode): 'mpls' | 'nsh' | null {
  const correlation = node.nullableString('correlation');
  return correlation === null || correlation === 'mpls' || correlation === 'nsh'
    ? correlation
    : node.fail('correlation', 'mpls, nsh or null');
}

/** Reads a port pair. */
export function readPortPair(node: JsonNode): PortPair {
  const parameters = node.object('service_function_parameters');
  return {
    id: node.string('id'),
    name: node.string('name'),
    ingressPortId: node.string('ingress'),
    egressPortId: node.string('egress'),
    correlation: correlationOf(parameters),
    weight: parameters.nullableNumber('weight') ?? 1,
  };
}

/** Reads a port pair group. */
export function readPortPairGroup(node: JsonNode): PortPairGroup {
  return {
    id: node.string('id'),
    name: node.string('name'),
    portPairIds: node.strings('port_pairs'),
    tapEnabled: node.has('tap_enabled') ? node.boolean('tap_enabled') : false,
  };
}

/** Reads a flow classifier. */
export function readFlowClassifier(node: JsonNode): FlowClassifier {
  const ethertype = node.string('ethertype');
  return {
    id: node.string('id'),
    name: node.string('name'),
    ethertype:
      ethertype === 'IPv4' || ethertype === 'IPv6'
        ? ethertype
        : node.fail('ethertype', 'IPv4 or IPv6'),
    protocol: node.nullableString('protocol'),
    sourceIpPrefix: node.nullableString('source_ip_prefix'),
    destinationIpPrefix: node.nullableString('destination_ip_prefix'),
    sourcePortMin: node.nullableNumber('source_port_range_min'),
    sourcePortMax: node.nullableNumber('source_port_range_max'),
    destinationPortMin: node.nullableNumber('destination_port_range_min'),
    destinationPortMax: node.nullableNumber('destination_port_range_max'),
    logicalSourcePortId: node.nullableString('logical_source_port'),
    logicalDestinationPortId: node.nullableString('logical_destination_port'),
  };
}

/** Reads a port chain. */
export function readPortChain(node: JsonNode): PortChain {
  const parameters = node.object('chain_parameters');
  return {
    id: node.string('id'),
    name: node.string('name'),
    portPairGroupIds: node.strings('port_pair_groups'),
    flowClassifierIds: node.strings('flow_classifiers'),
    parameters: {
      symmetric: parameters.boolean('symmetric'),
      correlation: correlationOf(parameters),
    },
  };
}
