import { expect, test } from 'vitest';
import { InfluxError, readInfluxAnswer } from '../src/adapters/influx/influx-http.ts';
import { decodeTag, seriesOfTags } from '../src/adapters/influx/line-protocol.ts';
import { MalformedBatch, packBatch, unpackBatch } from '../src/adapters/spool/packed-batch.ts';
import { parseInfluxLines } from '../src/domain/influx-lines.ts';
import { SampleBatch } from '../src/domain/series.ts';
import { MalformedUsers, parseUsers } from '../src/domain/users-file.ts';
import { samplesOfLines } from '../src/usecases/line-intake.ts';

// Each of these was found by the fuzzers (test/fuzz), or while they were written.

test('a tag that others wrote into the database stops no reading of it', () => {
  expect(decodeTag('50%')).toBe('50%');
  expect(decodeTag('a%20b')).toBe('a b');
});

test('labels of any name come back from the database, and so do those that others wrote', () => {
  const labels = Object.fromEntries([['__proto__', 'x']]);
  const tags = (text: string) => ({ labels: text, resource: 'h' });

  expect(seriesOfTags('host', 'x', tags('{"__proto__":"x"}')).labels).toEqual(labels);
  for (const theirs of ['rack5', '[1]', '{"a":1}', '{"a"', 'null']) {
    expect(seriesOfTags('host', 'x', tags(theirs)).labels).toEqual({ labels: theirs });
  }
});

test.each([
  ['no JSON', 200, '<html>'],
  ['an array', 200, '[]'],
  ['series that are none', 200, '{"results":[{"series":[null]}]}'],
  ['results that are none', 200, '{"results":{"a":1}}'],
  [
    'tags that are numbers',
    200,
    '{"results":[{"series":[{"name":"m","tags":{"a":1},"columns":[]}]}]}',
  ],
  [
    'rows of another width',
    200,
    '{"results":[{"series":[{"name":"m","columns":["t"],"values":[[1,2]]}]}]}',
  ],
  [
    'cells that are lists',
    200,
    '{"results":[{"series":[{"name":"m","columns":["t"],"values":[[[]]]}]}]}',
  ],
  ['an error', 200, '{"results":[{"error":"retention policy not found"}]}'],
  ['a refusal', 401, '{}'],
])('InfluxDB answering %s is told as its fault', (_what, status, text) => {
  expect(() => readInfluxAnswer(status, text)).toThrow(InfluxError);
});

test('a refusal of megabytes is told in short', () => {
  const text = JSON.stringify({ error: 'x'.repeat(3_000_000) });

  expect(() => readInfluxAnswer(400, text)).toThrow(/^.{1,600}$/);
});

test.each([
  ['no series', '[null]'],
  ['a series without labels', '[{"resource":"h","metric":"m"}]'],
  ['a series with other labels', '[{"resource":"h","metric":"m","labels":{"a":1}}]'],
  ['no table', '{'],
])('a spooled file that names %s is a gap, not a crash later on', (_what, json) => {
  const packed = packBatch(
    SampleBatch.of([{ resource: 'h', metric: 'm', labels: {}, timeMs: 1, value: 2 }]),
  );
  const body = packed.subarray(4 + packed.readUInt32LE(0));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(json.length);

  expect(() => unpackBatch(Buffer.concat([length, Buffer.from(json), body]))).toThrow(
    MalformedBatch,
  );
  expect(() => unpackBatch(Buffer.alloc(3))).toThrow(MalformedBatch);
});

test('a quote in a tag’s value or in a field’s name is a character like others', () => {
  expect(parseInfluxLines('cpu,host=c1,rack=5" idle=1 5', 'ms')).toMatchObject({
    ok: true,
    points: [{ tags: { host: 'c1', rack: '5"' }, fields: { idle: 1 }, timeMs: 5 }],
  });
  expect(parseInfluxLines('cpu,host=c1 a"b=1,c=2', 'ms')).toMatchObject({
    points: [{ fields: { 'a"b': 1, c: 2 } }],
  });
});

test('a label’s name holds nothing that JSON would escape', () => {
  const resourceOf = (id: string) => ({ kind: 'host', id, vcpus: 'unknown' }) as const;
  const samples = samplesOfLines(
    'm,host=h,a"\\\\b\tc=1 f=1',
    'ms',
    resourceOf,
    Date.UTC(2026, 0, 1),
  );

  expect(samples.map(({ labels }) => labels)).toEqual([{ a__b_c: '1' }]);
});

test.each([
  ['1795207471', 'ns'],
  ['1795207471512', 'us'],
  ['1795207471512', 's'],
] as const)('the time %s as %s is refused, with the question that helps', (time, precision) => {
  const resourceOf = (id: string) => ({ kind: 'host', id, vcpus: 'unknown' }) as const;
  const read = () =>
    samplesOfLines(`m,host=h f=1 ${time}`, precision, resourceOf, Date.UTC(2026, 10, 21));

  expect(read).toThrow(new RegExp(`is ${precision} the precision of the sender`));
});

test('a time beyond what a date can be is refused', () => {
  expect(parseInfluxLines('m f=1 99999999999999999999', 's')).toEqual({
    ok: false,
    line: 1,
    detail: 'has a time out of all reach',
  });
});

test('a users file of blanks is refused with its line, in a time that grows with its length only', () => {
  // A regular expression's square of this length would exceed the time limit of a test.
  const text = `a: b\nx${' '.repeat(400_000)}y`;

  expect(() => parseUsers(text)).toThrow(MalformedUsers);
  expect(() => parseUsers(text)).toThrow('line 2');
});
