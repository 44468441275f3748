import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDatagramParser,
  encodeDatagrams,
  encodeNotification,
  encryptDatagram,
  ReplayGuard,
  signDatagram,
} from '../src/index.ts';

const options = { windowMs: 1000, aheadMs: 100, maxSeals: 20 };
const sealOf = (number: number): Uint8Array => {
  const seal = Buffer.alloc(8);
  seal.writeUInt32BE(number);
  return seal;
};

test('a seal is taken once within the window, and not beyond it', () => {
  const guard = new ReplayGuard(options);

  expect(guard.check(sealOf(1), 5000, 5000)).toBeUndefined();
  expect(guard.check(sealOf(1), 5000, 5000)).toBe('replayed');
  expect(guard.check(sealOf(1), 5000, 5900)).toBe('replayed');
  expect(guard.check(sealOf(1), 5000, 6001)).toBe('out-of-window');
  expect(guard.check(sealOf(2), 6102, 6001)).toBe('out-of-window');
});

test('nothing is ever taken twice, however much comes, and what is remembered is bounded', () => {
  const arrival = fc.record({
    number: fc.integer({ min: 0, max: 60 }),
    waitMs: fc.integer({ min: 0, max: 400 }),
  });
  fc.assert(
    fc.property(fc.array(arrival, { minLength: 1, maxLength: 200 }), (arrivals) => {
      const guard = new ReplayGuard(options);
      const taken = new Set<number>();
      let nowMs = 10_000;
      for (const { number, waitMs } of arrivals) {
        nowMs += waitMs;
        // Each datagram bears the time that it was made at.
        if (guard.check(sealOf(number), 10_000 + number * 50, nowMs) !== undefined) continue;
        expect(taken.has(number)).toBe(false);
        taken.add(number);
        expect(guard.remembered).toBeLessThanOrEqual(options.maxSeals);
      }
    }),
  );
});

test('a steady stream of new datagrams is taken whole', () => {
  const guard = new ReplayGuard({ ...options, maxSeals: 1000 });
  const refused = Array.from({ length: 5000 }, (_, at) =>
    guard.check(sealOf(at), 10_000 + at * 5 - 30, 10_000 + at * 5),
  ).filter((fault) => fault !== undefined);

  expect(refused).toEqual([]);
});

describe('a parser that asks a guard', () => {
  const nowMs = 1_700_000_000_000;
  const identity = { host: 'h', plugin: 'load', type: 'load' };
  const [plain = Buffer.alloc(0)] = encodeDatagrams([
    { ...identity, timeMs: nowMs, intervalMs: 1000, values: [{ kind: 'gauge', value: 1 }] },
  ]);
  const notification = encodeNotification({
    ...identity,
    pluginInstance: '',
    typeInstance: '',
    timeMs: nowMs,
    severity: 'failure',
    message: 'hot',
  });
  const listening = () => {
    const guard = new ReplayGuard({ windowMs: 60_000, aheadMs: 1000, maxSeals: 1000 });
    let seen = 0;
    const parser = createDatagramParser({
      seriesOf: () => null,
      onValues: () => {
        seen += 1;
      },
      onNotification: () => {
        seen += 1;
      },
      passwordOf: () => 's3cret',
      refuses: (seal, timeMs) => guard.check(seal, timeMs, nowMs),
    });
    return { parser, seen: () => seen };
  };

  test.each([
    ['signed values', signDatagram(plain, 'u', 's3cret')],
    ['encrypted values', encryptDatagram(plain, 'u', 's3cret')],
    ['a signed notification', signDatagram(notification, 'u', 's3cret')],
  ])('%s are taken once', (_, datagram) => {
    const { parser, seen } = listening();

    expect(parser.parse(datagram).ok).toBe(true);
    expect(parser.parse(datagram)).toMatchObject({ ok: false, reason: 'replayed' });
    expect(seen()).toBe(1);
  });

  test('what was not protected is not remembered; what tells no time is beyond any window', () => {
    const { parser } = listening();

    expect([parser.parse(plain).ok, parser.parse(plain).ok]).toEqual([true, true]);
    expect(parser.parse(signDatagram(Buffer.alloc(0), 'u', 's3cret'))).toMatchObject({
      reason: 'out-of-window',
    });
  });
});
