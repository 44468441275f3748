import { OpenStackError } from '../errors.ts';
import type { Collection, NeutronClient } from '../neutron/neutron-client.ts';
import type { CallOptions, Sfc } from '../types/clients.ts';
import type {
  FlowClassifier,
  FlowClassifierSpec,
  ListedBy,
  PortChain,
  PortChainSpec,
  PortPair,
  PortPairGroup,
  PortPairGroupSpec,
  PortPairSpec,
} from '../types/sfc.ts';
import type {
  WireFlowClassifierWrite,
  WirePortChainWrite,
  WirePortPairGroupWrite,
  WirePortPairWrite,
} from '../wire/network.ts';
import { readFlowClassifier, readPortChain, readPortPair, readPortPairGroup } from './read-sfc.ts';

function portPairBody(spec: Partial<PortPairSpec>): WirePortPairWrite {
  const parameters = {
    ...(spec.correlation === undefined ? {} : { correlation: spec.correlation }),
    ...(spec.weight === undefined ? {} : { weight: spec.weight }),
  };
  return {
    port_pair: {
      ...(spec.name === undefined ? {} : { name: spec.name }),
      ...(spec.ingressPortId === undefined ? {} : { ingress: spec.ingressPortId }),
      ...(spec.egressPortId === undefined ? {} : { egress: spec.egressPortId }),
      ...(Object.keys(parameters).length === 0 ? {} : { service_function_parameters: parameters }),
    },
  };
}

function groupBody(spec: Partial<PortPairGroupSpec>): WirePortPairGroupWrite {
  return {
    port_pair_group: {
      ...(spec.name === undefined ? {} : { name: spec.name }),
      ...(spec.portPairIds === undefined ? {} : { port_pairs: [...spec.portPairIds] }),
    },
  };
}

const CLASSIFIER_FIELDS = {
  name: 'name',
  ethertype: 'ethertype',
  protocol: 'protocol',
  sourceIpPrefix: 'source_ip_prefix',
  destinationIpPrefix: 'destination_ip_prefix',
  sourcePortMin: 'source_port_range_min',
  sourcePortMax: 'source_port_range_max',
  destinationPortMin: 'destination_port_range_min',
  destinationPortMax: 'destination_port_range_max',
  logicalSourcePortId: 'logical_source_port',
  logicalDestinationPortId: 'logical_destination_port',
} as const satisfies Record<
  keyof FlowClassifierSpec,
  keyof WireFlowClassifierWrite['flow_classifier']
>;

function classifierBody(spec: FlowClassifierSpec): WireFlowClassifierWrite {
  // networking-sfc refuses null where it wants absence.
  const given = Object.entries(CLASSIFIER_FIELDS).flatMap(([ours, theirs]) => {
    const value = Object.entries(spec).find(([key]) => key === ours)?.[1];
    return value === undefined || value === null ? [] : [[theirs, value] as const];
  });
  return { flow_classifier: Object.fromEntries(given) };
}

function chainBody(spec: Partial<PortChainSpec>): WirePortChainWrite {
  return {
    port_chain: {
      ...(spec.name === undefined ? {} : { name: spec.name }),
      ...(spec.portPairGroupIds === undefined
        ? {}
        : { port_pair_groups: [...spec.portPairGroupIds] }),
      ...(spec.flowClassifierIds === undefined
        ? {}
        : { flow_classifiers: [...spec.flowClassifierIds] }),
      ...(spec.parameters === undefined ? {} : { chain_parameters: { ...spec.parameters } }),
    },
  };
}

/** Values of one question: they stand in its address, whose length servers bound. */
const VALUES_A_QUESTION = 50;

const PAIR_COLUMNS = {
  id: 'id',
  name: 'name',
  ingressPortId: 'ingress',
  egressPortId: 'egress',
} as const;
const CLASSIFIER_COLUMNS = {
  id: 'id',
  logicalSourcePortId: 'logical_source_port',
  logicalDestinationPortId: 'logical_destination_port',
} as const;
const NAMING_COLUMNS = { id: 'id', name: 'name' } as const;

/**
 * A list's call: all of it, or what has one of the values, asked for in parts. Neutron answers all where it does not know
 * a filter, so the answer is gone through again; where it refuses the filter, all is asked for.
 */
function listing<Field extends string, T extends Readonly<Record<Field, string | null>>, W>(
  { list }: Collection<T, W>,
  columns: Readonly<Record<Field, string>>,
): (which?: ListedBy<Field>, call?: CallOptions) => Promise<T[]> {
  return async (which, call) => {
    if (which === undefined) return list({}, call);
    const { by } = which;
    const values = [...new Set(which.of)];
    const parts = Array.from({ length: Math.ceil(values.length / VALUES_A_QUESTION) }, (_, at) =>
      values.slice(at * VALUES_A_QUESTION, (at + 1) * VALUES_A_QUESTION),
    );
    const ask = async (part: readonly string[]): Promise<T[]> => {
      const wanted = new Set<string | null>(part);
      const answered = await list({ [columns[by]]: part }, call).catch((error: unknown) => {
        if (error instanceof OpenStackError && error.kind === 'bad-request') return list({}, call);
        throw error;
      });
      return answered.filter((one) => wanted.has(one[by]));
    };
    return (await Promise.all(parts.map(ask))).flat();
  };
}

/** Makes the networking-sfc client. */
export function createSfc(client: NeutronClient): Sfc {
  const pairs = client.collection<PortPair, WirePortPairWrite>(
    { path: '/sfc/port_pairs', one: 'port_pair', many: 'port_pairs' },
    readPortPair,
  );
  const groups = client.collection<PortPairGroup, WirePortPairGroupWrite>(
    { path: '/sfc/port_pair_groups', one: 'port_pair_group', many: 'port_pair_groups' },
    readPortPairGroup,
  );
  const classifiers = client.collection<FlowClassifier, WireFlowClassifierWrite>(
    { path: '/sfc/flow_classifiers', one: 'flow_classifier', many: 'flow_classifiers' },
    readFlowClassifier,
  );
  const chains = client.collection<PortChain, WirePortChainWrite>(
    { path: '/sfc/port_chains', one: 'port_chain', many: 'port_chains' },
    readPortChain,
  );

  return {
    listPortPairs: listing(pairs, PAIR_COLUMNS),
    showPortPair: pairs.show,
    createPortPair: (spec, call) => pairs.create(portPairBody(spec), call),
    updatePortPair: (id, update, call) => pairs.update(id, portPairBody(update), call),
    deletePortPair: pairs.remove,
    listPortPairGroups: listing(groups, NAMING_COLUMNS),
    showPortPairGroup: groups.show,
    createPortPairGroup: (spec, call) => groups.create(groupBody(spec), call),
    updatePortPairGroup: (id, update, call) => groups.update(id, groupBody(update), call),
    deletePortPairGroup: groups.remove,
    listFlowClassifiers: listing(classifiers, CLASSIFIER_COLUMNS),
    showFlowClassifier: classifiers.show,
    createFlowClassifier: (spec, call) => classifiers.create(classifierBody(spec), call),
    updateFlowClassifier: (id, update, call) =>
      classifiers.update(id, classifierBody(update), call),
    deleteFlowClassifier: classifiers.remove,
    listPortChains: listing(chains, NAMING_COLUMNS),
    showPortChain: chains.show,
    createPortChain: (spec, call) => chains.create(chainBody(spec), call),
    updatePortChain: (id, update, call) => chains.update(id, chainBody(update), call),
    deletePortChain: chains.remove,
  };
}
