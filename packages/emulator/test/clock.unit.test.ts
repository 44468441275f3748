import { acceleratedClock, manualClock } from '@sidestep/emulator';
import { expect, test } from 'vitest';

test('a stepped clock fires what falls due in order, what was scheduled meanwhile included', () => {
  const clock = manualClock(1000);
  const seen: string[] = [];
  clock.after(20, () => seen.push(`late ${clock.nowMs()}`));
  clock.after(10, () => {
    seen.push(`early ${clock.nowMs()}`);
    clock.after(5, () => seen.push(`between ${clock.nowMs()}`));
  });
  const cancel = clock.after(12, () => seen.push('never'));
  cancel();

  clock.advance(25);

  expect(seen).toEqual(['early 1010', 'between 1015', 'late 1020']);
  expect(clock.nowMs()).toBe(1025);
});

test('an accelerated clock has passed a timer’s delay when it fires', async () => {
  const clock = acceleratedClock({ factor: 1000, startMs: 5000 });
  const firedMs = await new Promise<number>((resolve) => {
    clock.after(7000, () => resolve(clock.nowMs()));
  });

  expect(firedMs).toBeGreaterThanOrEqual(12_000);
  expect(() => acceleratedClock({ factor: 0 })).toThrow(RangeError);
});

test('timers fire in the order in which they fall due, however early their timeouts are', async () => {
  const clock = acceleratedClock({ factor: 1000 });
  const set = Array.from({ length: 100 }, (_, index) => index);
  const fired: number[] = [];
  await Promise.all(
    set.map(
      (index) =>
        new Promise<void>((resolve) => {
          clock.after(7000, () => {
            fired.push(index);
            resolve();
          });
        }),
    ),
  );

  expect(fired).toEqual(set);
});
