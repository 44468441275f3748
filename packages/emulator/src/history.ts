import type { EmulatorSample } from './emulator-types.ts';
import type { LoadSnapshot } from './load/load-model.ts';

const hostMetrics = [
  'cpuPercent',
  'memPercent',
  'netRxBytesPerSecond',
  'netTxBytesPerSecond',
  'diskReadBytesPerSecond',
  'diskWriteBytesPerSecond',
] as const;

/** A step is sampled each second, as collectd would, but at most this often. */
const MAX_SAMPLES_PER_STEP = 10;

/** A snapshot as plain samples of the canonical metrics. */
export function samplesOf(load: LoadSnapshot): EmulatorSample[] {
  const { timeMs: timestampMs } = load;
  const samples: EmulatorSample[] = [];
  const add = (resource: string, metric: string, value: number): void => {
    samples.push({ resource, metric, timestampMs, value });
  };
  for (const host of load.hosts) {
    for (const metric of hostMetrics) add(host.host, `host.${metric}`, host[metric]);
    add(host.host, 'host.loadShort', host.demandCores);
  }
  for (const server of load.servers)
    for (const metric of hostMetrics) add(server.id, `server.${metric}`, server[metric]);
  for (const chain of load.chains) {
    add(chain.id, 'chain.requestsPerSecond', chain.requestsPerSecond);
    if (chain.responseTimeMs !== 'unknown')
      add(chain.id, 'chain.responseTimeMs', chain.responseTimeMs);
  }
  return samples;
}

/** Means over each step from `fromMs` to before `toMs`, stamped with the step's begin. */
export function* historySamples(
  at: (timeMs: number, spanMs: number) => LoadSnapshot,
  fromMs: number,
  toMs: number,
  stepMs: number,
): Iterable<EmulatorSample> {
  if (!(stepMs > 0)) throw new RangeError('stepMs must be above 0');
  const perStep = Math.max(1, Math.min(MAX_SAMPLES_PER_STEP, Math.round(stepMs / 1000)));
  for (let stepFromMs = fromMs; stepFromMs < toMs; stepFromMs += stepMs) {
    const sums = new Map<string, { sample: EmulatorSample; sum: number; count: number }>();
    for (let i = 0; i < perStep; i += 1) {
      const timeMs = Math.round(stepFromMs + (i * stepMs) / perStep);
      for (const sample of samplesOf(at(timeMs, stepMs / perStep))) {
        const key = `${sample.resource}\u0000${sample.metric}`;
        const known = sums.get(key);
        if (known === undefined) sums.set(key, { sample, sum: sample.value, count: 1 });
        else {
          known.sum += sample.value;
          known.count += 1;
        }
      }
    }
    for (const { count, sample, sum } of sums.values())
      yield { ...sample, timestampMs: stepFromMs, value: sum / count };
  }
}
