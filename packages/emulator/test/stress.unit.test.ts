import { createLoadModel, type HostLoad, type StressEpisode } from '@sidestep/emulator';
import { describe, expect, test } from 'vitest';
import { startMs, testSpec } from './cloud.ts';

const hosts = testSpec()
  .hosts.slice(0, 1)
  .map((host) => ({ ...host, noisePercent: 0 }));

function demandAt(episode: Omit<StressEpisode, 'host'>, sinceMs: number): number {
  const model = createLoadModel({ seed: 3, hosts, stress: [{ host: 'compute1', ...episode }] });
  const [load]: readonly HostLoad[] = model.at(startMs + sinceMs, 1000, {
    hostOf: () => 'nowhere',
    isUp: () => true,
    migrationCores: () => 0,
    path: () => ({ lostShare: 0, downShare: 0, bypassFrom: 0 }),
  }).hosts;
  return load?.demandCores ?? Number.NaN;
}

const pulse = { cores: 10, startMs, durationMs: 60_000, rampMs: 4000 };

describe('an episode of stress', () => {
  test('rises, holds, falls, and is over', () => {
    expect(demandAt(pulse, -1)).toBeLessThan(3);
    expect(demandAt(pulse, 2000)).toBeGreaterThan(5);
    expect(demandAt(pulse, 30_000)).toBeGreaterThan(11);
    expect(demandAt(pulse, 62_000)).toBeGreaterThan(5);
    expect(demandAt(pulse, 65_000)).toBeLessThan(3);
  });

  test('happens once without a period', () => {
    expect(demandAt(pulse, 600_000 + 30_000)).toBeLessThan(3);
    expect(demandAt(pulse, -600_000 + 30_000)).toBeLessThan(3);
  });

  test('recurs before and after its start with one', () => {
    for (const season of [-3, -1, 1, 7])
      expect(demandAt({ ...pulse, periodMs: 600_000 }, season * 600_000 + 30_000)).toBeGreaterThan(
        11,
      );
  });

  test('is led by a lull of the load that the host has of its own', () => {
    const lulled = { ...pulse, lull: { cores: 1.5, leadMs: 90_000 } };

    expect(demandAt(lulled, -60_000)).toBeCloseTo(demandAt(pulse, -60_000) - 1.5, 6);
    expect(demandAt(lulled, -100_000)).toBe(demandAt(pulse, -100_000));
    expect(demandAt(lulled, 30_000)).toBe(demandAt(pulse, 30_000));
  });

  test('may be skipped in a season, but not in that of its start', () => {
    const skipped = { ...pulse, periodMs: 600_000, skipRatio: 1 };

    expect(demandAt(skipped, 30_000)).toBeGreaterThan(11);
    expect(demandAt(skipped, 600_000 + 30_000)).toBeLessThan(3);
  });
});
