import { activeBinding, type World } from '../cloud/world.ts';
import { seededUuid } from '../seed.ts';
import type { FlowRule, NextHop } from './flow-rules.ts';
import type { ChainRow, GroupRow, PortPairRow, SfcState } from './sfc-state.ts';

/** What the driver keeps of a port at the moment its pair (or classifier) was taken up, and never updates. */
interface PortDetail {
  readonly host: string;
  readonly localEndpoint: string;
}

interface SentRule {
  readonly rule: FlowRule;
  /** The pair it was made of, or the source port. */
  readonly origin: string;
}

/** Tells a host what it must do; `undefined` takes the rule back. */
export type Deliver = (host: string, key: string, rule: FlowRule | undefined) => void;

/**
 * networking-sfc's `ovs` driver as it behaves (version 15): it remembers a member's host from the
 * moment its port pair was made, so a live migration leaves the upstream hop sending to the old
 * host; a refused delete of a pair has already thrown away what it remembers.
 */
export class SfcDriver {
  readonly #world: World;
  readonly #state: SfcState;
  readonly #deliver: Deliver;
  readonly #pairDetails = new Map<string, PortDetail>();
  /** By chain and source port. */
  readonly #sourceDetails = new Map<string, PortDetail>();
  readonly #sent = new Map<string, Map<string, SentRule>>();
  readonly #chainsOfSource = new Map<string, Set<string>>();

  constructor(world: World, state: SfcState, deliver: Deliver) {
    this.#world = world;
    this.#state = state;
    this.#deliver = deliver;
  }

  /** Looks up where the pair's port is; `unbound` where it is nowhere. */
  createPair(pair: PortPairRow): 'created' | 'unbound' {
    const detail = this.#locate(pair.ingress);
    if (detail === undefined) return 'unbound';
    this.#pairDetails.set(pair.id, detail);
    return 'created';
  }

  /** Called before the plugin has checked that the pair is unused. */
  deletePair(pairId: string): void {
    this.#pairDetails.delete(pairId);
  }

