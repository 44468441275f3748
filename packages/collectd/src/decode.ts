import { createDatagramParser, type DatagramResult, type ParserOptions } from './parser.ts';
import {
  kindCode,
  type Notification,
  type SecurityLevel,
  type SeriesIdentity,
  type ValueKind,
  valueKinds,
} from './wire.ts';

/** One decoded value; integers are bigint, so that nothing is lost. */
export type DecodedValue =
  | { readonly kind: 'gauge'; readonly value: number }
  | { readonly kind: Exclude<ValueKind, 'gauge'>; readonly value: bigint };

/** One decoded reading. */
export interface DecodedValueList extends SeriesIdentity {
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly security: SecurityLevel;
  readonly values: readonly DecodedValue[];
}

/** Everything that a datagram said, and how its parsing ended. */
export interface DecodedDatagram {
  readonly result: DatagramResult;
  readonly valueLists: readonly DecodedValueList[];
  readonly notifications: readonly Notification[];
}

/** Decodes one datagram into objects of its own: for tests and tools; listeners use createDatagramParser. */
export function decodeDatagram(
  datagram: Uint8Array,
  options: Pick<ParserOptions<SeriesIdentity>, 'level' | 'passwordOf'> = {},
): DecodedDatagram {
  const valueLists: DecodedValueList[] = [];
  const notifications: Notification[] = [];
  const parser = createDatagramParser<SeriesIdentity>({
    ...options,
    seriesOf: (identity) => identity,
    onNotification: (notification) => notifications.push(notification),
    onValues: ({ series, timeMs, intervalMs, security, count, kinds, values, high, low }) => {
      const decoded = Array.from({ length: count }, (_, index): DecodedValue => {
        const code = kinds[index] ?? kindCode.gauge;
        const kind = valueKinds[code] ?? 'gauge';
        if (kind === 'gauge') return { kind, value: values[index] ?? Number.NaN };
        const upper = BigInt(high[index] ?? 0);
        const signed = (upper << 32n) | BigInt(low[index] ?? 0);
        return { kind, value: kind === 'derive' ? signed : BigInt.asUintN(64, signed) };
      });
      valueLists.push({ ...series, timeMs, intervalMs, security, values: decoded });
    },
  });
  const result = parser.parse(datagram);
  return { result, valueLists, notifications };
}
