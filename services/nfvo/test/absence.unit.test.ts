import { expect, test } from 'vitest';
import { endedAbsence, takenOut } from '../src/domain/absence.ts';

const out = (method: 'others-carry' | 'holder' | 'open', nowMs: number, carries = true) => ({
  method,
  nowMs,
  carries,
});

test.each([
  ['holder', true, { gapMs: 700, bypassMs: 0, outMs: 700 }],
  ['open', true, { gapMs: 0, bypassMs: 700, outMs: 700 }],
  ['others-carry', true, { gapMs: 0, bypassMs: 0, outMs: 700 }],
  ['open', false, { gapMs: 0, bypassMs: 0, outMs: 700 }],
] as const)('%s in a hop that carries traffic: %s, is told as %j', (method, carries, told) => {
  expect(endedAbsence(takenOut(null, out(method, 1_000, carries)), 1_700)).toEqual(told);
});

test('a hop that is left in two ways has each told apart', () => {
  const carried = takenOut(null, out('others-carry', 1_000));
  const stopped = takenOut(carried, out('holder', 1_500));
  const again = takenOut(stopped, out('holder', 1_600));

  expect(endedAbsence(again, 2_000)).toEqual({ gapMs: 500, bypassMs: 0, outMs: 1_000 });
});

test('a member that never left left no gap, and a clock that was set back makes none negative', () => {
  expect(endedAbsence(null, 5)).toEqual({ gapMs: 0, bypassMs: 0, outMs: 0 });
  expect(endedAbsence(takenOut(null, out('holder', 1_000)), 900)).toEqual({
    gapMs: 0,
    bypassMs: 0,
    outMs: 0,
  });
});