  /** True when every pair of the chain is still known. */
  knowsChain(chain: ChainRow): boolean {
    return chain.groups.every((groupId) =>
      (this.#state.groups.get(groupId)?.portPairs ?? []).every((id) => this.#pairDetails.has(id)),
    );
  }

  /** Sends what differs from what was sent before. */
  render(chain: ChainRow): void {
    this.#forgetSources(chain);
    const before = this.#sent.get(chain.id) ?? new Map<string, SentRule>();
    const after = this.#desired(chain);
    this.#sent.set(chain.id, after);
    // From the tail to the head: a hop exists before anybody is told to send to it.
    const wanted = [...after].sort(([, a], [, b]) => a.rule.nsi - b.rule.nsi);
    for (const [key, { rule }] of wanted) {
      const old = before.get(key)?.rule;
      if (old === undefined || !sameRule(old, rule)) this.#deliver(rule.host, rule.key, rule);
    }
    for (const [key, { rule, origin }] of before) {
      if (after.has(key)) continue;
      // The rule of a pair that the driver has forgotten stays on its host for ever.
      const known = rule.nodeType === 'src_node' || this.#pairDetails.has(origin);
      if (known) this.#deliver(rule.host, rule.key, undefined);
    }
  }

  /** The source of a classifier that is taken off the chain is looked up anew when it is put back. */
  #forgetSources(chain: ChainRow): void {
    const sources = new Set(
      chain.classifiers.map((id) => this.#state.classifiers.get(id)?.logicalSourcePort),
    );
    for (const [port, chains] of this.#chainsOfSource) {
      if (sources.has(port) || !chains.delete(chain.id)) continue;
      this.#sourceDetails.delete(`${chain.id}/${port}`);
    }
  }

  /** Takes all rules of a chain back. */
  remove(chain: ChainRow): void {
    for (const { rule } of this.#sent.get(chain.id)?.values() ?? [])
      this.#deliver(rule.host, rule.key, undefined);
    this.#sent.delete(chain.id);
    for (const [port, chains] of this.#chainsOfSource) {
      if (!chains.delete(chain.id)) continue;
      this.#sourceDetails.delete(`${chain.id}/${port}`);
    }
  }

  /** An agent asks for the rules of a port that has come up: it gets a patched copy, unsaved. */
  portUp(portId: string, hostName: string): void {
    const host = this.#world.hosts.get(hostName);
    if (host === undefined) return;
    for (const chainId of this.chainsOfPort(portId)) {
      for (const { rule } of this.#sent.get(chainId)?.values() ?? []) {
        if (rule.ingress !== portId && rule.egress !== portId) continue;
        if (rule.host === hostName) continue;
        const patched = { ...rule, host: hostName, localEndpoint: host.tunnelIp };
        this.#deliver(hostName, rule.key, patched);
      }
    }
  }

  /** Every chain that a port belongs to, as source or member. */
  chainsOfPort(portId: string): Set<string> {
    const chains = new Set(this.#chainsOfSource.get(portId));
    for (const pairId of this.#state.pairsOfPort.get(portId) ?? []) {
      const groupId = this.#state.groupOfPair.get(pairId);
      if (groupId === undefined) continue;
      for (const id of this.#state.chainsOfGroup.get(groupId) ?? []) chains.add(id);
    }
    return chains;
  }

  #locate(portId: string): PortDetail | undefined {
    const port = this.#world.ports.get(portId);
    const binding = port === undefined ? undefined : activeBinding(port);
    if (binding === undefined || binding.vifType !== 'ovs') return undefined;
    const host = this.#world.hosts.get(binding.host);
    return host === undefined ? undefined : { host: host.name, localEndpoint: host.tunnelIp };
  }

  #nextHops(group: GroupRow | undefined): NextHop[] {
    return (group?.portPairs ?? []).flatMap((id) => {
      const pair = this.#state.pairs.get(id);
      const detail = this.#pairDetails.get(id);
      if (pair === undefined || detail === undefined) return [];
      const { localEndpoint } = detail;
      return [{ portPairId: id, ingress: pair.ingress, localEndpoint, weight: pair.weight }];
    });
  }

  #desired(chain: ChainRow): Map<string, SentRule> {
    const rules = new Map<string, SentRule>();
    const groups = chain.groups.map((id) => this.#state.groups.get(id));
    const add = (origin: string, rule: FlowRule): void => {
      rules.set(`${rule.host}/${rule.key}`, { rule, origin });
    };
    const { seed } = this.#world.spec;
    const node = (name: string): string => seededUuid(seed, 'path-node', `${chain.id}/${name}`);
    for (const classifierId of chain.classifiers) {
      const port = this.#state.classifiers.get(classifierId)?.logicalSourcePort;
      if (port === undefined || port === null) continue;
      const key = `${chain.id}/${port}`;
      const detail = this.#sourceDetails.get(key) ?? this.#locate(port);
      if (detail === undefined) continue;
      this.#sourceDetails.set(key, detail);
      const chains = this.#chainsOfSource.get(port) ?? new Set<string>();
      chains.add(chain.id);
      this.#chainsOfSource.set(port, chains);
      add(port, {
        key: `${node('source')}/${port}/fwd`,
        chainId: chain.id,
        nodeType: 'src_node',
        nsp: chain.number,
        nsi: 255,
        ingress: null,
        egress: port,
        host: detail.host,
        localEndpoint: detail.localEndpoint,
        nextHops: this.#nextHops(groups[0]),
        last: false,
      });
    }
    for (const [index, group] of groups.entries()) {
      for (const pairId of group?.portPairs ?? []) {
        const pair = this.#state.pairs.get(pairId);
        const detail = this.#pairDetails.get(pairId);
        if (group === undefined || pair === undefined || detail === undefined) continue;
        add(pairId, {
          key: `${node(group.id)}/${pair.ingress}/fwd`,
          chainId: chain.id,
          nodeType: 'sf_node',
          nsp: chain.number,
          nsi: 254 - index,
          ingress: pair.ingress,
          egress: pair.egress,
          host: detail.host,
          localEndpoint: detail.localEndpoint,
          nextHops: index + 1 < groups.length ? this.#nextHops(groups[index + 1]) : [],
          last: index + 1 === groups.length,
        });
      }
    }
    return rules;
  }
}

function sameRule(a: FlowRule, b: FlowRule): boolean {
  if (a.nsi !== b.nsi || a.last !== b.last || a.localEndpoint !== b.localEndpoint) return false;
  if (a.nextHops.length !== b.nextHops.length) return false;
  return a.nextHops.every((hop, index) => {
    const other = b.nextHops[index];
    return other?.portPairId === hop.portPairId && other.localEndpoint === hop.localEndpoint;
  });
}
