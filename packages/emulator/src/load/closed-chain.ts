/**
 * A chain under a closed loop of clients: a queueing network of processor-sharing stations, solved
 * by approximate mean value analysis (Schweitzer 1979, Bard 1979; stations with several cores by
 * Seidmann et al. 1987). Throughput never exceeds the slowest hop, and falls as answers slow down.
 */

/** One member of one hop. */
export interface Station {
  /** Share of the chain's requests that pass here, 0–1. */
  readonly visitShare: number;
  /** CPU time of a request here, contention included. */
  readonly serviceMs: number;
  readonly cores: number;
}

/** The clients: how many, how long each thinks, what a lost answer costs, how many are lost. */
export interface ClosedLoop {
  readonly clients: number;
  readonly thinkMs: number;
  readonly timeoutMs: number;
  readonly lostShare: number;
}

/** What clients see. */
export interface ClosedLoopResult {
  /** Asked per second, lost ones included. */
  readonly offeredPerSecond: number;
  readonly servedPerSecond: number;
  /** Mean response time of the served. */
  readonly responseMs: number;
}

const ROUNDS = 24;

/** Solves a chain for its steady state. */
export function solveClosedChain(stations: readonly Station[], loop: ClosedLoop): ClosedLoopResult {
  const { clients } = loop;
  if (clients <= 0) return { offeredPerSecond: 0, servedPerSecond: 0, responseMs: 0 };
  const queued = new Float64Array(stations.length).fill(clients / (stations.length + 1));
  const queueMs = new Float64Array(stations.length);
  const others = (clients - 1) / clients;
  let perMs = 0;
  let responseMs = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    responseMs = 0;
    let at = 0;
    for (const { serviceMs, cores, visitShare } of stations) {
      const waitMs = (serviceMs / cores) * (1 + (queued[at] ?? 0) * others);
      const inherentMs = serviceMs * (1 - 1 / cores);
      responseMs += visitShare * (waitMs + inherentMs);
      queueMs[at] = waitMs;
      at += 1;
    }
    const cycleMs =
      loop.thinkMs + (1 - loop.lostShare) * responseMs + loop.lostShare * loop.timeoutMs;
    const before = perMs;
    perMs = clients / Math.max(cycleMs, 1e-6);
    const servedPerMs = perMs * (1 - loop.lostShare);
    at = 0;
    for (const { visitShare } of stations) {
      queued[at] = servedPerMs * visitShare * (queueMs[at] ?? 0);
      at += 1;
    }
    if (Math.abs(perMs - before) <= 1e-4 * perMs) break;
  }
  return {
    offeredPerSecond: perMs * 1000,
    servedPerSecond: perMs * 1000 * (1 - loop.lostShare),
    responseMs,
  };
}
