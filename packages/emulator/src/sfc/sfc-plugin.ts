import type { World } from '../cloud/world.ts';
import { ApiError } from '../http/api-error.ts';
import { classifiersConflict, pythonList, refuseDuplicates } from './sfc-checks.ts';
import type { SfcDriver } from './sfc-driver.ts';
import {
  addTo,
  type ChainRow,
  type ClassifierRow,
  type GroupRow,
  type PortPairRow,
  type SfcState,
} from './sfc-state.ts';

/** What the plugin is asked to change of a thing; an absent field stays. */
export interface Naming {
  readonly name?: string;
  readonly description?: string;
}

const notFound = (kind: string, type: string, id: string): ApiError =>
  new ApiError(404, `${kind} ${id} not found.`, `${type}NotFound`);

/** networking-sfc's plugin: its checks in their order, its tables, and the driver behind it. */
export class SfcPlugin {
  readonly state: SfcState;
  readonly #world: World;
  readonly #driver: SfcDriver;
  readonly #onChange: (chainIds: Iterable<string>) => void;
  /** False while the cloud is being set up: nothing is checked. */
  checking = false;

  constructor(
    world: World,
    state: SfcState,
    driver: SfcDriver,
    onChange: (chainIds: Iterable<string>) => void,
  ) {
    this.#world = world;
    this.state = state;
    this.#driver = driver;
    this.#onChange = onChange;
  }

  pair(id: string): PortPairRow {
    const row = this.state.pairs.get(id);
    if (row === undefined) throw notFound('Port Pair', 'PortPair', id);
    return row;
  }

  group(id: string): GroupRow {
    const row = this.state.groups.get(id);
    if (row === undefined) throw notFound('Port Pair Group', 'PortPairGroup', id);
    return row;
  }

  classifier(id: string): ClassifierRow {
    const row = this.state.classifiers.get(id);
    if (row === undefined) throw notFound('Flow Classifier', 'FlowClassifier', id);
    return row;
  }

  chain(id: string): ChainRow {
    const row = this.state.chains.get(id);
    if (row === undefined) throw notFound('Port Chain', 'PortChain', id);
    return row;
  }

  /** Does a pair or a classifier name the port? */
  usesPort(id: string): boolean {
    return (
      (this.state.pairsOfPort.get(id)?.size ?? 0) > 0 ||
      [...this.state.classifiers.values()].some(
        (row) => row.logicalSourcePort === id || row.logicalDestinationPort === id,
      )
    );
  }

  createPair(row: PortPairRow): PortPairRow {
    if (this.checking) this.#checkPair(row);
    this.state.pairs.set(row.id, row);
    addTo(this.state.pairsOfPort, row.ingress, row.id);
    addTo(this.state.pairsOfPort, row.egress, row.id);
    // The driver looks up a tunnel endpoint, which only a bound port has.
    if (this.#driver.createPair(row) === 'unbound') {
      this.#forgetPair(row);
      throw new ApiError(500, 'create_port_pair_postcommit failed.', 'SfcDriverError');
    }
    return row;
  }

