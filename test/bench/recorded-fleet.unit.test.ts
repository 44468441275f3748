import { decodeDatagram, encodeDatagrams, signDatagram } from '@sidestep/collectd';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headOf } from './recorded-fleet.ts';

test('the head of a datagram, plain or signed, is what the parser tells of its first values', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1_700_000_000_000, max: 1_900_000_000_000 }),
      fc.stringMatching(/^[a-z0-9-]{1,40}$/),
      fc.boolean(),
      (timeMs, host, signed) => {
        const values = [{ kind: 'gauge' as const, value: 1 }];
        const list = { host, timeMs, intervalMs: 1_000, plugin: 'cpu', type: 'percent', values };
        const [plain = Buffer.alloc(0)] = encodeDatagrams([list]);
        const datagram = signed ? signDatagram(plain, 'agent', 'secret') : plain;

        const [first] = decodeDatagram(plain).valueLists;

        expect(headOf(datagram)).toEqual({ host, timeMs: Math.floor(first?.timeMs ?? 0) });
      },
    ),
  );
});
