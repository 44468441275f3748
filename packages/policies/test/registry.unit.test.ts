import { existsSync, readFileSync } from 'node:fs';
import { canonicalMetrics } from '@sidestep/fleet';
import { cloud } from '@sidestep/fleet/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parametersOf } from '../src/parameters.ts';
import { policies, policyNamed } from '../src/registry.ts';

const known = new Set<string>(canonicalMetrics);

test('each policy has a name of its own, by which it is found', () => {
  const names = policies.map(({ name }) => name);

  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(policyNamed(name)?.name).toBe(name);
  expect(policyNamed('most-risk')).toBeUndefined();
});

describe.each(policies)('the policy $name', (policy) => {
  test('is named after its file and says what it is for', () => {
    expect(policy.name).toMatch(/^[a-z][a-z-]{0,63}$/);
    expect(existsSync(new URL(`../src/${policy.name}.ts`, import.meta.url))).toBe(true);
    expect(policy.goal).not.toBe('');
    expect(policy.summary).toMatch(/\.$/);
  });

  test('needs only metrics that there are', () => {
    expect(policy.needs.filter((metric) => !known.has(metric))).toEqual([]);
  });

  test('has defaults within its parameters’ bounds, and refuses what is not', () => {
    for (const [name, schema] of Object.entries(policy.params)) {
      expect(schema.default).toBeGreaterThanOrEqual(schema.minimum);
      expect(schema.default).toBeLessThanOrEqual(schema.maximum);
      expect(schema.description).not.toBe('');
      expect(() => parametersOf(policy.params, { [name]: schema.maximum + 1 })).toThrow(RangeError);
      expect(() => parametersOf(policy.params, { [name]: Number.NaN })).toThrow(RangeError);
    }
    expect(() => parametersOf(policy.params, { colour: 1 })).toThrow(RangeError);
  });

  test('has a page with purpose, needs, parameters and limits', () => {
    const page = readFileSync(
      new URL(`../../../docs/policies/${policy.name}.md`, import.meta.url),
      'utf8',
    );

    for (const heading of ['Purpose', 'Needs', 'Parameters', 'Limits']) {
      expect(page).toContain(`## ${heading}\n`);
    }
    for (const metric of policy.needs) expect(page).toContain(metric);
    for (const [name, schema] of Object.entries(policy.params)) {
      expect(page).toContain(`\`${name}\``);
      expect(page).toContain(String(schema.default));
    }
  });

  test('plans the same for equal input, whatever the order of the candidates, and only among them', () => {
    fc.assert(
      fc.property(
        fleets,
        fc.integer({ min: 0, max: 2 ** 32 - 1 }),
        ({ view, candidates }, seed) => {
          const plan = policy.plan(view, { serverId: 's', candidates, seed });
          const again = policy.plan(view, {
            serverId: 's',
            candidates: candidates.toReversed(),
            seed,
          });

          expect(again.kind).toBe(plan.kind);
          expect(again.ranking).toEqual(plan.ranking);
          for (const { hostId } of [...plan.ranking, ...plan.rejected]) {
            expect(candidates).toContain(hostId);
          }
          for (let i = 1; i < plan.ranking.length; i++) {
            expect(plan.ranking[i]?.score).toBeGreaterThanOrEqual(plan.ranking[i - 1]?.score ?? 0);
          }
          if (plan.kind === 'migrate') expect(plan.to).toBe(plan.ranking[0]?.hostId);
        },
      ),
    );
  });

  test('with no candidate left nothing moves', () => {
    const view = cloud().host('h1', { cpuPercent: 95 }).server('s', { on: 'h1' }).build();

    expect(policy.plan(view, { serverId: 's', candidates: [], seed: 1 }).kind).toBe('stay');
  });
});

const percent = fc.oneof(
  fc.double({ min: 0, max: 100, noNaN: true }),
  fc.constant('unknown' as const),
);
const risk = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.constant('unknown' as const));
const margin = fc.oneof(
  fc.double({ min: -5, max: 5, noNaN: true }),
  fc.constant('unknown' as const),
);
const fleets = fc
  .array(fc.record({ cpuPercent: percent, risk, peak: percent, scored: fc.boolean(), margin }), {
    maxLength: 8,
  })
  .map((hosts) => {
    const builder = cloud().host('source', { cpuPercent: 95 }).server('s', { on: 'source' });
    hosts.forEach(({ cpuPercent, risk: pairRisk, peak, scored, margin: ownMargin }, i) => {
      builder.host(`h${i}`, { cpuPercent });
      builder.hostClass(`h${i}`, ownMargin);
      if (scored) builder.risk('s', `h${i}`, pairRisk, peak);
    });
    return { view: builder.build(), candidates: hosts.map((_, i) => `h${i}`) };
  });
