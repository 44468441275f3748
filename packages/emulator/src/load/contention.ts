/**
 * How a host's CPU slows its servers. Demand beyond the cores is shared in proportion; and below
 * saturation a runnable thread may wait for a core, as in an M/M/m queue (Sakasegawa, "An
 * approximation formula Lq ≃ αρ^β/(1−ρ)", 1977).
 */

/** Beyond this the open-queue formula has no meaning: the proportional share takes over. */
const MAX_QUEUE_LOAD = 0.9;

/** Share of the CPU demanded on a host that is got, 0–1. */
export function grantedShare(demandCores: number, cores: number): number {
  return demandCores <= cores ? 1 : cores / demandCores;
}

/** Factor by which CPU work takes longer than on an idle host, at least 1. */
export function slowdown(demandCores: number, cores: number): number {
  const load = Math.min(MAX_QUEUE_LOAD, demandCores / cores);
  const waiting = load ** (Math.sqrt(2 * (cores + 1)) - 1) / (cores * (1 - load));
  return (1 + waiting) / grantedShare(demandCores, cores);
}
