import fc from 'fast-check';
import { expect, test } from 'vitest';
import { withAddedLoad } from '../src/index.ts';

const percent = fc.double({ min: 0, max: 100, noNaN: true });
const host = fc.record({
  risk: fc.double({ min: 0, max: 1, noNaN: true }),
  expectedMaxPercent: percent,
  currentPercent: percent,
});
const spread = { crossedPercent: 96, errorPercent: 6 };

test('more load never lowers the risk, and load that is taken away never raises it', () => {
  fc.assert(
    fc.property(host, fc.array(fc.double({ min: -100, max: 100, noNaN: true })), (alone, added) => {
      const risks = [...added, 0]
        .toSorted((a, b) => a - b)
        .map((each) => withAddedLoad(alone, each, 90, spread).risk);

      expect(risks.every((risk) => risk >= 0 && risk <= 1)).toBe(true);
      for (const [at, risk] of risks.slice(1).entries())
        expect(risk).toBeGreaterThanOrEqual((risks[at] ?? 0) - 1e-12);
      expect(withAddedLoad(alone, 0, 90, spread).risk).toBe(alone.risk);
    }),
  );
});

test('a host that is about to saturate by little is safe without what makes it do so', () => {
  const alone = { risk: 0.9, expectedMaxPercent: 96, currentPercent: 88 };

  expect(withAddedLoad(alone, -30, 90, spread).risk).toBeLessThan(0.05);
  expect(withAddedLoad(alone, -2, 90, spread).risk).toBeGreaterThan(0.7);
});
