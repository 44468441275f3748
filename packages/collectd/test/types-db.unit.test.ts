import { expect, test } from 'vitest';
import { builtinTypes, dataSourceName, parseTypesDb } from '../src/index.ts';

test('a types.db gives names, kinds and bounds in order', () => {
  const { types, faults } = parseTypesDb(
    '# comment\n\nif_octets  rx:DERIVE:0:U, tx:DERIVE:0:U\nload a:GAUGE:0:5000,b:gauge:-1:U\n',
  );

  expect(faults).toEqual([]);
  expect(types.get('if_octets')).toEqual([
    { name: 'rx', kind: 'derive', min: 0, max: 'unbounded' },
    { name: 'tx', kind: 'derive', min: 0, max: 'unbounded' },
  ]);
  expect(types.get('load')?.[1]).toEqual({ name: 'b', kind: 'gauge', min: -1, max: 'unbounded' });
});

test('faulty lines are reported by number and the others kept', () => {
  const { types, faults } = parseTypesDb(
    'good value:GAUGE:0:U\nbad value:ROD:0:U\nalone\nworse v:GAUGE:x:U\n',
  );

  expect([...types.keys()]).toEqual(['good']);
  expect(faults.map(({ line }) => line)).toEqual([2, 3, 4]);
});

test('a bound is a finite number, and a fault is told in short whatever the line', () => {
  const { types, faults } = parseTypesDb(`huge v:GAUGE:0:1e999\n${'x'.repeat(100_000)}\n`);

  expect(types.size).toBe(0);
  expect(faults.map(({ line }) => line)).toEqual([1, 2]);
  expect(Math.max(...faults.map(({ detail }) => detail.length))).toBeLessThan(200);
});

test('a data source has the name of its type, else a plain one', () => {
  expect(dataSourceName(builtinTypes, 'if_octets', 1, 2)).toBe('tx');
  expect(dataSourceName(builtinTypes, 'never_heard_of', 0, 1)).toBe('value');
  expect(dataSourceName(builtinTypes, 'never_heard_of', 1, 2)).toBe('1');
  expect(dataSourceName(builtinTypes, 'if_octets', 2, 3)).toBe('2');
});
