import type {
  FlowClassifier,
  ListedBy,
  PortChain,
  PortPair,
  PortPairGroup,
} from '@sidestep/openstack';
import type { Cloud } from '../../src/ports/cloud.ts';
import { type FaultyCalls, refusal } from './call-faults.ts';

/** Where a port is, as far as networking-sfc looks. */
export type PortPlace = { readonly hostId: string; readonly subnetId: string | null };

/** What the agents were told for one hop of a chain: the members that traffic is sent to, and where. */
export type ToldHop = readonly { readonly pairId: string; readonly hostId: string }[];

export type FakeSfc = Cloud['sfc'] & {
  readonly pairs: Map<string, PortPair>;
  readonly groups: Map<string, PortPairGroup>;
  readonly chains: Map<string, PortChain>;
  readonly classifiers: Map<string, FlowClassifier>;
  /** What the agents were last told, by chain. */
  told(chainId: string): readonly ToldHop[];
  /** Hops at which somebody was ever told to steer past. */
  readonly emptied: { readonly chainId: string; readonly hop: number }[];
  /** Pairs of which a refused delete has taken the driver's details. */
  readonly corrupted: string[];
  usesPort(portId: string): boolean;
};

/**
 * networking-sfc's plugin and `ovs` driver in memory, odd behaviour included: a pair keeps the host of its birth, a
 * refused delete of a pair has already taken the driver's details, an update with an equal set renders nothing, an update
 * that fails in the driver stays in the database, the answer to a chain's update has the groups in the old order.
 */
