import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Link, topologyOf } from '../src/index.ts';

const link = (from: string, to: string, delayMs: Link['delayMs']): Link => ({
  id: `${from}-${to}`,
  ends: [from, to],
  delayMs,
  bandwidthMbps: 'unknown',
});

test('the delay between two hosts is that of the quickest way, through switches too, in both directions', () => {
  const topology = topologyOf([
    link('h1', 'leaf', 0.1),
    link('leaf', 'h2', 0.2),
    link('h1', 'h2', 5),
  ]);

  expect(topology.delayMs('h1', 'h2')).toBeCloseTo(0.3);
  expect(topology.delayMs('h2', 'h1')).toBeCloseTo(0.3);
  expect(topology.way('h2', 'h1')).toEqual(['leaf-h2', 'h1-leaf']);
});

test('on one host there is no delay; where no known way leads the delay is unknown, never 0', () => {
  const topology = topologyOf([link('h1', 'h2', 'unknown')]);

  expect(topology.delayMs('h1', 'h1')).toBe(0);
  expect(topology.delayMs('h1', 'h2')).toBe('unknown');
  expect(topology.delayMs('h1', 'nowhere')).toBe('unknown');
  expect(topology.way('h1', 'h2')).toEqual([]);
});

test('the quickest way is the shortest of all ways', () => {
  const size = 7;
  const node = fc.integer({ min: 0, max: size - 1 });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(node, node, fc.integer({ min: 1, max: 50 })), { maxLength: 25 }),
      (edges) => {
        const links = edges.map(([a, b, ms], at) => ({ ...link(`${a}`, `${b}`, ms), id: `${at}` }));
        const all = Array.from({ length: size }, (_, a) =>
          Array.from({ length: size }, (_, b) => (a === b ? 0 : Number.POSITIVE_INFINITY)),
        );
        const at = (a: number, b: number) => all[a]?.[b] ?? Number.POSITIVE_INFINITY;
        const put = (a: number, b: number, ms: number) => {
          const row = all[a];
          if (row !== undefined) row[b] = Math.min(at(a, b), ms);
        };
        for (const [a, b, ms] of edges) {
          put(a, b, ms);
          put(b, a, ms);
        }
        for (let through = 0; through < size; through++)
          for (let a = 0; a < size; a++)
            for (let b = 0; b < size; b++) put(a, b, at(a, through) + at(through, b));

        const topology = topologyOf(links);

        for (let a = 0; a < size; a++)
          for (let b = 0; b < size; b++) {
            const known = topology.delayMs(`${a}`, `${b}`);
            expect(known === 'unknown' ? Number.POSITIVE_INFINITY : known).toBe(at(a, b));
          }
      },
    ),
    { numRuns: 200 },
  );
});
