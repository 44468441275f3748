import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type DecodedDatagram, decodeDatagram, encodeNotification } from '../src/index.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const passwordOf = (user: string): string | undefined => (user === 'nfvmon' ? 's3cret' : undefined);
const names = readdirSync(fixtures).filter((name) => name.startsWith('plain-'));
const load = (name: string): Buffer => readFileSync(join(fixtures, name));

interface Expected {
  readonly dstypes?: string[];
  readonly [field: string]: unknown;
}
const expected: Record<string, Expected[]> = JSON.parse(
  readFileSync(join(fixtures, 'decoded.json'), 'utf8'),
);

const floorMs = (ms: number): number => Math.floor(ms + 1e-6) / 1000;
const without = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== ''));

/** Our decoding in the form of the reference decoder's. */
function asReference(decoded: DecodedDatagram): Record<string, unknown>[] {
  const lists = decoded.valueLists.map(({ values, timeMs, intervalMs, security: _, ...list }) => ({
    host: list.host,
    time: floorMs(timeMs),
    interval: floorMs(intervalMs),
    plugin: list.plugin,
    plugin_instance: list.pluginInstance,
    type: list.type,
    type_instance: list.typeInstance,
    dstypes: values.map(({ kind }) => kind),
    values: values.map(({ value }) =>
      typeof value === 'bigint' ? value.toString() : Number.isNaN(value) ? null : value,
    ),
  }));
  return lists.map(without);
}

describe('real datagrams of collectd 5.12', () => {
  test.each(names)('%s decodes to what the reference decoder says', (name) => {
    const decoded = decodeDatagram(load(name));

    expect(decoded.result.ok).toBe(true);
    expect(asReference(decoded)).toEqual(
      (expected[name] ?? [])
        .filter((record) => record.dstypes !== undefined)
        .map(({ sec: _, severity: _s, ...record }) => without(record)),
    );
  });

  test.each(names)('%s says the same signed and encrypted', (name) => {
    const plain = decodeDatagram(load(name));

    for (const level of ['signed', 'encrypted'] as const) {
      const secured = decodeDatagram(load(name.replace('plain', level)), { passwordOf, level });
      expect(secured.result).toEqual(plain.result);
      expect(secured.valueLists).toEqual(
        plain.valueLists.map((list) => ({ ...list, security: level })),
      );
    }
  });

  test('a notification carries severity, time and message', () => {
    const { notifications } = decodeDatagram(load('plain-07.bin'));

    const reference = expected['plain-07.bin']?.[0];
    expect(notifications).toHaveLength(1);
    expect(notifications[0]).toMatchObject({
      host: reference?.host,
      severity: 'warning',
      message: reference?.message,
    });
  });

  test('64-bit integers keep their last digit', () => {
    const values = decodeDatagram(load('plain-08.bin')).valueLists.flatMap((list) => list.values);

    expect(values).toContainEqual({ kind: 'counter', value: 18446744073709551000n });
    expect(values).toContainEqual({ kind: 'derive', value: -7n });
    expect(values).toContainEqual({ kind: 'absolute', value: 42n });
    expect(values).toContainEqual({ kind: 'gauge', value: Number.NaN });
  });
});

describe('protection', () => {
  test.each([
    ['plain-01.bin', 'signed', 'security-level'],
    ['plain-01.bin', 'encrypted', 'security-level'],
    ['signed-01.bin', 'encrypted', 'security-level'],
  ] as const)('%s is refused where %s is required', (name, level, reason) => {
    const { result, valueLists } = decodeDatagram(load(name), { level, passwordOf });

    expect(result).toMatchObject({ ok: false, reason });
    expect(valueLists).toEqual([]);
  });

  test.each(['signed-01.bin', 'encrypted-01.bin'])('%s of an unknown user is refused', (name) => {
    const { result } = decodeDatagram(load(name), { passwordOf: () => undefined });

    expect(result).toMatchObject({ ok: false, reason: 'unknown-user' });
  });

  test.each([
    ['signed-01.bin', 'bad-signature'],
    ['encrypted-01.bin', 'bad-checksum'],
  ])('%s with a wrong password says nothing', (name, reason) => {
    const { result, valueLists } = decodeDatagram(load(name), { passwordOf: () => 'wrong' });

    expect(result).toMatchObject({ ok: false, reason });
    expect(valueLists).toEqual([]);
  });

  test('one flipped bit of a signed datagram is noticed', () => {
    const datagram = load('signed-02.bin');
    const last = datagram.length - 1;
    datagram[last] = (datagram[last] ?? 0) ^ 1;

    const { result } = decodeDatagram(datagram, { passwordOf, level: 'signed' });

    expect(result).toMatchObject({ ok: false, reason: 'bad-signature' });
  });

  test('without known passwords a signed datagram counts as unsigned', () => {
    const { result, valueLists } = decodeDatagram(load('signed-01.bin'));

    expect(result.ok).toBe(true);
    expect(new Set(valueLists.map((list) => list.security))).toEqual(new Set(['none']));
  });
});