export function fakeSfc(options: {
  calls: FaultyCalls;
  newId: () => string;
  place: (portId: string) => PortPlace | undefined;
}): FakeSfc {
  const { calls, newId, place } = options;
  const pairs = new Map<string, PortPair>();
  const groups = new Map<string, PortPairGroup>();
  const chains = new Map<string, PortChain>();
  const classifiers = new Map<string, FlowClassifier>();
  const details = new Map<string, string>();
  const toldHops = new Map<string, ToldHop[]>();
  const emptied: { chainId: string; hop: number }[] = [];
  const corrupted: string[] = [];

  const tell = (chain: PortChain, hop: number) => {
    const group = groups.get(chain.portPairGroupIds[hop] ?? '');
    const members = (group?.portPairIds ?? []).flatMap((pairId) => {
      const hostId = details.get(pairId);
      return hostId === undefined ? [] : [{ pairId, hostId }];
    });
    const hops = toldHops.get(chain.id) ?? [];
    hops[hop] = members;
    toldHops.set(chain.id, hops);
    if (members.length === 0) emptied.push({ chainId: chain.id, hop });
  };
  const render = (chain: PortChain) => {
    toldHops.set(chain.id, []);
    for (const [index, groupId] of chain.portPairGroupIds.entries()) {
      for (const pairId of groups.get(groupId)?.portPairIds ?? []) {
        if (!details.has(pairId))
          throw refusal(500, 'SfcDriverError', 'update_port_chain_postcommit failed.');
      }
      tell(chain, index);
    }
  };
  const found = <T>(map: Map<string, T>, id: string, fault: string): T => {
    const one = map.get(id);
    if (one === undefined) throw refusal(404, fault, `${id} not found`);
    return one;
  };
  const groupHolding = (pairId: string) =>
    [...groups.values()].find(({ portPairIds }) => portPairIds.includes(pairId));
  const chainsWith = (groupId: string) =>
    [...chains.values()].filter(({ portPairGroupIds }) => portPairGroupIds.includes(groupId));
  const checkGroup = (portPairIds: readonly string[], groupId: string | null) => {
    for (const id of portPairIds) {
      found(pairs, id, 'PortPairNotFound');
      const holder = groupHolding(id);
      if (holder !== undefined && holder.id !== groupId)
        throw refusal(409, 'PortPairInUse', `Port Pair ${id} in use`);
    }
  };
  const checkChain = (
    spec: { groupIds: readonly string[]; classifierIds: readonly string[] },
    chainId: string | null,
  ) => {
    if (spec.groupIds.length === 0) throw refusal(400, 'PortPairGroupNotSpecified', 'no group');
    if (new Set(spec.groupIds).size < spec.groupIds.length)
      throw refusal(400, 'HTTPBadRequest', 'Duplicate items in the list');
    for (const id of spec.groupIds) found(groups, id, 'PortPairGroupNotFound');
    for (const id of spec.classifierIds) found(classifiers, id, 'FlowClassifierNotFound');
    for (const other of chains.values()) {
      if (other.id === chainId) continue;
      if (other.portPairGroupIds.join() === spec.groupIds.join())
        throw refusal(409, 'InvalidPortPairGroups', `in use by Port Chain ${other.id}`);
      if (spec.classifierIds.some((id) => other.flowClassifierIds.includes(id)))
        throw refusal(409, 'FlowClassifierInUse', 'in use');
    }
  };
  const list =
    <T extends object, Field extends keyof T & string>(name: string, map: Map<string, T>) =>
    (which?: ListedBy<Field>) => {
      if (which === undefined) return calls.call(`GET ${name}`, () => [...map.values()]);
      // As the client does: of no value there is nothing to ask.
      if (which.of.length === 0) return Promise.resolve([]);
      const wanted: readonly unknown[] = which.of;
      return calls.call(`GET ${name}?${which.by}`, () =>
        [...map.values()].filter((one) => wanted.includes(one[which.by])),
      );
    };

  return {
    pairs,
    groups,
    chains,
    classifiers,
    emptied,
    corrupted,
    told: (chainId) => toldHops.get(chainId) ?? [],
    usesPort: (portId) =>
      [...pairs.values()].some(
        (pair) => pair.ingressPortId === portId || pair.egressPortId === portId,
      ) ||
      [...classifiers.values()].some(
        ({ logicalSourcePortId, logicalDestinationPortId }) =>
          logicalSourcePortId === portId || logicalDestinationPortId === portId,
      ),

    listPortPairs: list('/sfc/port_pairs', pairs),
    listPortPairGroups: list('/sfc/port_pair_groups', groups),
    listPortChains: list('/sfc/port_chains', chains),
    listFlowClassifiers: list('/sfc/flow_classifiers', classifiers),

    createPortPair: (spec) =>
      calls.call('POST /sfc/port_pairs', () => {
        const { ingressPortId, egressPortId } = spec;
        const ingress = place(ingressPortId);
        const egress = place(egressPortId);
        if (ingress === undefined || egress === undefined)
          throw refusal(404, 'PortPairPortNotFound', 'Port Pair port not found');
        for (const pair of pairs.values()) {
          if (pair.ingressPortId === ingressPortId && pair.egressPortId === egressPortId)
            throw refusal(400, 'PortPairIngressEgressInUse', `used by ${pair.id}`);
        }
        if (ingress.hostId === '') throw refusal(400, 'PortPairIngressNoHost', 'no host');
        if (ingress.hostId !== egress.hostId)
          throw refusal(400, 'PortPairIngressEgressDifferentHost', 'not in the same host');
        const pair: PortPair = {
          id: newId(),
          name: spec.name ?? '',
          ingressPortId,
          egressPortId,
          correlation: spec.correlation ?? null,
          weight: spec.weight ?? 1,
        };
        pairs.set(pair.id, pair);
        details.set(pair.id, ingress.hostId);
        return pair;
      }),
    deletePortPair: (id) =>
      calls.call('DELETE /sfc/port_pairs', () => {
        found(pairs, id, 'PortPairNotFound');
        details.delete(id);
        if (groupHolding(id) !== undefined) {
          corrupted.push(id);
          throw refusal(409, 'PortPairInUse', `Port Pair ${id} in use`);
        }
        pairs.delete(id);
      }),

    createPortPairGroup: (spec) =>
      calls.call('POST /sfc/port_pair_groups', () => {
        checkGroup(spec.portPairIds, null);
        const group = {
          id: newId(),
          name: spec.name ?? '',
          portPairIds: [...spec.portPairIds],
          tapEnabled: false,
        };
        groups.set(group.id, group);
        return group;
      }),
    updatePortPairGroup: (id, update) => {
      const write = () => {
        const group = found(groups, id, 'PortPairGroupNotFound');
        const portPairIds = [...(update.portPairIds ?? group.portPairIds)];
        checkGroup(portPairIds, id);
        const written = { ...group, portPairIds };
        groups.set(id, written);
        return { before: group, written };
      };
      return calls.call(
        'PUT /sfc/port_pair_groups',
        () => {
          const { before, written } = write();
          const added = written.portPairIds.filter((each) => !before.portPairIds.includes(each));
          const removed = before.portPairIds.filter((each) => !written.portPairIds.includes(each));
          const forgotten = [...added, ...removed].some((each) => !details.has(each));
          if ((added.length > 0 || removed.length > 0) && !forgotten) {
            for (const chain of chainsWith(id)) tell(chain, chain.portPairGroupIds.indexOf(id));
          }
          return written;
        },
        write,
      );
    },
    deletePortPairGroup: (id) =>
      calls.call('DELETE /sfc/port_pair_groups', () => {
        found(groups, id, 'PortPairGroupNotFound');
        if (chainsWith(id).length > 0) throw refusal(409, 'PortPairGroupInUse', 'in use');
        groups.delete(id);
      }),

    createFlowClassifier: (spec) =>
      calls.call('POST /sfc/flow_classifiers', () => {
        const key = (one: object) => JSON.stringify({ ...one, id: null, name: null });
        const classifier: FlowClassifier = {
          name: '',
          ethertype: 'IPv4',
          protocol: null,
          sourceIpPrefix: null,
          destinationIpPrefix: null,
          sourcePortMin: null,
          sourcePortMax: null,
          destinationPortMin: null,
          destinationPortMax: null,
          logicalSourcePortId: null,
          logicalDestinationPortId: null,
          ...spec,
          id: newId(),
        };
        if ([...classifiers.values()].some((other) => key(other) === key(classifier)))
          throw refusal(400, 'FlowClassifierInConflict', 'conflicts with another');
        classifiers.set(classifier.id, classifier);
        return classifier;
      }),
    deleteFlowClassifier: (id) =>
      calls.call('DELETE /sfc/flow_classifiers', () => {
        found(classifiers, id, 'FlowClassifierNotFound');
        if ([...chains.values()].some(({ flowClassifierIds }) => flowClassifierIds.includes(id)))
          throw refusal(409, 'FlowClassifierInUse', 'in use');
        classifiers.delete(id);
      }),

    createPortChain: (spec) =>
      calls.call('POST /sfc/port_chains', () => {
        const groupIds = spec.portPairGroupIds;
        const classifierIds = spec.flowClassifierIds ?? [];
        checkChain({ groupIds, classifierIds }, null);
        const chain: PortChain = {
          id: newId(),
          name: spec.name ?? '',
          portPairGroupIds: [...groupIds],
          flowClassifierIds: [...classifierIds],
          parameters: { symmetric: spec.parameters?.symmetric ?? false, correlation: 'mpls' },
        };
        // The plugin deletes what the driver refuses.
        render(chain);
        chains.set(chain.id, chain);
        return chain;
      }),
    updatePortChain: (id, update) => {
      const write = () => {
        const chain = found(chains, id, 'PortChainNotFound');
        const groupIds = update.portPairGroupIds ?? chain.portPairGroupIds;
        const classifierIds = update.flowClassifierIds ?? chain.flowClassifierIds;
        checkChain({ groupIds, classifierIds }, id);
        const written = {
          ...chain,
          portPairGroupIds: [...groupIds],
          flowClassifierIds: [...classifierIds],
        };
        chains.set(id, written);
        return { before: chain, written };
      };
      return calls.call(
        'PUT /sfc/port_chains',
        () => {
          const { before, written } = write();
          render(written);
          const kept = before.portPairGroupIds.filter((each) =>
            written.portPairGroupIds.includes(each),
          );
          const added = written.portPairGroupIds.filter((each) => !kept.includes(each));
          return { ...written, portPairGroupIds: [...kept, ...added] };
        },
        write,
      );
    },
    deletePortChain: (id) =>
      calls.call('DELETE /sfc/port_chains', () => {
        found(chains, id, 'PortChainNotFound');
        chains.delete(id);
        toldHops.delete(id);
      }),
  };
}
