import type { World } from '../cloud/world.ts';
import type { EmptyNextHop, FlowReport } from '../emulator-types.ts';
import type { LoadChain, PathCondition } from '../load/load-model.ts';
import type { ChainTraffic } from '../spec.ts';
import { SfcAgents } from './agents.ts';
import { followPath } from './data-path.ts';
import type { FlowRule } from './flow-rules.ts';
import { PathLog } from './path-log.ts';
import { SfcDriver } from './sfc-driver.ts';
import { SfcPlugin } from './sfc-plugin.ts';
import { type ChainRow, createSfcState } from './sfc-state.ts';

const MAX_EMPTY = 20_000;

/** networking-sfc as a whole: plugin, driver, agents, and an eye on what the traffic meets. */
export class ChainNetwork {
  readonly plugin: SfcPlugin;
  readonly agents: SfcAgents;
  readonly #world: World;
  readonly #driver: SfcDriver;
  readonly #log = new PathLog();
  readonly #started = new Set<string>();
  readonly #emptyNextHops: EmptyNextHop[] = [];
  #version = 0;

  constructor(world: World) {
    this.#world = world;
    const state = createSfcState();
    this.agents = new SfcAgents(world, (host, rule, kept) => this.#ruleChanged(host, rule, kept));
    this.#driver = new SfcDriver(world, state, (host, key, rule) =>
      this.agents.deliver(host, key, rule),
    );
    this.plugin = new SfcPlugin(world, state, this.#driver, (ids) => {
      this.#version += 1;
      for (const id of ids) this.#refresh(id);
    });
  }

  /** Ends the setting up: from now on requests are checked, agents take their time, paths are watched. */
  goLive(): void {
    this.plugin.checking = true;
    this.agents.live = true;
    for (const id of this.plugin.state.chains.keys()) this.#refresh(id);
  }

  /** Counts up whenever chains or their members change. */
  get version(): number {
    return this.#version;
  }

  portUp(portId: string, host: string): void {
    this.#driver.portUp(portId, host);
    for (const id of this.#driver.chainsOfPort(portId)) this.#refresh(id);
  }

  serversChanged(serverIds: readonly string[]): void {
    if (!this.agents.live) return;
    const chains = new Set<string>();
    for (const serverId of serverIds)
      for (const portId of this.#world.portsOf.get(serverId) ?? [])
        for (const id of this.#driver.chainsOfPort(portId)) chains.add(id);
    for (const id of chains) this.#refresh(id);
  }

  /** What a chain's path was like over a span. */
  condition(chainId: string, toMs: number, spanMs: number): PathCondition {
    const hops = this.plugin.state.chains.get(chainId)?.groups.length ?? 0;
    return this.#log.over(chainId, toMs, spanMs, hops);
  }

  /** The chains that carry traffic, with the servers of each hop. */
  loadChains(trafficOf: (chain: ChainRow) => ChainTraffic): LoadChain[] {
    const { chains, groups, pairs } = this.plugin.state;
    const serverOf = (pairId: string): string[] => {
      const port = this.#world.ports.get(pairs.get(pairId)?.ingress ?? '');
      const server = this.#world.servers.get(port?.deviceId ?? '');
      return server === undefined ? [] : [server.id];
    };
    return [...chains.values()].flatMap((chain) => {
      if (chain.classifiers.length === 0) return [];
      const hops = chain.groups.map((id) => {
        const members = (groups.get(id)?.portPairs ?? []).flatMap(serverOf);
        return members.map((serverId) => ({ serverId, share: 1 / members.length }));
      });
      return [{ id: chain.id, traffic: trafficOf(chain), hops }];
    });
  }

  report(): FlowReport {
    const { state } = this.plugin;
    return {
      rules: this.agents.all(),
      chains: [...state.chains.values()].map(
        (chain) => followPath(this.#world, state, this.agents, chain).path,
      ),
      emptyNextHops: [...this.#emptyNextHops],
      gaps: this.#log.gaps(),
    };
  }

  #ruleChanged(host: string, rule: FlowRule, kept: boolean): void {
    if (!this.agents.live) return;
    if (kept && !rule.last && rule.nextHops.length === 0) {
      const atMs = this.#world.clock.nowMs();
      // 255 at the source: its next hop is hop 0.
      this.#emptyNextHops.push({ atMs, chainId: rule.chainId, host, hop: 255 - rule.nsi });
      if (this.#emptyNextHops.length > MAX_EMPTY) this.#emptyNextHops.shift();
    }
    this.#refresh(rule.chainId);
  }

  #refresh(chainId: string): void {
    if (!this.agents.live) return;
    const { state } = this.plugin;
    const nowMs = this.#world.clock.nowMs();
    const chain = state.chains.get(chainId);
    if (chain === undefined || chain.classifiers.length === 0) {
      this.#log.forget(chainId, nowMs);
      this.#started.delete(chainId);
      return;
    }
    const followed = followPath(this.#world, state, this.agents, chain);
    // A chain begins when its traffic first enters it; the moments before are not its gap.
    if (!this.#started.has(chainId)) {
      if (!followed.entered) return;
      this.#started.add(chainId);
    }
    this.#log.record(followed, nowMs);
  }
}
