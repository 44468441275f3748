import { ProblemError } from '@sidestep/service-kit';
import { type LinePoint, type LinePrecision, parseInfluxLines } from '../domain/influx-lines.ts';
import type { ReportedResource } from '../domain/resources.ts';
import type { Sample } from '../domain/series.ts';
import type { SampleIntake } from './take-samples.ts';
import type { TelegrafRates } from './telegraf-rates.ts';

const MAX_LABELS = 16;
const MAX_SAMPLES = 200_000;
const MAX_AHEAD_MS = 60_000;
// Whole seconds that are taken for nanoseconds lie in 1970.
const EARLIEST_MS = Date.UTC(2000, 0, 1);

/** Telegraf's fields that say the same as a canonical metric: value × scale + offset. */
const telegraf: Readonly<
  Record<string, { metric: string; scale: number; offset: number; tag?: [string, string] }>
> = {
  'cpu.usage_idle': { metric: 'cpuPercent', scale: -1, offset: 100, tag: ['cpu', 'cpu-total'] },
  'mem.used_percent': { metric: 'memPercent', scale: 1, offset: 0 },
  'system.load1': { metric: 'loadShort', scale: 1, offset: 0 },
  'disk.used_percent': { metric: 'diskUsedPercent', scale: 1, offset: 0, tag: ['path', '/'] },
};

/** Takes line protocol: every number as a series of its own, and what Telegraf says of a host as its canonical metric. */
export async function takeLines(
  text: string,
  precision: LinePrecision,
  intake: Pick<SampleIntake, 'write'>,
  resourceOf: (name: string) => ReportedResource,
  nowMs: number,
  rates: TelegrafRates,
): Promise<void> {
  const samples = samplesOfLines(text, precision, resourceOf, nowMs);
  if (samples.length === 0) return;
  const made = rates.of(samples, (resource) => resourceOf(resource).kind);
  await intake.write([...samples, ...made.samples]);
  made.keep();
}

/** The samples of a text of line protocol; whatever is wrong with it is a problem. */
export function samplesOfLines(
  text: string,
  precision: LinePrecision,
  resourceOf: (name: string) => ReportedResource,
  nowMs: number,
): Sample[] {
  const parsed = parseInfluxLines(text, precision);
  if (!parsed.ok) {
    const detail = `line ${parsed.line} ${parsed.detail}`;
    throw new ProblemError('INVALID_REQUEST', detail, { errors: [{ pointer: '/', detail }] });
  }
  const samples = parsed.points.flatMap((point) => samplesOf(point, resourceOf, nowMs));
  for (const { timeMs } of samples) {
    if (timeMs > nowMs + MAX_AHEAD_MS || timeMs < EARLIEST_MS) {
      throw new ProblemError(
        'INVALID_REQUEST',
        `A time of ${new Date(timeMs).toISOString()} is not taken: is ${precision} the precision of the sender?`,
      );
    }
  }
  if (samples.length > MAX_SAMPLES) {
    throw new ProblemError('PAYLOAD_TOO_LARGE', `At most ${MAX_SAMPLES} values a request`);
  }
  return samples;
}

function samplesOf(
  { measurement, tags, fields, timeMs }: LinePoint,
  resourceOf: (name: string) => ReportedResource,
  nowMs: number,
): Sample[] {
  const { id, kind } = resourceOf(tags.host ?? 'unknown');
  const at = timeMs ?? nowMs;
  const labels = Object.fromEntries(
    Object.entries(tags)
      .filter(([name]) => name !== 'host')
      .slice(0, MAX_LABELS)
      .map(([name, value]) => [labelOf(name), value.slice(0, 200).toWellFormed()]),
  );
  return Object.entries(fields).flatMap(([field, value]): Sample[] => {
    const metric = `influx.${nameOf(measurement)}.${nameOf(field)}`;
    const raw = { resource: id, metric, labels, timeMs: at, value };
    const same = telegraf[`${measurement}.${field}`];
    if (same === undefined || (same.tag !== undefined && tags[same.tag[0]] !== same.tag[1])) {
      return [raw];
    }
    const canonical = value * same.scale + same.offset;
    return [raw, { ...raw, metric: `${kind}.${same.metric}`, labels: {}, value: canonical }];
  });
}

/**
 * A label's name without what JSON has to escape: labels are kept as JSON, and V8's JSON.parse may take one escaped name for
 * another (nodejs/node#63785).
 */
const labelOf = (text: string): string =>
  text
    .slice(0, 128)
    .toWellFormed()
    .replaceAll(/["\\]|\p{Cc}/gu, '_');

const nameOf = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 58) || '_';
