import {
  createLoadModel,
  demoCloud,
  type HostSpec,
  type LoadSnapshot,
  type LoadView,
  type StressEpisode,
} from '@sidestep/emulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { startMs, testSpec } from './cloud.ts';
import { runPolicy } from './policy-experiment.ts';

const [anyHost] = testSpec().hosts;
if (anyHost === undefined) throw new Error('the test cloud has no host');
const host = (name: string): HostSpec => ({ ...anyHost, name, noisePercent: 0 });
const server = testSpec().defaultServerLoad;

/** One chain of two hops, `a` on h1 and `b` on h2, under the given stress and condition. */
function loadOf(
  options: {
    stress?: StressEpisode[];
    view?: Partial<LoadView>;
    seed?: number;
    clients?: number;
  },
  atMs = startMs,
): LoadSnapshot {
  const model = createLoadModel({
    seed: options.seed ?? 1,
    hosts: [host('h1'), host('h2')],
    stress: options.stress ?? [],
  });
  for (const id of ['a', 'b']) model.setServer({ id, vcpus: 1, ramMiB: 1024, load: server });
  model.setChains([
    {
      id: 'chain',
      traffic: { clients: options.clients ?? 8, thinkMs: 60, timeoutMs: 3000 },
      hops: [[{ serverId: 'a', share: 1 }], [{ serverId: 'b', share: 1 }]],
    },
  ]);
  return model.at(atMs, 1000, {
    hostOf: (id) => (id === 'a' ? 'h1' : 'h2'),
    isUp: () => true,
    migrationCores: () => 0,
    path: () => ({ lostShare: 0, downShare: 0, bypassFrom: 2 }),
    ...options.view,
  });
}
const rate = (load: LoadSnapshot): number => load.chains[0]?.requestsPerSecond ?? Number.NaN;
const response = (load: LoadSnapshot): number => {
  const found = load.chains[0]?.responseTimeMs;
  return found === undefined || found === 'unknown' ? Number.NaN : found;
};
const pulse = (cores: number): StressEpisode[] => [
  { host: 'h1', cores, startMs: startMs - 60_000, durationMs: 120_000 },
];
const path = (lostShare: number, downShare: number, bypassFrom: number): Partial<LoadView> => ({
  path: () => ({ lostShare, downShare, bypassFrom }),
});

describe('the load of a cloud', () => {
  test('equal seeds give equal loads at any instant, asked in any order', () => {
    const instants = [0, 10_000, 5000, 123_456].map((ms) => startMs + ms);

    const forth = instants.map((ms) => loadOf({ stress: pulse(8) }, ms));
    const back = instants.toReversed().map((ms) => loadOf({ stress: pulse(8) }, ms));

    expect(back.toReversed()).toEqual(forth);
    expect(loadOf({ seed: 2 })).not.toEqual(loadOf({ seed: 1 }));
  });

  test('a host never uses more than it has, and demand beyond slows everybody on it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 60, noNaN: true }), (cores) => {
        const [hot, other] = loadOf({ stress: pulse(cores) }).hosts;

        expect(hot?.cpuPercent).toBeLessThanOrEqual(100);
        expect(hot?.slowdown).toBeGreaterThanOrEqual(other?.slowdown ?? Number.NaN);
        if ((hot?.demandCores ?? 0) > 12)
          expect(hot?.slowdown).toBeGreaterThan((hot?.demandCores ?? 0) / 12);
      }),
    );
  });

  test('the more stress on a hop, the fewer requests per second and the slower the answers', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 40, noNaN: true }),
        fc.double({ min: 1, max: 20, noNaN: true }),
        (cores, more) => {
          const before = loadOf({ stress: pulse(cores) });
          const after = loadOf({ stress: pulse(cores + more) });

          expect(rate(after)).toBeLessThanOrEqual(rate(before) * 1.001);
          expect(response(after)).toBeGreaterThanOrEqual(response(before) * 0.999);
        },
      ),
    );
  });

  test("clients are conserved: those who think and those who wait are all there are (Little's law)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.double({ min: 0, max: 30, noNaN: true }),
        (clients, cores) => {
          const load = loadOf({ clients, stress: pulse(cores) });

          const inside = (rate(load) * (60 + response(load))) / 1000;
          expect(inside).toBeGreaterThan(clients * 0.98);
          expect(inside).toBeLessThan(clients * 1.02);
        },
      ),
    );
  });

  test('throughput never exceeds the slowest hop', () => {
    const load = loadOf({ clients: 500 });

    expect(rate(load)).toBeLessThanOrEqual(1000 / server.cpuMsPerRequest);
    expect(rate(load)).toBeGreaterThan(0.85 * (1000 / server.cpuMsPerRequest));
  });

  test('while nothing passes, requests are lost and the response time is unknown, not 0', () => {
    const [chain] = loadOf({ view: path(0, 1, 2) }).chains;

    expect(chain).toMatchObject({ requestsPerSecond: 0, responseTimeMs: 'unknown' });
    expect(chain?.lostPerSecond).toBeGreaterThan(0);
  });

  test('a dead member loses its share and its clients wait for their timeout', () => {
    const whole = loadOf({});
    const half = loadOf({ view: path(0.5, 0, 2) });

    expect(rate(half)).toBeLessThan(rate(whole) / 2);
    expect(half.chains[0]?.lostPerSecond).toBeCloseTo(rate(half), 6);
  });

  test('bypassed requests are served without the hop and counted apart', () => {
    const whole = loadOf({});
    const bypass = loadOf({ view: path(0, 0, 1) });

    expect(whole.chains[0]?.bypassedPerSecond).toBe(0);
    expect(bypass.chains[0]?.bypassedPerSecond).toBe(rate(bypass));
    expect(response(bypass)).toBeLessThan(response(whole));
  });

  test('a server on a contended host sees itself busier for fewer requests', () => {
    const calm = loadOf({}).servers[0]?.cpuPercent ?? Number.NaN;
    const hot = loadOf({ stress: pulse(17) }).servers[0]?.cpuPercent ?? Number.NaN;

    expect(hot).toBeGreaterThan(calm);
  });

  test("the main paper's ranking: foresight serves most, the idlest host is worse than a random one", () => {
    const spec = demoCloud(1, { liveStartMs: startMs });
    const span = { fromMs: startMs, forMs: 3_600_000, seed: 1 };
    const gain = (choice: Parameters<typeof runPolicy>[1]): { rate: number; response: number } => {
      const result = runPolicy(spec, choice, span);
      return {
        rate: result.requestsPerSecond / base.requestsPerSecond - 1,
        response: result.responseTimeMs / base.responseTimeMs - 1,
      };
    };
    const base = runPolicy(spec, 'no-migration', span);

    const [random, leastCpu, foresight] = [gain('random'), gain('least-cpu'), gain('foresight')];

    expect(foresight.rate).toBeGreaterThan(0.05);
    expect(foresight.response).toBeLessThan(-0.1);
    expect(foresight.rate).toBeGreaterThan(random.rate);
    expect(random.rate).toBeGreaterThan(leastCpu.rate);
  });
});