describe('malformed datagrams', () => {
  const part = (type: number, ...payload: number[]): number[] => [
    type >> 8,
    type & 0xff,
    (payload.length + 4) >> 8,
    (payload.length + 4) & 0xff,
    ...payload,
  ];
  const text = (type: number, value: string): number[] => part(type, ...Buffer.from(`${value}\0`));
  const time = part(8, 0x1a, 0xbf, 0, 0, 0, 0, 0, 0);
  const head = [...text(0, 'h'), ...time, ...text(2, 'cpu'), ...text(4, 'percent')];
  const gauge = part(6, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f);

  test.each([
    ['a part without a whole header', [0, 0, 0], 'short-part-header'],
    ['a part shorter than its header', [0, 0, 0, 3, 0], 'bad-part-length'],
    ['a part that says it has no length', [0, 0, 0, 0], 'bad-part-length'],
    ['a part longer than the datagram', [0, 0, 0, 9, 65, 0], 'bad-part-length'],
    ['a string without its end', part(0, 65, 66), 'bad-string'],
    ['a string with an end inside', part(0, 65, 0, 66, 0), 'bad-string'],
    ['a name beyond every limit', part(0, ...Array(300).fill(65), 0), 'bad-string'],
    ['a time of seven bytes', part(8, 0, 0, 0, 0, 0, 0, 0), 'bad-number'],
    ['seconds beyond 2^32', part(1, 0, 0, 0, 1, 0, 0, 0, 0), 'bad-number'],
    [
      'values without a host',
      [...time, ...text(2, 'x'), ...text(4, 'y'), ...gauge],
      'incomplete-identity',
    ],
    [
      'values without a time',
      [...text(0, 'h'), ...text(2, 'x'), ...text(4, 'y'), ...gauge],
      'incomplete-identity',
    ],
    ['values of no number', [...head, ...part(6, 0, 0)], 'bad-values'],
    [
      'more values than bytes',
      [...head, ...part(6, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
      'bad-values',
    ],
    [
      'a kind that there is not',
      [...head, ...part(6, 0, 1, 9, 0, 0, 0, 0, 0, 0, 0, 0)],
      'unknown-value-kind',
    ],
    ['a severity that there is not', part(0x101, 0, 0, 0, 0, 0, 0, 0, 3), 'bad-severity'],
    ['a message of nobody', text(0x100, 'hello'), 'incomplete-identity'],
    [
      'a signature after other parts',
      [...head, ...part(0x200, ...Array(40).fill(0))],
      'nested-security',
    ],
    ['a seal too short to hold anything', part(0x210, 0, 1, 65), 'bad-security-part'],
    ['a signature of nobody', part(0x200, ...Array(32).fill(0)), 'bad-security-part'],
  ])('%s is refused with its reason', (_, bytes, reason) => {
    const { result } = decodeDatagram(Uint8Array.from(bytes), { passwordOf });

    expect(result).toMatchObject({ ok: false, reason });
  });

  test('what stood before a fault is delivered and counted', () => {
    const { result, valueLists } = decodeDatagram(Uint8Array.from([...head, ...gauge, 0, 6]));

    expect(result).toMatchObject({ ok: false, valueLists: 1, values: 1 });
    expect(valueLists[0]?.values).toEqual([{ kind: 'gauge', value: 1 }]);
  });

  test('a part of an unknown type is passed over', () => {
    const { result } = decodeDatagram(Uint8Array.from([...part(0x7777, 1, 2), ...head, ...gauge]));

    expect(result).toEqual({ ok: true, valueLists: 1, values: 1, notifications: 0 });
  });

  test('the seconds of old senders are understood', () => {
    const seconds = part(1, 0, 0, 0, 0, 0x65, 0, 0, 0);
    const interval = part(7, 0, 0, 0, 0, 0, 0, 0, 10);

    const { valueLists } = decodeDatagram(
      Uint8Array.from([...head, ...seconds, ...interval, ...gauge]),
    );

    expect(valueLists[0]).toMatchObject({ timeMs: 0x65000000 * 1000, intervalMs: 10_000 });
  });

  test('an instance stays in force until an empty one replaces it', () => {
    const { valueLists } = decodeDatagram(
      Uint8Array.from([...head, ...text(5, 'idle'), ...gauge, ...text(5, ''), ...gauge]),
    );

    expect(valueLists.map((list) => list.typeInstance)).toEqual(['idle', '']);
  });
});

test('a notification of our own reads back', () => {
  const notification = {
    host: 'compute1',
    plugin: 'cpu',
    pluginInstance: '',
    type: 'percent',
    typeInstance: 'idle',
    timeMs: 1_795_207_471_000,
    severity: 'failure',
    message: 'idle fell below 2 %',
  } as const;

  expect(decodeDatagram(encodeNotification(notification)).notifications).toEqual([notification]);
});

test('a byte order mark is part of a name: no host can pass for another by it', () => {
  const said = {
    host: '\ufeffcompute1',
    plugin: 'cpu',
    pluginInstance: '',
    type: 'percent',
    typeInstance: '',
    timeMs: 1_795_207_471_512,
    severity: 'okay' as const,
    message: '\ufeffdone',
  };

  expect(decodeDatagram(encodeNotification(said)).notifications).toEqual([said]);
});
