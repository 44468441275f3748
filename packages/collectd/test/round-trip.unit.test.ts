import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createDatagramParser,
  decodeDatagram,
  type EncodableValue,
  encodeDatagrams,
  encryptDatagram,
  encryptionOverheadBytes,
  signatureOverheadBytes,
  signDatagram,
} from '../src/index.ts';

const MAX_U64 = (1n << 64n) - 1n;
const name = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
const required = name.filter((text) => text.length > 0);
const value: fc.Arbitrary<EncodableValue> = fc.oneof(
  fc.record({ kind: fc.constant('gauge' as const), value: fc.double() }),
  fc.record({
    kind: fc.constant('derive' as const),
    value: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
  }),
  fc.record({ kind: fc.constantFrom('counter', 'absolute'), value: fc.bigInt(0n, MAX_U64) }),
);
const valueList = fc.record({
  host: required,
  plugin: required,
  pluginInstance: name,
  type: required,
  typeInstance: name,
  timeMs: fc.integer({ min: 1, max: 4_102_444_800_000 }),
  intervalMs: fc.integer({ min: 1, max: 86_400_000 }),
  values: fc.array(value, { minLength: 1, maxLength: 6 }),
});

test('a signature is the HMAC-SHA256 over name and payload, whatever the length of the key', () => {
  fc.assert(
    fc.property(
      required,
      fc.string({ unit: 'grapheme', maxLength: 200, size: 'max' }),
      fc.uint8Array({ maxLength: 3_000, size: 'max' }),
      (user, password, payload) => {
        const name = Buffer.from(user);
        const mac = createHmac('sha256', password).update(name).update(payload).digest();
        const header = Buffer.of(0x02, 0x00, 0, 0);
        header.writeUInt16BE(36 + name.length, 2);
        const expected = Buffer.concat([header, mac, name, payload]);

        expect(signDatagram(payload, user, password).equals(expected)).toBe(true);
      },
    ),
  );
});

describe('what is encoded decodes to itself', () => {
  test('in datagrams that keep to their limit', () => {
    fc.assert(
      fc.property(
        fc.array(valueList, { maxLength: 30 }),
        fc.integer({ min: 1400, max: 9000 }),
        (lists, maxBytes) => {
          const datagrams = encodeDatagrams(lists, { maxBytes });

          const decoded = datagrams.map((datagram) => decodeDatagram(datagram));
          expect(datagrams.every((datagram) => datagram.length <= maxBytes)).toBe(true);
          expect(decoded.every(({ result }) => result.ok)).toBe(true);
          const back = decoded.flatMap(({ valueLists }) => valueLists);
          expect(
            back.map(({ security: _, timeMs, intervalMs, ...list }) => ({
              ...list,
              timeMs: Math.round(timeMs),
              intervalMs: Math.round(intervalMs),
            })),
          ).toEqual(lists);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('signed and encrypted, with the stated overhead', () => {
    fc.assert(
      fc.property(
        fc.array(valueList, { minLength: 1, maxLength: 3 }),
        required,
        required,
        (lists, user, password) => {
          const [payload = Buffer.alloc(0)] = encodeDatagrams(lists, { maxBytes: 20_000 });
          const passwordOf = (who: string) => (who === user ? password : undefined);
          const plain = decodeDatagram(payload);
          const signed = signDatagram(payload, user, password);
          const sealed = encryptDatagram(payload, user, password);

          expect(signed.length - payload.length).toBe(signatureOverheadBytes(user));
          expect(sealed.length - payload.length).toBe(encryptionOverheadBytes(user));
          for (const [datagram, level] of [
            [signed, 'signed'],
            [sealed, 'encrypted'],
          ] as const) {
            expect(decodeDatagram(datagram, { passwordOf, level }).valueLists).toEqual(
              plain.valueLists.map((list) => ({ ...list, security: level })),
            );
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  test('a reading larger than a datagram is refused by the encoder', () => {
    const values = Array.from({ length: 20 }, () => ({ kind: 'gauge' as const, value: 1 }));
    const list = { host: 'h', plugin: 'p', type: 't', timeMs: 1, intervalMs: 1, values };

    expect(() => encodeDatagrams([list], { maxBytes: 100 })).toThrow(RangeError);
  });
});

describe('damaged datagrams', () => {
  const fixtures = join(import.meta.dirname, 'fixtures');
  const real = readdirSync(fixtures)
    .filter((file) => file.endsWith('.bin'))
    .map((file) => readFileSync(join(fixtures, file)));
  const passwordOf = (user: string) => (user === 'nfvmon' ? 's3cret' : undefined);

  test('any damage gives a result, and the parser reads the next one', () => {
    const parser = createDatagramParser({
      seriesOf: (identity) => identity,
      onValues: () => undefined,
      passwordOf,
    });
    const intact = real[0] ?? Buffer.alloc(0);
    const healthy = parser.parse(intact);
    fc.assert(
      fc.property(
        fc.constantFrom(...real),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 8 }),
        fc.option(fc.nat(1500)),
        (datagram, changes, cut) => {
          const damaged = Buffer.from(datagram.subarray(0, cut ?? datagram.length));
          for (const [at, byte] of changes)
            if (damaged.length > 0) damaged[at % damaged.length] = byte;

          expect(parser.parse(damaged).ok).toBeTypeOf('boolean');
          expect(parser.parse(intact)).toEqual(healthy);
        },
      ),
      { numRuns: 3000 },
    );
  });

  test('any bytes give a result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
        expect(decodeDatagram(bytes, { passwordOf }).result.ok).toBeTypeOf('boolean');
      }),
      { numRuns: 1000 },
    );
  });

  test('a flood of new names does not grow the tables without bound', () => {
    let made = 0;
    const parser = createDatagramParser({
      seriesOf: (identity) => {
        made += 1;
        return identity;
      },
      onValues: () => undefined,
      maxIdentities: 10,
    });
    const list = (host: string) =>
      encodeDatagrams([
        {
          host,
          plugin: 'p',
          type: 'gauge',
          timeMs: 1000,
          intervalMs: 1,
          values: [{ kind: 'gauge', value: 1 }],
        },
      ])[0] ?? Buffer.alloc(0);

    for (let index = 0; index < 100; index += 1) parser.parse(list(`host-${index % 25}`));

    expect(made).toBe(100);
  });
});
