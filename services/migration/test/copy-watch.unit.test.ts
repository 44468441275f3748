import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { convergenceStep, copiedPercent, looked } from '../src/domain/copy-watch.ts';
import type { NovaMove } from '../src/domain/operation.ts';

const asked: NovaMove = {
  requestedAtMs: 0,
  requestId: 'req-1',
  migrationId: null,
  status: null,
  memoryTotalBytes: null,
  memoryProcessedBytes: null,
  memoryRemainingBytes: null,
  leastRemainingBytes: null,
  advancedAtMs: 0,
  forcedAtMs: null,
  endedAtMs: null,
};
const record = (status: string, remaining: number | null) => ({
  id: 7,
  status,
  to: 'h2',
  memoryTotalBytes: remaining === null ? null : 1_000,
  memoryProcessedBytes: remaining === null ? null : 500,
  memoryRemainingBytes: remaining,
});
const rule = { onNonConvergence: 'force', convergenceMs: 100 } as const;

test('a copy advances when less is left than ever before, or its status changes; not by going up and down', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_000 }), { minLength: 1 }), (remaining) => {
      let nova = asked;
      for (const [i, bytes] of remaining.entries()) {
        nova = looked(nova, record('running', bytes), i + 1);
      }

      const least = Math.min(...remaining);
      expect(nova.leastRemainingBytes).toBe(least);
      expect(nova.advancedAtMs).toBe(remaining.indexOf(least) + 1);
    }),
  );
});

test('counts that Nova tells no more stay as they were last', () => {
  const running = looked(asked, record('running', 300), 1);

  const over = looked(running, record('completed', null), 2);

  expect(over).toMatchObject({ memoryRemainingBytes: 300, status: 'completed', endedAtMs: 2 });
  expect(looked(over, record('completed', null), 9).endedAtMs).toBe(2);
});

test.each([
  [asked, null],
  [looked(asked, record('running', 1_000), 1), 0],
  [looked(asked, record('running', 250), 1), 75],
  [looked(asked, record('completed', null), 1), 100],
])('of %o, %s percent need not be sent any more', (nova, percent) => {
  expect(copiedPercent(nova)).toBe(percent);
});

describe('a copy of which no less is left for a while', () => {
  const stuck = looked(asked, record('running', 400), 10);

  test('goes on until its time is over', () => {
    expect(convergenceStep(stuck, rule, 0, 109)).toBe('go-on');
    expect(convergenceStep(stuck, rule, 0, 110)).toBe('force');
  });

  test('has that time anew where it is watched anew', () => {
    expect(convergenceStep(stuck, rule, 200, 299)).toBe('go-on');
  });

  test('is aborted once force has not helped for as long', () => {
    const forced = { ...stuck, forcedAtMs: 110 };

    expect(convergenceStep(forced, rule, 0, 209)).toBe('go-on');
    expect(convergenceStep(forced, rule, 0, 210)).toBe('abort');
  });

  test('is not judged before Nova counts, nor where the rule is to wait', () => {
    const queued = looked(asked, record('queued', null), 10);

    expect(convergenceStep(queued, rule, 0, 9_999)).toBe('go-on');
    expect(convergenceStep(stuck, { ...rule, onNonConvergence: 'wait' }, 0, 9_999)).toBe('go-on');
  });
});
