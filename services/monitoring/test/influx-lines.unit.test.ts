import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseInfluxLines } from '../src/domain/influx-lines.ts';

const points = (text: string, precision: 'ns' | 's' = 'ns') => {
  const parsed = parseInfluxLines(text, precision);
  return parsed.ok ? JSON.parse(JSON.stringify(parsed.points)) : parsed;
};

test('measurement, tags, numeric fields and time are read, escapes undone', () => {
  const text =
    'my\\ cpu,host=a\\,b,who=x\\=y idle=42.5,n=3i,u=4u,up=true,s="a, b=c \\" d" 1763640000000000000';

  expect(points(text)).toEqual([
    {
      measurement: 'my cpu',
      tags: { host: 'a,b', who: 'x=y' },
      fields: { idle: 42.5, n: 3, u: 4, up: 1 },
      timeMs: 1_763_640_000_000,
    },
  ]);
});

test('a time is in the precision that was said, or the receiver’s', () => {
  expect(points('m f=1 1763640000', 's')).toMatchObject([{ timeMs: 1_763_640_000_000 }]);
  expect(points('m f=1')).toEqual([{ measurement: 'm', tags: {}, fields: { f: 1 } }]);
});

test('comments and empty lines are passed over', () => {
  expect(points('# hello\n\nm f=1\r\n')).toHaveLength(1);
});

test.each([
  ['m', 'has no field'],
  [',a=b f=1', 'has no measurement'],
  ['m,a f=1', 'has a tag without key or value'],
  ['m f=', 'has a field that is no value'],
  ['m f=1e999', 'has a field that is no value'],
  ['m f=1 soon', 'has a time that is no whole number'],
  ['m f=1 1 1', 'has too many parts'],
])('%s %s', (line, detail) => {
  expect(parseInfluxLines(`ok f=1\n${line}`, 'ns')).toEqual({ ok: false, line: 2, detail });
});

test('whatever the text, it is read or refused, and never throws', () => {
  const piece = fc.constantFrom(
    'm',
    ',',
    '=',
    ' ',
    '"',
    '\\',
    '\n',
    '1',
    'i',
    '__proto__',
    'é',
    '-',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      expect(typeof parseInfluxLines(pieces.join(''), 'ns').ok).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});
