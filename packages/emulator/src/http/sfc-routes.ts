import type {
  WireFlowClassifier,
  WirePortChain,
  WirePortPair,
  WirePortPairGroup,
} from '@sidestep/openstack';
import type { World } from '../cloud/world.ts';
import type { SfcPlugin } from '../sfc/sfc-plugin.ts';
import type { ChainRow, ClassifierRow, GroupRow, PortPairRow } from '../sfc/sfc-state.ts';
import { ApiError } from './api-error.ts';
import {
  type ApiRequest,
  asRecord,
  bodyOf,
  param,
  type Router,
  textOf,
  textsOf,
} from './router.ts';

function numberOf(value: unknown): number | null {
  if (value === null || value === undefined || value === '') return null;
  const number = Number(value);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new ApiError(
      400,
      `Invalid input for port range. Reason: '${String(value)}' is not valid.`,
    );
  return number;
}

function requiredPort(body: Record<string, unknown>, field: string): string {
  const id = textOf(body[field]);
  if (id === undefined)
    throw new ApiError(400, `Failed to parse request. Required attribute '${field}' not specified`);
  return id;
}

function naming(body: Record<string, unknown>): { name?: string; description?: string } {
  const name = textOf(body.name);
  const description = textOf(body.description);
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Neutron lists by primary key. */
function sorted<T extends { readonly id: string }>(rows: Iterable<T>): T[] {
  return [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
}

function named<T extends { readonly id: string; name: string }>(
  request: ApiRequest,
  rows: Iterable<T>,
): T[] {
  const names = request.query.getAll('name');
  const ids = request.query.getAll('id');
  return sorted(rows).filter(
    ({ id, name }) =>
      (names.length === 0 || names.includes(name)) && (ids.length === 0 || ids.includes(id)),
  );
}

/** Adds networking-sfc's resources to Neutron's. */
export function addSfcRoutes(router: Router, world: World, sfc: SfcPlugin): void {
  const { state } = sfc;
  const owner = { project_id: world.ids.projectId };
  const tenant = { tenant_id: world.ids.projectId };
  const pairView = (row: PortPairRow): WirePortPair => ({
    id: row.id,
    name: row.name,
    description: row.description,
    ...owner,
    ingress: row.ingress,
    egress: row.egress,
    service_function_parameters: { correlation: row.correlation, weight: row.weight },
    ...tenant,
  });
  const groupView = (row: GroupRow): WirePortPairGroup => ({
    id: row.id,
    name: row.name,
    description: row.description,
    ...owner,
    port_pairs: [...row.portPairs],
    tap_enabled: row.tapEnabled,
    port_pair_group_parameters: {
      lb_fields: [],
      ppg_n_tuple_mapping: { ingress_n_tuple: {}, egress_n_tuple: {} },
    },
    group_id: row.number,
    ...tenant,
  });
  const classifierView = (row: ClassifierRow): WireFlowClassifier => ({
    id: row.id,
    name: row.name,
    description: row.description,
    ...owner,
    ethertype: row.ethertype,
    protocol: row.protocol,
    source_port_range_min: row.sourcePortMin,
    source_port_range_max: row.sourcePortMax,
    destination_port_range_min: row.destinationPortMin,
    destination_port_range_max: row.destinationPortMax,
    source_ip_prefix: row.sourceIpPrefix,
    destination_ip_prefix: row.destinationIpPrefix,
    logical_source_port: row.logicalSourcePort,
    logical_destination_port: row.logicalDestinationPort,
    l7_parameters: {},
    ...tenant,
  });
  const chainView = (row: ChainRow, groups: readonly string[] = row.groups): WirePortChain => ({
    id: row.id,
    name: row.name,
    description: row.description,
    ...owner,
    port_pair_groups: [...groups],
    flow_classifiers: [...row.classifiers],
    chain_parameters: { correlation: row.correlation, symmetric: row.symmetric },
    chain_id: row.number,
    ...tenant,
  });
  const id = (request: ApiRequest): string => param(request, 'id');

  router
    .on('GET', '/v2.0/sfc/port_pairs', (request) => ({
      status: 200,
      body: { port_pairs: named(request, state.pairs.values()).map(pairView) },
    }))
    .on('GET', '/v2.0/sfc/port_pairs/:id', (request) => ({
      status: 200,
      body: { port_pair: pairView(sfc.pair(id(request))) },
    }))
    .on('POST', '/v2.0/sfc/port_pairs', (request) => {
      const body = bodyOf(request, 'port_pair');
      const parameters = asRecord(body.service_function_parameters);
      const row = sfc.createPair({
        id: world.newId('port-pair'),
        name: '',
        description: '',
        ...naming(body),
        ingress: requiredPort(body, 'ingress'),
        egress: requiredPort(body, 'egress'),
        correlation: textOf(parameters.correlation) ?? null,
        weight: typeof parameters.weight === 'number' ? parameters.weight : 1,
      });
      return { status: 201, body: { port_pair: pairView(row) } };
    })
    .on('PUT', '/v2.0/sfc/port_pairs/:id', (request) => {
      const row = sfc.pair(id(request));
      const body = bodyOf(request, 'port_pair');
      for (const field of ['ingress', 'egress', 'service_function_parameters'])
        if (field in body)
          throw new ApiError(400, `Cannot update read-only attribute ${field}`, 'HTTPBadRequest');
      Object.assign(row, naming(body));
      return { status: 200, body: { port_pair: pairView(row) } };
    })
    .on('DELETE', '/v2.0/sfc/port_pairs/:id', (request) => {
      sfc.deletePair(id(request));
      return { status: 204 };
    })
    .on('GET', '/v2.0/sfc/port_pair_groups', (request) => ({
      status: 200,
      body: { port_pair_groups: named(request, state.groups.values()).map(groupView) },
    }))
    .on('GET', '/v2.0/sfc/port_pair_groups/:id', (request) => ({
      status: 200,
      body: { port_pair_group: groupView(sfc.group(id(request))) },
    }))
    .on('POST', '/v2.0/sfc/port_pair_groups', (request) => {
      const body = bodyOf(request, 'port_pair_group');
      const row = sfc.createGroup({
        id: world.newId('port-pair-group'),
        name: '',
        description: '',
        ...naming(body),
        portPairs: textsOf(body.port_pairs) ?? [],
        tapEnabled: body.tap_enabled === true,
        number: world.next('group-number'),
      });
      return { status: 201, body: { port_pair_group: groupView(row) } };
    })
    .on('PUT', '/v2.0/sfc/port_pair_groups/:id', (request) => {
      const body = bodyOf(request, 'port_pair_group');
      const portPairs = textsOf(body.port_pairs);
      const row = sfc.updateGroup(id(request), {
        ...naming(body),
        ...(portPairs === undefined ? {} : { portPairs }),
      });
      return { status: 200, body: { port_pair_group: groupView(row) } };
    })
    .on('DELETE', '/v2.0/sfc/port_pair_groups/:id', (request) => {
      sfc.deleteGroup(id(request));
      return { status: 204 };
    })
    .on('GET', '/v2.0/sfc/flow_classifiers', (request) => ({
      status: 200,
      body: { flow_classifiers: named(request, state.classifiers.values()).map(classifierView) },
    }))
    .on('GET', '/v2.0/sfc/flow_classifiers/:id', (request) => ({
      status: 200,
      body: { flow_classifier: classifierView(sfc.classifier(id(request))) },
    }))
    .on('POST', '/v2.0/sfc/flow_classifiers', (request) => {
      const body = bodyOf(request, 'flow_classifier');
      const row = sfc.createClassifier({
        id: world.newId('flow-classifier'),
        name: '',
        description: '',
        ...naming(body),
        ethertype: textOf(body.ethertype) ?? 'IPv4',
        protocol: textOf(body.protocol) ?? null,
        sourcePortMin: numberOf(body.source_port_range_min),
        sourcePortMax: numberOf(body.source_port_range_max),
        destinationPortMin: numberOf(body.destination_port_range_min),
        destinationPortMax: numberOf(body.destination_port_range_max),
        sourceIpPrefix: textOf(body.source_ip_prefix) ?? null,
        destinationIpPrefix: textOf(body.destination_ip_prefix) ?? null,
        logicalSourcePort: textOf(body.logical_source_port) ?? null,
        logicalDestinationPort: textOf(body.logical_destination_port) ?? null,
      });
      return { status: 201, body: { flow_classifier: classifierView(row) } };
    })
    .on('PUT', '/v2.0/sfc/flow_classifiers/:id', (request) => {
      const row = sfc.classifier(id(request));
      Object.assign(row, naming(bodyOf(request, 'flow_classifier')));
      return { status: 200, body: { flow_classifier: classifierView(row) } };
    })
    .on('DELETE', '/v2.0/sfc/flow_classifiers/:id', (request) => {
      sfc.deleteClassifier(id(request));
      return { status: 204 };
    })
    .on('GET', '/v2.0/sfc/port_chains', (request) => ({
      status: 200,
      body: { port_chains: named(request, state.chains.values()).map((row) => chainView(row)) },
    }))
    .on('GET', '/v2.0/sfc/port_chains/:id', (request) => ({
      status: 200,
      body: { port_chain: chainView(sfc.chain(id(request))) },
    }))
    .on('POST', '/v2.0/sfc/port_chains', (request) => {
      const body = bodyOf(request, 'port_chain');
      const parameters = asRecord(body.chain_parameters);
      const row = sfc.createChain({
        id: world.newId('port-chain'),
        name: '',
        description: '',
        ...naming(body),
        groups: textsOf(body.port_pair_groups) ?? [],
        classifiers: textsOf(body.flow_classifiers) ?? [],
        correlation: textOf(parameters.correlation) ?? 'mpls',
        symmetric: parameters.symmetric === true,
        number: world.next('chain-number'),
      });
      return { status: 201, body: { port_chain: chainView(row) } };
    })
    .on('PUT', '/v2.0/sfc/port_chains/:id', (request) => {
      const body = bodyOf(request, 'port_chain');
      const groups = textsOf(body.port_pair_groups);
      const classifiers = textsOf(body.flow_classifiers);
      const { row, shownGroups } = sfc.updateChain(id(request), {
        ...naming(body),
        ...(groups === undefined ? {} : { groups }),
        ...(classifiers === undefined ? {} : { classifiers }),
      });
      return { status: 200, body: { port_chain: chainView(row, shownGroups) } };
    })
    .on('DELETE', '/v2.0/sfc/port_chains/:id', (request) => {
      sfc.deleteChain(id(request));
      return { status: 204 };
    });
}
