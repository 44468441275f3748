import { SampleBatch, type SeriesKey, seriesText } from '../../domain/series.ts';

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

/** The batch again; throws on bytes that are none. */
export function unpackBatch(bytes: Buffer): SampleBatch {
  const headLength = bytes.readUInt32LE(0);
  const series = JSON.parse(bytes.toString('utf8', 4, 4 + headLength)) as SeriesKey[];
  const body = bytes.subarray(4 + headLength);
  if (body.length % 20 !== 0) throw new Error('the batch is cut off');
  const batch = new SampleBatch(Math.max(1, body.length / 20));
  for (let at = 0; at < body.length; at += 20) {
    const key = series[body.readUInt32LE(at)];
    if (key === undefined) throw new Error('the batch names a series that it does not have');
    batch.push(key, body.readDoubleLE(at + 4), body.readDoubleLE(at + 12));
  }
  return batch;
}
