import { gaussian, hashText, uniform } from '../seed.ts';
import type { StressEpisode } from '../spec.ts';

const DEFAULT_RAMP_MS = 2000;

/** What the episodes do to one host at one instant, in cores. */
export interface StressLevel {
  readonly cores: number;
  /** By how much the host's own load is lower than usual. */
  readonly lullCores: number;
}

/** Episodes with their random streams, asked by instant. */
export type CompiledEpisode = StressEpisode & { readonly stream: number };

/** Gives each episode the random stream of its jitter, skips and strength. */
export function compileEpisode(
  seed: number,
  episode: StressEpisode,
  index: number,
): CompiledEpisode {
  return { ...episode, stream: hashText(seed, `stress/${index}/${episode.host}`) };
}

/** When the k-th occurrence starts (0 is the one of startMs), or `skipped`. */
export function occurrenceStartMs(episode: CompiledEpisode, k: number): number | 'skipped' {
  if (k !== 0 && uniform(episode.stream ^ 0x2545f491, k) < (episode.skipRatio ?? 0))
    return 'skipped';
  const jitterMs = (episode.jitterMs ?? 0) * gaussian(episode.stream, k);
  return episode.startMs + k * (episode.periodMs ?? 0) + jitterMs;
}

function addOccurrence(episode: CompiledEpisode, k: number, atMs: number): StressLevel {
  const startMs = occurrenceStartMs(episode, k);
  if (startMs === 'skipped') return { cores: 0, lullCores: 0 };
  const sinceMs = atMs - startMs;
  const rampMs = Math.max(1, episode.rampMs ?? DEFAULT_RAMP_MS);
  const leadMs = episode.lull?.leadMs ?? 0;
  if (sinceMs < 0) {
    const lullCores =
      sinceMs >= -leadMs
        ? (episode.lull?.cores ?? 0) * Math.min(1, (sinceMs + leadMs) / rampMs)
        : 0;
    return { cores: 0, lullCores };
  }
  const fallingMs = sinceMs - episode.durationMs;
  if (fallingMs >= rampMs) return { cores: 0, lullCores: 0 };
  const strength = 0.95 + 0.1 * uniform(episode.stream ^ 0x68e31da4, k);
  const shape = Math.min(1, sinceMs / rampMs) * (fallingMs > 0 ? 1 - fallingMs / rampMs : 1);
  return { cores: episode.cores * strength * shape, lullCores: 0 };
}

/** The sum of some episodes at an instant. */
export function stressAt(episodes: readonly CompiledEpisode[], atMs: number): StressLevel {
  let cores = 0;
  let lullCores = 0;
  for (const episode of episodes) {
    const period = episode.periodMs;
    const around = period === undefined ? 0 : Math.floor((atMs - episode.startMs) / period);
    // Jitter, lull and length may carry an occurrence over either edge of its period.
    for (let k = around - 1; k <= around + 1; k += 1) {
      if (period === undefined && k !== 0) continue;
      const level = addOccurrence(episode, k, atMs);
      cores += level.cores;
      lullCores += level.lullCores;
    }
  }
  return { cores, lullCores };
}
