import { areLabels, SampleBatch, type SeriesKey, seriesText } from '../../domain/series.ts';

/** A batch as bytes: a JSON table of its series, then per sample the series' number, the time and the value. */
export function packBatch(batch: SampleBatch): Buffer {
  const numbers = new Map<string, number>();
  const series: SeriesKey[] = [];
  const body = Buffer.alloc(batch.length * 20);
  for (const [at, key] of batch.series.entries()) {
    const text = seriesText(key);
    let number = numbers.get(text);
    if (number === undefined) {
      const { resource, metric, labels } = key;
      number = series.push({ resource, metric, labels }) - 1;
      numbers.set(text, number);
    }
    body.writeUInt32LE(number, at * 20);
    body.writeDoubleLE(batch.timeMs(at), at * 20 + 4);
    body.writeDoubleLE(batch.value(at), at * 20 + 12);
  }
  const head = Buffer.from(JSON.stringify(series));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  return Buffer.concat([length, head, body]);
}

/** Bytes that are no batch: a disk gave back something else than was written. */
export class MalformedBatch extends Error {
  override readonly name = 'MalformedBatch';
}

const isSeries = (value: unknown): value is SeriesKey => {
  if (typeof value !== 'object' || value === null) return false;
  const { resource, metric, labels } = value as Partial<Record<keyof SeriesKey, unknown>>;
  return typeof resource === 'string' && typeof metric === 'string' && areLabels(labels);
};

function seriesIn(json: string): readonly SeriesKey[] {
  let series: unknown;
  try {
    series = JSON.parse(json);
  } catch (cause) {
    throw new MalformedBatch('its table of series is no JSON', { cause });
  }
  if (Array.isArray(series) && series.every(isSeries)) return series;
  throw new MalformedBatch('its table holds something else than series');
}

/** The batch again; throws MalformedBatch on bytes that are none. */
export function unpackBatch(bytes: Buffer): SampleBatch {
  const headLength = bytes.length < 4 ? 0 : bytes.readUInt32LE(0);
  const series = seriesIn(bytes.toString('utf8', 4, 4 + headLength));
  const body = bytes.subarray(4 + headLength);
  if (body.length % 20 !== 0) throw new MalformedBatch('it is cut off');
  const batch = new SampleBatch(Math.max(1, body.length / 20));
  for (let at = 0; at < body.length; at += 20) {
    const key = series[body.readUInt32LE(at)];
    const timeMs = body.readDoubleLE(at + 4);
    const value = body.readDoubleLE(at + 12);
    if (key === undefined) throw new MalformedBatch('it names a series that it does not have');
    if (!Number.isFinite(timeMs) || Number.isNaN(value)) {
      throw new MalformedBatch('a sample has no time or no value');
    }
    batch.push(key, timeMs, value);
  }
  return batch;
}
