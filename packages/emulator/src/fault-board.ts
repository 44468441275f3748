import type { Evacuations } from './cloud/evacuations.ts';
import type { HostState } from './cloud/host-state.ts';
import type { LiveMigrations } from './cloud/live-migration.ts';
import type { World } from './cloud/world.ts';
import type { ApiFault, Faults, ServiceName } from './faults.ts';
import type { Tokens } from './http/keystone.ts';
import { hashText, uniform } from './seed.ts';
import type { SfcAgents } from './sfc/agents.ts';

interface ActiveFault {
  readonly fault: ApiFault;
  readonly path: RegExp | undefined;
  readonly untilMs: number;
  left: number;
}

/** What the parts that break hand in. */
export interface FaultParts {
  readonly world: World;
  readonly moves: LiveMigrations;
  readonly evacuations: Evacuations;
  readonly agents: SfcAgents;
  readonly tokens: Tokens;
  /** Ports on a host have appeared again: its agent asks for everything. */
  readonly resync: (host: string) => void;
  /** Everything that carries traffic on a host changed. */
  readonly hostChanged: (host: string) => void;
}

/** The switchboard of what is broken. */
export class FaultBoard implements Faults {
  readonly #parts: FaultParts;
  readonly #api = new Set<ActiveFault>();
  readonly #silent = new Set<string>();
  readonly #stream: number;
  #draws = 0;

  constructor(parts: FaultParts) {
    this.#parts = parts;
    this.#stream = hashText(parts.world.spec.seed, 'api');
  }

  #host(name: string): HostState {
    const host = this.#parts.world.hosts.get(name);
    if (host === undefined) throw new RangeError(`no host ${name}`);
    return host;
  }

  hostDown(name: string): void {
    const host = this.#host(name);
    host.machineUp = false;
    this.computeDown(name);
    this.agentDown(name);
    this.#parts.hostChanged(name);
  }

  hostUp(name: string): void {
    const host = this.#host(name);
    host.machineUp = true;
    this.agentUp(name);
    this.computeUp(name);
    this.#parts.hostChanged(name);
  }

  computeDown(name: string): void {
    const host = this.#host(name);
    if (host.computeDiedMs !== 'alive') return;
    host.computeDiedMs = this.#parts.world.clock.nowMs();
    this.#parts.moves.hostLost(name);
  }

  computeUp(name: string): void {
    const host = this.#host(name);
    if (host.computeDiedMs === 'alive') return;
    host.computeDiedMs = 'alive';
    this.#parts.moves.hostBack(name);
    this.#parts.evacuations.hostBack(name);
  }

  agentDown(name: string): void {
    const host = this.#host(name);
    if (host.agentDiedMs === 'alive') host.agentDiedMs = this.#parts.world.clock.nowMs();
  }

  agentUp(name: string): void {
    const host = this.#host(name);
    if (host.agentDiedMs === 'alive') return;
    host.agentDiedMs = 'alive';
    this.#parts.agents.drain(name);
    this.#parts.resync(name);
  }

  telemetryDown(resource: string): void {
    this.#silent.add(resource);
  }

  telemetryUp(resource: string): void {
    this.#silent.delete(resource);
  }

  /** True while the resource's collectd says nothing. */
  isSilent(resource: string): boolean {
    return this.#silent.has(resource);
  }

  liveMigration(host: string, fault: Parameters<Faults['liveMigration']>[1]): void {
    if (host !== '*') this.#host(host);
    const { migrationFaults } = this.#parts.world;
    if (fault === null) migrationFaults.delete(host);
    else migrationFaults.set(host, fault);
  }

  api(fault: ApiFault): () => void {
    const active: ActiveFault = {
      fault,
      path: fault.path === undefined ? undefined : new RegExp(fault.path),
      untilMs:
        fault.forMs === undefined
          ? Number.POSITIVE_INFINITY
          : this.#parts.world.clock.nowMs() + fault.forMs,
      left: fault.count ?? Number.POSITIVE_INFINITY,
    };
    this.#api.add(active);
    return () => {
      this.#api.delete(active);
    };
  }

  latency(latency: Parameters<Faults['latency']>[0]): void {
    this.#parts.world.latency = latency;
  }

  expireTokens(): void {
    this.#parts.tokens.revokeAll();
  }

  reset(): void {
    this.#api.clear();
    this.#silent.clear();
    this.#parts.world.migrationFaults.clear();
    this.latency({ fixedMs: 0, jitterMs: 0 });
    for (const host of this.#parts.world.hosts.values())
      if (!host.machineUp) this.hostUp(host.name);
      else {
        this.computeUp(host.name);
        this.agentUp(host.name);
      }
  }

  /** How long the next call takes. */
  nextLatencyMs(): number {
    const { fixedMs, jitterMs } = this.#parts.world.latency;
    if (jitterMs <= 0) return fixedMs;
    this.#draws += 1;
    return fixedMs + jitterMs * uniform(this.#stream, this.#draws);
  }

  /** What happens to this request instead of (or after) its work; uses up a counted fault. */
  effectOn(service: ServiceName, method: string, path: string): ApiFault['effect'] | 'none' {
    const nowMs = this.#parts.world.clock.nowMs();
    for (const active of this.#api) {
      const { fault } = active;
      if (active.untilMs <= nowMs || active.left <= 0) {
        this.#api.delete(active);
        continue;
      }
      if (fault.service !== undefined && fault.service !== service) continue;
      if (fault.method !== undefined && fault.method !== method) continue;
      if (active.path !== undefined && !active.path.test(path)) continue;
      this.#draws += 1;
      if (fault.share !== undefined && uniform(this.#stream, this.#draws) >= fault.share) continue;
      active.left -= 1;
      return fault.effect;
    }
    return 'none';
  }
}
