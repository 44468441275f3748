import type { World } from '../cloud/world.ts';
import type { FlowRule } from './flow-rules.ts';

interface Message {
  readonly key: string;
  readonly rule: FlowRule | undefined;
}

/**
 * The hosts' L2 agents: what each was told, in order. A dead agent's messages wait for it, as they
 * do in the broker.
 */
export class SfcAgents {
  readonly #world: World;
  readonly #told = new Map<string, Map<string, FlowRule>>();
  /** By host, chain and ingress (a source: egress) port. */
  readonly #byPort = new Map<string, FlowRule>();
  readonly #waiting = new Map<string, Message[]>();
  readonly #onChange: (host: string, rule: FlowRule, kept: boolean) => void;
  /** False while the cloud is being set up: no delay, no log. */
  live = false;

  constructor(world: World, onChange: (host: string, rule: FlowRule, kept: boolean) => void) {
    this.#world = world;
    this.#onChange = onChange;
  }

  deliver(host: string, key: string, rule: FlowRule | undefined): void {
    if (!this.live) {
      this.#apply(host, { key, rule });
      return;
    }
    const messages = this.#waiting.get(host) ?? [];
    this.#waiting.set(host, messages);
    messages.push({ key, rule });
    // One message at a time: what is cast last, such as the taking back of a rule, is not done before what others were
    // told earlier.
    this.#world.clock.after(this.#world.timings.agentApplyMs, () => this.#takeNext(host));
  }

  #takeNext(host: string): void {
    if (this.#world.hosts.get(host)?.agentDiedMs !== 'alive') return;
    const message = this.#waiting.get(host)?.shift();
    if (message !== undefined) this.#apply(host, message);
  }

  /** Lets a living agent act on all that waits for it. */
  drain(host: string): void {
    if (this.#world.hosts.get(host)?.agentDiedMs !== 'alive') return;
    const messages = this.#waiting.get(host) ?? [];
    for (const message of messages.splice(0)) this.#apply(host, message);
  }

  /** The host's rule for a chain's traffic that comes out of this port's function. */
  ofPort(host: string, chainId: string, portId: string): FlowRule | undefined {
    return this.#byPort.get(`${host}/${chainId}/${portId}`);
  }

  /** All rules by host, sorted by host name. */
  all(): Record<string, FlowRule[]> {
    const rules: Record<string, FlowRule[]> = {};
    for (const host of [...this.#told.keys()].sort())
      rules[host] = [...(this.#told.get(host)?.values() ?? [])];
    return rules;
  }

  #apply(host: string, { key, rule }: Message): void {
    const rules = this.#told.get(host) ?? new Map<string, FlowRule>();
    this.#told.set(host, rules);
    const old = rules.get(key);
    if (rule === undefined) rules.delete(key);
    else rules.set(key, rule);
    if (old !== undefined) this.#byPort.delete(portKey(host, old));
    if (rule !== undefined) this.#byPort.set(portKey(host, rule), rule);
    const changed = rule ?? old;
    if (changed !== undefined) this.#onChange(host, changed, rule !== undefined);
  }
}

function portKey(host: string, rule: FlowRule): string {
  return `${host}/${rule.chainId}/${rule.ingress ?? rule.egress}`;
}
