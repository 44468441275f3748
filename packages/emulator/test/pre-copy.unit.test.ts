import {
  advancePreCopy,
  beginPreCopy,
  forceStop,
  foretellPreCopy,
  remainingBytes,
  sharedBandwidth,
} from '@sidestep/emulator';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

const MIB = 1024 * 1024;
const guest = {
  memoryMiB: 1024,
  dirtyMiBPerSecond: 20,
  workingSetMiB: 160,
  downtimeLimitMs: 300,
};
const guests = fc.record({
  memoryMiB: fc.integer({ min: 64, max: 8192 }),
  dirtyMiBPerSecond: fc.integer({ min: 0, max: 60 }),
  workingSetMiB: fc.integer({ min: 1, max: 512 }),
  downtimeLimitMs: fc.integer({ min: 50, max: 1000 }),
});
/** Twice as fast as any of these guests dirties: every copy converges. */
const fastLink = fc.integer({ min: 120, max: 2000 });

describe('pre-copy', () => {
  test('a guest that writes nothing takes memory over bandwidth and stops for nothing', () => {
    const outcome = foretellPreCopy({ ...guest, dirtyMiBPerSecond: 0 }, 64);

    expect(outcome).toMatchObject({ kind: 'converges', totalMs: 16_000, downtimeMs: 0 });
  });

  test('rounds go on until the rest fits into the downtime limit', () => {
    const outcome = foretellPreCopy(guest, 64);

    // 16 s leave 160 MiB (the working set), which take 2.5 s and leave 50, then 15.6: 244 ms.
    expect(outcome).toMatchObject({ kind: 'converges', rounds: 4 });
    if (outcome.kind !== 'converges') throw new Error(outcome.reason);
    expect(outcome.downtimeMs).toBeCloseTo(244.14, 1);
    expect(outcome.totalMs).toBeCloseTo(16_000 + 2500 + 781.25 + 244.14, 1);
  });

  test('a guest that dirties faster than the link sends never ends by itself', () => {
    const outcome = foretellPreCopy({ ...guest, dirtyMiBPerSecond: 20 }, 16);

    expect(outcome).toEqual({ kind: 'diverges', reason: 'dirties-faster-than-link' });
    expect(foretellPreCopy(guest, 0)).toEqual({ kind: 'diverges', reason: 'no-bandwidth' });
  });

  test('what is sent is the memory and what was dirtied again, and the stop stays within its limit', () => {
    fc.assert(
      fc.property(guests, fastLink, (params, link) => {
        const outcome = foretellPreCopy(params, link);

        if (outcome.kind !== 'converges') throw new Error(outcome.reason);
        expect(outcome.sentBytes).toBeGreaterThanOrEqual(params.memoryMiB * MIB * (1 - 1e-9));
        expect(outcome.downtimeMs).toBeLessThanOrEqual(params.downtimeLimitMs * (1 + 1e-9));
        expect(outcome.sentBytes).toBeCloseTo((outcome.totalMs / 1000) * link * MIB, -2);
      }),
    );
  });

  test('more bandwidth is never slower, more dirtying never quicker', () => {
    fc.assert(
      fc.property(guests, fastLink, (params, link) => {
        const base = foretellPreCopy(params, link);
        const wider = foretellPreCopy(params, link * 2);
        const calmer = foretellPreCopy(
          { ...params, dirtyMiBPerSecond: params.dirtyMiBPerSecond / 2 },
          link,
        );

        if (base.kind !== 'converges') throw new Error(base.reason);
        // One round more or less shifts the end by at most the downtime that is allowed.
        const slackMs = params.downtimeLimitMs + 1e-6;
        if (wider.kind === 'converges')
          expect(wider.totalMs).toBeLessThanOrEqual(base.totalMs + slackMs);
        if (calmer.kind === 'converges')
          expect(calmer.totalMs).toBeLessThanOrEqual(base.totalMs + slackMs);
      }),
    );
  });

  test('many short steps end as one long one', () => {
    fc.assert(
      fc.property(guests, fastLink, fc.integer({ min: 1, max: 40 }), (params, link, parts) => {
        let stepped = beginPreCopy(params);
        for (let i = 0; i < parts; i += 1)
          stepped = advancePreCopy(params, stepped, 4000 / parts, link);
        const whole = advancePreCopy(params, beginPreCopy(params), 4000, link);

        expect(stepped.phase).toBe(whole.phase);
        expect(stepped.processedBytes / MIB).toBeCloseTo(whole.processedBytes / MIB, 3);
        expect(remainingBytes(stepped) / MIB).toBeCloseTo(remainingBytes(whole) / MIB, 3);
      }),
    );
  });

  test('a forced stop sends all that is left while the guest stands still', () => {
    const running = advancePreCopy(guest, beginPreCopy(guest), 4000, 64);
    const left = remainingBytes(running);
    const stopped = forceStop(running);
    const done = advancePreCopy(guest, stopped, 1e9, 64);

    expect(stopped.phase).toBe('stopped');
    expect(done.phase).toBe('done');
    expect(done.downtimeMs).toBeCloseTo((left / (64 * MIB)) * 1000, 3);
  });

  test('moves on one link share it, and the narrower end decides', () => {
    expect(sharedBandwidth({ miBPerSecond: 100, moves: 2 }, { miBPerSecond: 80, moves: 1 })).toBe(
      50,
    );
    expect(sharedBandwidth({ miBPerSecond: 100, moves: 1 }, { miBPerSecond: 80, moves: 4 })).toBe(
      20,
    );
  });
});
