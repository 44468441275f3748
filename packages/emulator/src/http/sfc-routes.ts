import type {
  WireFlowClassifier,
  WirePortChain,
  WirePortPair,
  WirePortPairGroup,
} from '@sidestep/openstack/wire';
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

type Rows<T> = ReadonlyMap<string, T>;
/** What a list can be narrowed by beside the id: the columns of its table. What it holds in other tables is none. */
type Columns<T> = Readonly<Record<string, (row: T) => string | null>>;

function listed<T extends { readonly id: string }>(
  { query }: ApiRequest,
  rows: Rows<T>,
  columns: Columns<T>,
): T[] {
  const ids = new Set(query.getAll('id'));
  const candidates = ids.size === 0 ? rows.values() : [...ids].flatMap((id) => rows.get(id) ?? []);
  const filters = Object.entries(columns).flatMap(([name, read]) => {
    const values = new Set<string | null>(query.getAll(name));
    return values.size === 0 ? [] : [(row: T) => values.has(read(row))];
  });
  return sorted([...candidates].filter((row) => filters.every((holds) => holds(row))));
}

/** One of networking-sfc's four resources; its list is named `<one>s`. */
interface SfcResource<T> {
  readonly one: string;
  readonly rows: Rows<T>;
  readonly columns?: Columns<T>;
  readonly find: (id: string) => T;
  readonly view: (row: T) => unknown;
  readonly create: (body: Record<string, unknown>) => T;
  /** Answers what the PUT shows. */
  readonly update: (row: T, body: Record<string, unknown>) => unknown;
  readonly remove: (id: string) => void;
}

function addResource<T extends { readonly id: string; name: string }>(
  router: Router,
  resource: SfcResource<T>,
): void {
  const { one, view } = resource;
  const columns: Columns<T> = { name: ({ name }) => name, ...resource.columns };
  const all = `/v2.0/sfc/${one}s`;
  const found = (request: ApiRequest): T => resource.find(param(request, 'id'));
  router
    .on('GET', all, (request) => ({
      status: 200,
      body: { [`${one}s`]: listed(request, resource.rows, columns).map(view) },
    }))
    .on('POST', all, (request) => ({
      status: 201,
      body: { [one]: view(resource.create(bodyOf(request, one))) },
    }))
    .on('GET', `${all}/:id`, (request) => ({
      status: 200,
      body: { [one]: view(found(request)) },
    }))
    .on('PUT', `${all}/:id`, (request) => ({
      status: 200,
      body: { [one]: resource.update(found(request), bodyOf(request, one)) },
    }))
    .on('DELETE', `${all}/:id`, (request) => {
      resource.remove(param(request, 'id'));
      return { status: 204 };
    });
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
  addResource(router, {
    one: 'port_pair',
    rows: state.pairs,
    columns: { ingress: ({ ingress }) => ingress, egress: ({ egress }) => egress },
    find: (id) => sfc.pair(id),
    view: pairView,
    create: (body) => {
      const parameters = asRecord(body.service_function_parameters);
      return sfc.createPair({
        id: world.newId('port-pair'),
        name: '',
        description: '',
        ...naming(body),
        ingress: requiredPort(body, 'ingress'),
        egress: requiredPort(body, 'egress'),
        correlation: textOf(parameters.correlation) ?? null,
        weight: typeof parameters.weight === 'number' ? parameters.weight : 1,
      });
    },
    update: (row, body) => {
      for (const field of ['ingress', 'egress', 'service_function_parameters'])
        if (field in body)
          throw new ApiError(400, `Cannot update read-only attribute ${field}`, 'HTTPBadRequest');
      return pairView(Object.assign(row, naming(body)));
    },
    remove: (id) => sfc.deletePair(id),
  });
  addResource(router, {
    one: 'port_pair_group',
    rows: state.groups,
    find: (id) => sfc.group(id),
    view: groupView,
    create: (body) =>
      sfc.createGroup({
        id: world.newId('port-pair-group'),
        name: '',
        description: '',
        ...naming(body),
        portPairs: textsOf(body.port_pairs) ?? [],
        tapEnabled: body.tap_enabled === true,
        number: world.next('group-number'),
      }),
    update: ({ id }, body) => {
      const portPairs = textsOf(body.port_pairs);
      const pairs = portPairs === undefined ? {} : { portPairs };
      return groupView(sfc.updateGroup(id, { ...naming(body), ...pairs }));
    },
    remove: (id) => sfc.deleteGroup(id),
  });
  addResource(router, {
    one: 'flow_classifier',
    rows: state.classifiers,
    columns: {
      logical_source_port: ({ logicalSourcePort }) => logicalSourcePort,
      logical_destination_port: ({ logicalDestinationPort }) => logicalDestinationPort,
    },
    find: (id) => sfc.classifier(id),
    view: classifierView,
    create: (body) =>
      sfc.createClassifier({
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
      }),
    update: (row, body) => classifierView(Object.assign(row, naming(body))),
    remove: (id) => sfc.deleteClassifier(id),
  });
  addResource(router, {
    one: 'port_chain',
    rows: state.chains,
    find: (id) => sfc.chain(id),
    view: (row) => chainView(row),
    create: (body) => {
      const parameters = asRecord(body.chain_parameters);
      return sfc.createChain({
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
    },
    update: ({ id }, body) => {
      const groups = textsOf(body.port_pair_groups);
      const classifiers = textsOf(body.flow_classifiers);
      const { row, shownGroups } = sfc.updateChain(id, {
        ...naming(body),
        ...(groups === undefined ? {} : { groups }),
        ...(classifiers === undefined ? {} : { classifiers }),
      });
      return chainView(row, shownGroups);
    },
    remove: (id) => sfc.deleteChain(id),
  });
}