  #checkPair(row: PortPairRow): void {
    for (const [side, id] of [
      ['Ingress', row.ingress],
      ['Egress', row.egress],
    ] as const) {
      const port = this.#world.ports.get(id);
      if (port === undefined)
        throw new ApiError(404, `Port ${id} could not be found.`, 'PortNotFound');
      if (port.deviceId === '') {
        const text = `Port Pair ${side.toLowerCase()} port ${id} does not belong to a host.`;
        throw new ApiError(400, text, `PortPair${side}NoHost`);
      }
    }
    const ingress = this.#world.ports.get(row.ingress);
    const egress = this.#world.ports.get(row.egress);
    if (ingress?.deviceId !== egress?.deviceId)
      throw new ApiError(
        400,
        `Port Pair ingress port ${row.ingress} and egress port ${row.egress} not in the same host.`,
        'PortPairIngressEgressDifferentHost',
      );
    for (const id of this.state.pairsOfPort.get(row.ingress) ?? []) {
      const other = this.state.pairs.get(id);
      if (other?.ingress !== row.ingress || other.egress !== row.egress) continue;
      throw new ApiError(
        400,
        `Port Pair with ingress port ${row.ingress} and egress port ${row.egress} is already used by another Port Pair ${id}.`,
        'PortPairIngressEgressInUse',
      );
    }
  }

  deletePair(id: string): void {
    const row = this.pair(id);
    // The driver is called before the check: a refused delete has already lost its detail.
    this.#driver.deletePair(id);
    if (this.state.groupOfPair.has(id))
      throw new ApiError(409, `Port Pair ${id} in use.`, 'PortPairInUse');
    this.#forgetPair(row);
  }

  #forgetPair(row: PortPairRow): void {
    this.state.pairs.delete(row.id);
    for (const port of [row.ingress, row.egress]) this.state.pairsOfPort.get(port)?.delete(row.id);
  }

  createGroup(row: GroupRow): GroupRow {
    this.#checkMembers(row.id, row.portPairs);
    this.state.groups.set(row.id, row);
    for (const id of row.portPairs) this.state.groupOfPair.set(id, row.id);
    return row;
  }

  #checkMembers(groupId: string, portPairs: readonly string[]): void {
    refuseDuplicates('port_pairs', portPairs);
    for (const id of portPairs) {
      this.pair(id);
      const owner = this.state.groupOfPair.get(id);
      if (owner !== undefined && owner !== groupId)
        throw new ApiError(409, `Port Pair ${id} in use.`, 'PortPairInUse');
    }
  }

  updateGroup(id: string, change: Naming & { portPairs?: readonly string[] }): GroupRow {
    const row = this.group(id);
    if (change.portPairs !== undefined) this.#checkMembers(id, change.portPairs);
    row.name = change.name ?? row.name;
    row.description = change.description ?? row.description;
    if (change.portPairs === undefined) return row;
    const before = new Set(row.portPairs);
    const after = new Set(change.portPairs);
    // An unchanged set never reaches the driver.
    if (before.size === after.size && [...after].every((pair) => before.has(pair))) return row;
    for (const pair of before) this.state.groupOfPair.delete(pair);
    row.portPairs = [...after];
    for (const pair of after) this.state.groupOfPair.set(pair, id);
    const chains = this.state.chainsOfGroup.get(id) ?? new Set<string>();
    for (const chainId of chains) this.#driver.render(this.chain(chainId));
    this.#onChange(chains);
    return row;
  }

  deleteGroup(id: string): void {
    const row = this.group(id);
    if ((this.state.chainsOfGroup.get(id)?.size ?? 0) > 0)
      throw new ApiError(409, `Port Pair Group ${id} in use.`, 'PortPairGroupInUse');
    for (const pair of row.portPairs) this.state.groupOfPair.delete(pair);
    this.state.groups.delete(id);
  }

  createClassifier(row: ClassifierRow): ClassifierRow {
    if (this.checking) this.#checkClassifier(row);
    this.state.classifiers.set(row.id, row);
    return row;
  }

  #checkClassifier(row: ClassifierRow): void {
    for (const port of [row.logicalSourcePort, row.logicalDestinationPort])
      if (port !== null && !this.#world.ports.has(port))
        throw new ApiError(404, `Port ${port} could not be found.`, 'PortNotFound');
    for (const other of this.state.classifiers.values())
      if (classifiersConflict(row, other))
        throw new ApiError(
          400,
          `Flow Classifier conflicts with another Flow Classifier ${other.id}.`,
          'FlowClassifierInConflict',
        );
    if (row.logicalSourcePort === null)
      throw new ApiError(
        400,
        `Flow Classifier ${row.id} does not set logical source port in ovs driver.`,
        'FlowClassifierBadRequest',
      );
  }

  deleteClassifier(id: string): void {
    this.classifier(id);
    for (const chain of this.state.chains.values())
      if (chain.classifiers.includes(id))
        throw new ApiError(409, `Flow Classifier ${id} in use.`, 'FlowClassifierInUse');
    this.state.classifiers.delete(id);
  }

  createChain(row: ChainRow): ChainRow {
    if (this.checking) this.#checkChain(row.id, row.groups, row.classifiers);
    this.state.chains.set(row.id, row);
    for (const group of row.groups) addTo(this.state.chainsOfGroup, group, row.id);
    if (this.checking && !this.#driver.knowsChain(row)) {
      this.#forgetChain(row);
      throw new ApiError(500, 'create_port_chain_postcommit failed.', 'SfcDriverError');
    }
    this.#driver.render(row);
    this.#onChange([row.id]);
    return row;
  }

  #checkChain(
    chainId: string,
    groups: readonly string[] | undefined,
    classifiers: readonly string[] | undefined,
  ): void {
    if (groups !== undefined) {
      if (groups.length === 0)
        throw new ApiError(
          400,
          'Port Pair Group is not specified in Port Chain.',
          'PortPairGroupNotSpecified',
        );
      refuseDuplicates('port_pair_groups', groups);
      for (const id of groups) this.group(id);
      const [first] = groups;
      for (const other of this.state.chainsOfGroup.get(first ?? '') ?? []) {
        const theirs = this.state.chains.get(other)?.groups;
        if (other === chainId || theirs?.join() !== groups.join()) continue;
        throw new ApiError(
          409,
          `Port Pair Group(s) ${pythonList(groups)} in use by Port Chain ${other}.`,
          'InvalidPortPairGroups',
        );
      }
    }
    if (classifiers === undefined) return;
    refuseDuplicates('flow_classifiers', classifiers);
    for (const id of classifiers) {
      this.classifier(id);
      for (const other of this.state.chains.values())
        if (other.id !== chainId && other.classifiers.includes(id))
          throw new ApiError(409, `Flow Classifier ${id} in use.`, 'FlowClassifierInUse');
    }
  }

  updateChain(
    id: string,
    change: Naming & { groups?: readonly string[]; classifiers?: readonly string[] },
  ): { row: ChainRow; shownGroups: readonly string[] } {
    const row = this.chain(id);
    this.#checkChain(id, change.groups, change.classifiers);
    row.name = change.name ?? row.name;
    row.description = change.description ?? row.description;
    const before = new Set(row.groups);
    if (change.groups !== undefined) {
      for (const group of row.groups) this.state.chainsOfGroup.get(group)?.delete(id);
      row.groups = change.groups;
      for (const group of row.groups) addTo(this.state.chainsOfGroup, group, id);
    }
    if (change.classifiers !== undefined) row.classifiers = change.classifiers;
    // The tables are committed by now: a driver that has forgotten a pair fails after the fact.
    if (!this.#driver.knowsChain(row))
      throw new ApiError(500, 'update_port_chain_postcommit failed.', 'SfcDriverError');
    this.#driver.render(row);
    this.#onChange([id]);
    // The answer to an insertion lists the new groups last, whatever their place in the chain.
    const kept = row.groups.filter((group) => before.has(group));
    const added = row.groups.filter((group) => !before.has(group));
    return { row, shownGroups: [...kept, ...added] };
  }

  deleteChain(id: string): void {
    const row = this.chain(id);
    this.#driver.remove(row);
    this.#forgetChain(row);
    this.#onChange([id]);
  }

  #forgetChain(row: ChainRow): void {
    this.state.chains.delete(row.id);
    for (const group of row.groups) this.state.chainsOfGroup.get(group)?.delete(row.id);
  }
}
