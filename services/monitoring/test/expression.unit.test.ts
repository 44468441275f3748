import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Expression,
  evaluate,
  expressionText,
  MAX_EXPRESSION_CHARACTERS,
  parseExpression,
} from '../src/domain/expression.ts';
import { ExpressionRound } from '../src/domain/expression-round.ts';

const values: Record<string, number> = {
  'host.a': 6,
  'host.b': 3,
  'host.zero': 0,
  'host.a-b': 100,
};
const worth = (text: string): number | 'unknown' => {
  const parsed = parseExpression(text);
  if (!parsed.ok) throw new Error(parsed.fault);
  return evaluate(parsed.expression, (metric) => values[metric] ?? 'unknown');
};

test.each([
  ['host.a + host.b', 9],
  ['host.a - host.b - 1', 2],
  ['host.a+host.b*2', 12],
  ['(host.a + host.b) * 2', 18],
  ['host.a / host.b / 2', 1],
  ['-host.a + 1e1', 4],
  ['- -host.a', 6],
  ['min(host.a, host.b, 2.5)', 2.5],
  ['max(host.a, 2 * host.b) / 100', 0.06],
  ['host.a-b', 100],
  ['  host.a\t', 6],
])('%s is %d', (text, value) => {
  expect(worth(text)).toBe(value);
});

test.each([
  'host.a / host.zero',
  '1 / (host.a / host.zero)',
  'host.a + host.nobody',
  'max(host.nobody, 1)',
  '1e308 * 1e10 * host.a',
])('%s is unknown, not a number that could be judged', (text) => {
  expect(worth(text)).toBe('unknown');
});

test.each([
  ['', 'ends where a metric or number is needed'],
  ['1 + 2', 'names no metric'],
  ['host.a +', 'ends where a metric or number is needed'],
  ['host.a host.b', 'does not go on with "host.b" at 8'],
  ['(host.a', 'lacks a ) at its end'],
  ['min host.a', 'lacks a ( before "host.a" at 5'],
  ['host.a ^ 2', 'cannot be read from "^ 2" on'],
  ['host', 'cannot be read from "host" on'],
  ['2x * host.a', 'cannot be read from "2x * host.a" on'],
  ['host.a + )', 'has ")" at 10, where a metric or number is needed'],
  ['1e999 * host.a', 'has the number 1e999, which is none'],
  ['expression.other + 1', 'is made of another expression, expression.other'],
  [Array.from({ length: 9 }, (_, at) => `host.m${at}`).join('+'), 'names more than 8 metrics'],
  [Array.from({ length: 65 }, () => 'a.b').join('+'), 'has more than 64 terms'],
  [`${'('.repeat(17)}a.b${')'.repeat(17)}`, 'is nested deeper than 16'],
  ['a.b'.padEnd(MAX_EXPRESSION_CHARACTERS + 1), 'is longer than 500 characters'],
])('%s is refused: it %s', (text, fault) => {
  expect(parseExpression(text)).toEqual({ ok: false, fault });
});

const { expression } = fc.letrec<{ expression: Expression }>((tie) => ({
  expression: fc.oneof(
    { depthSize: 'small', maxDepth: 5 },
    fc
      .constantFrom('host.a', 'host.b', 'host.zero')
      .map((metric) => ({ kind: 'metric' as const, metric })),
    fc.nat(1000).map((value) => ({ kind: 'number' as const, value: value / 8 })),
    tie('expression').map((of) => ({ kind: 'negative' as const, of })),
    fc
      .tuple(fc.constantFrom('+', '-', '*', '/'), tie('expression'), tie('expression'))
      .map(([kind, left, right]) => ({ kind, left, right })),
    fc
      .tuple(
        fc.constantFrom('min', 'max'),
        fc.array(tie('expression'), { minLength: 1, maxLength: 3 }),
      )
      .map(([kind, of]) => ({ kind, of })),
  ),
}));

test('an expression that is written down and read again is the same', () => {
  fc.assert(
    fc.property(expression, (one) => {
      const parsed = parseExpression(expressionText(one));
      // Beyond the limits it is refused.
      if (parsed.ok) expect(parsed.expression).toEqual(one);
      else expect(parsed.fault).toMatch(/^(names no metric|has more|is nested|is longer)/);
    }),
  );
});

test('whatever the text, it is read or refused with a reason, and its value is finite or unknown', () => {
  const piece = fc.constantFrom(
    'host.a',
    'host.b-',
    '1',
    '2.5',
    '+',
    '-',
    '*',
    '/',
    '(',
    ')',
    ',',
    'min',
    'max',
    ' ',
    'é',
    '.',
    'e9',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({ maxLength: 600 }),
        fc.array(piece, { maxLength: 80 }).map((all) => all.join('')),
      ),
      (text) => {
        const parsed = parseExpression(text);
        if (!parsed.ok) {
          expect(parsed.fault.length).toBeGreaterThan(5);
          return;
        }
        const value = evaluate(parsed.expression, (metric) => values[metric] ?? 1);
        expect(value === 'unknown' || Number.isFinite(value)).toBe(true);
      },
    ),
  );
});

describe('a round', () => {
  const round = () => {
    const parsed = parseExpression('host.a / host.b');
    if (!parsed.ok) throw new Error(parsed.fault);
    return new ExpressionRound(parsed.expression, parsed.metrics);
  };

  test('is evaluated when each metric has come anew, at the newest time among them', () => {
    const each = round();

    expect(each.add('host.a', 1000, 6)).toBeUndefined();
    expect(each.add('host.b', 1400, 3)).toEqual({ timeMs: 1400, value: 2 });
    expect(each.add('host.a', 2000, 8)).toBeUndefined();
    expect(each.add('host.a', 3000, 9)).toBeUndefined();
    expect(each.add('host.b', 2500, 3)).toEqual({ timeMs: 3000, value: 3 });
  });

  test('passes over what is not newer, what it is not made of, and what is no number', () => {
    const each = round();
    each.add('host.a', 1000, 6);

    expect(each.add('host.c', 1000, 1)).toBeUndefined();
    expect(each.add('host.b', 1000, 0)).toBeUndefined();
    expect(each.add('host.b', 1000, 5)).toBeUndefined();
    expect(each.add('host.a', 2000, 6)).toBeUndefined();
    expect(each.add('host.b', 2000, 2)).toEqual({ timeMs: 2000, value: 3 });
  });
});
