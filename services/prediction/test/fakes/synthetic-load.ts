import { seededRandom } from '@sidestep/fleet';

/** CPU of a fleet as a function of time alone, so that every reader sees the same past and future. */
export type SyntheticLoad = {
  hostIds: readonly string[];
  /** Mean CPU of a host over a tick, 0–100; null = no sample. */
  cpuPercent(hostId: string, tickAtMs: number): number | null;
};

/**
 * Hosts that idle with noise; those listed are busy for `busyTicks` at their own time of every season.
 */
export function recurringLoad(shape: {
  hosts: number;
  tickMs: number;
  seasonTicks: number;
  busyTicks: number;
  /** Tick of the season at which a host's busy time begins, by host's number. */
  beginsAt: Readonly<Record<number, number>>;
}): SyntheticLoad {
  const hostIds = Array.from({ length: shape.hosts }, (_, index) => `compute${index + 1}`);
  return {
    hostIds,
    cpuPercent: (hostId, tickAtMs) => {
      const index = hostIds.indexOf(hostId);
      const tick = Math.floor(tickAtMs / shape.tickMs);
      const noise = seededRandom(tick * 131 + index * 7_919)() * 8;
      const begin = shape.beginsAt[index + 1];
      if (begin === undefined) return 25 + noise;
      const phase = (((tick - begin) % shape.seasonTicks) + shape.seasonTicks) % shape.seasonTicks;
      return (phase < shape.busyTicks ? 91 : 35) + noise;
    },
  };
}
