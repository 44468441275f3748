import { type Compact, rowOf } from './compact.ts';
import type { ReplacementScore } from './problem.ts';

/** Why a server does not fit on a host. */
export type Misfit = 'no-room' | 'kept-apart' | 'host-closed' | 'elsewhere' | 'risk-too-high';

const nowhere = -1;

/** Who is where, with everything that has to be known to change it cheaply: room, load and conflicts by host. */
export class Placement {
  /** By server; -1 while it is taken out. */
  readonly hostOf: Int32Array;
  readonly #compact: Compact;
  readonly #freeVcpus: Float64Array;
  readonly #freeRamMiB: Float64Array;
  readonly #freeDiskGiB: Float64Array;
  /** By host: cores more than before any move. */
  readonly #addedCores: Float64Array;
  /** By host: servers that were not there before. */
  readonly #arrived: Int32Array;
  #moved = 0;

  /** Everything at home. */
  constructor(compact: Compact) {
    this.#compact = compact;
    this.hostOf = compact.home.slice();
    this.#freeVcpus = Float64Array.from(compact.hosts, ({ free }) => free.vcpus);
    this.#freeRamMiB = Float64Array.from(compact.hosts, ({ free }) => free.ramMiB);
    this.#freeDiskGiB = Float64Array.from(compact.hosts, ({ free }) => free.diskGiB);
    this.#addedCores = new Float64Array(compact.hosts.length);
    this.#arrived = new Int32Array(compact.hosts.length);
  }

  /** Servers that are placed elsewhere than at home. */
  get moved(): number {
    return this.#moved;
  }

  where(server: number): number {
    return this.hostOf[server] ?? nowhere;
  }

  take(server: number): void {
    const host = this.where(server);
    this.#claim(server, host, -1);
    this.hostOf[server] = nowhere;
  }

  put(server: number, host: number): void {
    this.#claim(server, host, 1);
    this.hostOf[server] = host;
  }

  #claim(server: number, host: number, sign: 1 | -1): void {
    const { arriveCores, home, leaveCores, servers } = this.#compact;
    const { vcpus = 0, ramMiB = 0, diskGiB = 0 } = servers[server] ?? {};
    add(this.#freeVcpus, host, -sign * vcpus);
    add(this.#freeRamMiB, host, -sign * ramMiB);
    add(this.#freeDiskGiB, host, -sign * diskGiB);
    if (host === home[server]) {
      add(this.#addedCores, host, sign * (leaveCores[server] ?? 0));
    } else {
      add(this.#addedCores, host, sign * (arriveCores[server] ?? 0));
      this.#arrived[host] = (this.#arrived[host] ?? 0) + sign;
      this.#moved += sign;
    }
  }

  /** What stands against putting the server there now; undefined where nothing does. It must be taken out. */
  misfit(server: number, host: number): Misfit | undefined {
    const { home, hosts, options, servers } = this.#compact;
    const { vcpus = 0, ramMiB = 0, diskGiB = 0 } = servers[server] ?? {};
    const isHome = host === home[server];
    if (!isHome && hosts[host]?.closed !== null) return 'host-closed';
    if (!isHome && this.#compact.avoids(server, host)) return 'elsewhere';
    if (
      (this.#freeVcpus[host] ?? 0) < vcpus ||
      (this.#freeRamMiB[host] ?? 0) < ramMiB ||
      (this.#freeDiskGiB[host] ?? 0) < diskGiB
    ) {
      // What was more than full before may stay as it was.
      if (!isHome || (this.#arrived[host] ?? 0) > 0) return 'no-room';
    }
    if (this.#conflicts(server, host, isHome)) return 'kept-apart';
    if (!isHome || (this.#arrived[host] ?? 0) > 0) {
      const cores = (this.#addedCores[host] ?? 0) + this.#brings(server, isHome);
      if (!(this.#riskWith(host, cores) <= options.maxRisk)) return 'risk-too-high';
    }
    return undefined;
  }

  /** Two that shared a host before any move may go on doing so. */
  #conflicts(server: number, host: number, isHome: boolean): boolean {
    const { groups, groupsOf, home } = this.#compact;
    for (const group of rowOf(groupsOf, server)) {
      for (const other of rowOf(groups, group)) {
        if (other === server || this.hostOf[other] !== host) continue;
        if (!isHome || home[other] !== host) return true;
      }
    }
    return false;
  }

  #brings(server: number, isHome: boolean): number {
    const { arriveCores, leaveCores } = this.#compact;
    return (isHome ? leaveCores[server] : arriveCores[server]) ?? 0;
  }

  /** What the objective rises by when the server, taken out, is put there. */
  costOf(server: number, host: number): number {
    const { home, options } = this.#compact;
    const { weights } = options;
    const isHome = host === home[server];
    const before = this.#addedCores[host] ?? 0;
    const risk =
      this.#riskWith(host, before + this.#brings(server, isHome)) - this.#riskWith(host, before);
    return (
      weights.delayMs * this.delayOf(server, host) +
      (Number.isNaN(risk) ? 0 : weights.risk * risk) +
      (isHome ? 0 : weights.move)
    );
  }

  /** Delay of the server's legs to those of its neighbours that are placed, were it on this host. */
  delayOf(server: number, host: number): number {
    const { delayMs, legs, legWeights } = this.#compact;
    const to = legs.starts[server + 1] ?? 0;
    let sum = 0;
    for (let at = legs.starts[server] ?? 0; at < to; at++) {
      const other = this.hostOf[legs.items[at] ?? 0] ?? nowhere;
      if (other !== nowhere && other !== host) sum += (legWeights[at] ?? 0) * delayMs(host, other);
    }
    return sum;
  }

  /** The host's risk as things are placed now; NaN where it is unknown. */
  riskOf(host: number): number {
    return this.#riskWith(host, this.#addedCores[host] ?? 0);
  }

  #riskWith(host: number, addedCores: number): number {
    const { grid, hosts, risks } = this.#compact;
    const steps = grid.length;
    const first = host * steps;
    const cores = hosts[host]?.cores ?? 0;
    // Without cores any load is too much.
    const added = cores > 0 ? (100 * addedCores) / cores : addedCores * Number.POSITIVE_INFINITY;
    if (!(added > (grid[0] ?? 0))) return risks[first] ?? NaN;
    for (let step = 1; step < steps; step++) {
      const upper = grid[step] ?? 0;
      if (added > upper) continue;
      const lower = grid[step - 1] ?? 0;
      const low = risks[first + step - 1] ?? NaN;
      return low + (((risks[first + step] ?? NaN) - low) * (added - lower)) / (upper - lower);
    }
    return risks[first + steps - 1] ?? NaN;
  }

  /** The objective, reckoned from nothing; every server must be placed. */
  score(): ReplacementScore {
    const { hosts, options, servers } = this.#compact;
    const { weights } = options;
    let legs = 0;
    for (let server = 0; server < servers.length; server++) {
      legs += this.delayOf(server, this.where(server));
    }
    // Each leg was met at both of its ends.
    const totalDelayMs = legs / 2;
    let totalRisk = 0;
    for (let host = 0; host < hosts.length; host++) {
      const risk = this.riskOf(host);
      if (!Number.isNaN(risk)) totalRisk += risk;
    }
    const moves = this.#moved;
    const objective =
      weights.delayMs * totalDelayMs + weights.risk * totalRisk + weights.move * moves;
    return { objective, totalDelayMs, totalRisk, moves };
  }
}

function add(array: Float64Array, at: number, amount: number): void {
  array[at] = (array[at] ?? 0) + amount;
}
