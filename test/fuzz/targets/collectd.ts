import { createCipheriv, createHash, createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import {
  createDatagramParser,
  type DatagramParser,
  type EncodableValue,
  encodeDatagrams,
  encodeNotification,
  encryptDatagram,
  kindCode,
  type Notification,
  type SecurityLevel,
  type SeriesIdentity,
  signDatagram,
  valueKinds,
} from '@sidestep/collectd';
import { type FuzzTarget, hold, type Verdict } from '../fuzz-target.ts';

const USER = 'nfvmon';
const PASSWORD = 's3cret';
const passwordOf = (user: string): string | undefined => (user === USER ? PASSWORD : undefined);

const folder = new URL('../fixtures/', import.meta.url);
const real = readdirSync(folder)
  .filter((name) => name.endsWith('.bin'))
  .map((name): Uint8Array => readFileSync(new URL(name, folder)));
const told = encodeNotification({
  host: 'nfv-host-01',
  plugin: 'cpu',
  pluginInstance: '0',
  type: 'percent',
  typeInstance: 'idle',
  timeMs: 1_795_207_471_512,
  severity: 'warning',
  message: 'Host nfv-host-01, plugin cpu: percent is 99.5',
});
const seeds: [Uint8Array, ...Uint8Array[]] = [told, ...real];

const dictionary: Uint8Array[] = [
  [0x00, 0x00, 0x00, 0x05, 0x00],
  [0x00, 0x02, 0x00, 0x08, 0x63, 0x70, 0x75, 0x00],
  [0x00, 0x04, 0x00, 0x04],
  [0x00, 0x06, 0x00, 0x0f, 0x00, 0x01, 0x01],
  [0x00, 0x06, 0x00, 0x0f, 0x00, 0x01, 0x02, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  [0x00, 0x08, 0x00, 0x0c],
  [0x00, 0x01, 0x00, 0x0c, 0, 0, 0, 0, 0x6a, 0, 0, 0],
  [0x01, 0x00, 0x00, 0x06, 0x61, 0x00],
  [0x01, 0x01, 0x00, 0x0c, 0, 0, 0, 0, 0, 0, 0, 4],
  [0x02, 0x00, 0x00, 0x24],
  [0x02, 0x10, 0x00, 0x10],
  [0x00, 0x00, 0x00, 0x00],
  [0x00, 0x00, 0x00, 0x09, 0xef, 0xbb, 0xbf, 0x61, 0x00],
].map((bytes) => Uint8Array.from(bytes));

interface Reading {
  readonly identity: SeriesIdentity;
  readonly timeMs: number;
  readonly intervalMs: number;
  readonly kinds: Uint8Array;
  readonly values: Float64Array;
  readonly high: Int32Array;
  readonly low: Uint32Array;
}

/** The parser under test, and what it delivered of the last datagram. */
function recorder(level: SecurityLevel) {
  const readings: Reading[] = [];
  const notifications: Notification[] = [];
  const securities = new Set<SecurityLevel>();
  const parser: DatagramParser = createDatagramParser<SeriesIdentity>({
    level,
    passwordOf,
    maxIdentities: 20_000,
    seriesOf: (identity) => identity,
    onNotification: (notification, security) => {
      notifications.push(notification);
      securities.add(security);
    },
    onValues: ({ series, timeMs, intervalMs, security, count, kinds, values, high, low }) => {
      securities.add(security);
      readings.push({
        identity: series,
        timeMs,
        intervalMs,
        kinds: kinds.slice(0, count),
        values: values.slice(0, count),
        high: high.slice(0, count),
        low: low.slice(0, count),
      });
    },
  });
  return {
    readings,
    notifications,
    securities,
    parse: (input: Uint8Array) => {
      readings.length = 0;
      notifications.length = 0;
      securities.clear();
      return parser.parse(input);
    },
  };
}

const NAMES = ['host', 'plugin', 'pluginInstance', 'type', 'typeInstance'] as const;

/** A name of invalid UTF-8 grows in the decoding; only what still fits collectd's own limit can be sent again. */
const fitsAgain = (identity: SeriesIdentity): boolean =>
  NAMES.every((name) => Buffer.byteLength(identity[name]) < 256);

function check(reading: Reading, inputBytes: number): void {
  const { identity, timeMs, intervalMs, kinds, values, high, low } = reading;
  hold(kinds.length > 0 && kinds.length * 9 < inputBytes, 'more values than the datagram can hold');
  hold(Number.isFinite(timeMs) && timeMs > 0, 'a reading has a time');
  hold(Number.isFinite(intervalMs) && intervalMs >= 0, 'an interval is finite');
  hold(
    identity.host !== '' && identity.plugin !== '' && identity.type !== '',
    'a reading says who measured what',
  );
  for (const name of NAMES) {
    hold(identity[name].length <= 255 && !identity[name].includes('\0'), `${name} is a short text`);
  }
  for (const [at, kind] of kinds.entries()) {
    hold(kind <= 3, 'only known kinds of values are delivered');
    if (kind === kindCode.gauge) continue;
    const upper = kind === kindCode.derive ? (high[at] ?? 0) : (high[at] ?? 0) >>> 0;
    hold(values[at] === upper * 2 ** 32 + (low[at] ?? 0), 'the halves of an integer are its value');
  }
}

function valuesOf({ kinds, values, high, low }: Reading): EncodableValue[] {
  return Array.from(kinds, (code, at): EncodableValue => {
    const kind = valueKinds[code] ?? 'gauge';
    if (kind === 'gauge') return { kind, value: values[at] ?? Number.NaN };
    const signed = (BigInt(high[at] ?? 0) << 32n) | BigInt(low[at] ?? 0);
    return { kind, value: kind === 'derive' ? signed : BigInt.asUintN(64, signed) };
  });
}

const again = recorder('none');

/** What was understood, sent again and read again, is the same. */
function roundTrip(readings: readonly Reading[], inputBytes: number): void {
  if (readings.length === 0) return;
  const sendable = readings.filter(
    ({ identity, timeMs, intervalMs }) =>
      fitsAgain(identity) && Math.max(timeMs, intervalMs) < 4000 * 0x7fff_ffff,
  );
  const lists = sendable.map((reading) => ({
    ...reading.identity,
    timeMs: reading.timeMs,
    intervalMs: reading.intervalMs,
    values: valuesOf(reading),
  }));
  // A name of invalid UTF-8 may grow to thrice its length.
  const maxBytes = Math.min(65_507, 4096 + 3 * inputBytes);
  let at = 0;
  for (const datagram of encodeDatagrams(lists, { maxBytes })) {
    const result = again.parse(datagram);
    hold(result.ok, 'what we encode is read again');
    for (const reading of again.readings) {
      const before = sendable[at];
      at += 1;
      hold(before !== undefined, 'a reading more comes back');
      for (const name of NAMES) {
        hold(reading.identity[name] === before.identity[name], `${name} comes back the same`);
      }
      hold(Math.abs(reading.timeMs - before.timeMs) < 0.002, 'the time comes back');
      hold(Buffer.from(reading.kinds).equals(Buffer.from(before.kinds)), 'the kinds come back');
      for (const [value, kind] of before.kinds.entries()) {
        hold(
          kind === kindCode.gauge
            ? Object.is(reading.values[value], before.values[value])
            : (reading.high[value] ?? 0) === (before.high[value] ?? 0) &&
                (reading.low[value] ?? 0) === (before.low[value] ?? 0),
          'a value comes back to the last bit',
        );
      }
    }
  }
  hold(at === sendable.length, 'every reading comes back');
}

/** The same judgement of a signature or seal by other code. */
function isGenuine(input: Buffer, level: SecurityLevel): boolean {
  const length = input.readUInt16BE(2);
  if (level === 'signed') {
    const mac = createHmac('sha256', PASSWORD).update(input.subarray(36)).digest();
    return (
      input.subarray(36, length).equals(Buffer.from(USER)) && mac.equals(input.subarray(4, 36))
    );
  }
  const ivAt = 6 + USER.length;
  const key = createHash('sha256').update(PASSWORD).digest();
  // OFB is its own inverse.
  const cipher = createCipheriv('aes-256-ofb', key, input.subarray(ivAt, ivAt + 16));
  const opened = cipher.update(input.subarray(ivAt + 16));
  return (
    input.subarray(6, ivAt).equals(Buffer.from(USER)) &&
    createHash('sha1').update(opened.subarray(20)).digest().equals(opened.subarray(0, 20))
  );
}

function runOn(level: SecurityLevel): (input: Uint8Array) => Verdict {
  const { parse, readings, notifications, securities } = recorder(level);
  return (input) => {
    const result = parse(input);
    hold(result.valueLists === readings.length, 'every reading is counted');
    hold(result.notifications === notifications.length, 'every notification is counted');
    let values = 0;
    for (const reading of readings) {
      check(reading, input.length);
      values += reading.kinds.length;
    }
    hold(values === result.values, 'every value is counted');
    for (const { timeMs, message } of notifications) {
      hold(Number.isFinite(timeMs) && timeMs > 0, 'a notification has a time');
      hold(message.length <= 65_535, 'a message is bounded');
    }
    if (securities.size > 0 && level !== 'none') {
      hold(securities.size === 1 && securities.has(level), `${level} is what was asked for`);
      hold(isGenuine(Buffer.from(input), level), 'what is not genuine is not delivered');
    }
    roundTrip(readings, input.length);
    return result.ok ? 'accepted' : 'refused';
  };
}

/** collectd's datagrams as they come without protection. */
export const plainDatagrams = (): FuzzTarget => ({
  name: 'collectd plain',
  seeds,
  dictionary,
  run: runOn('none'),
});

/** Signed datagrams: a share is signed after the change, so that the fuzzer gets past the signature. */
export const signedDatagrams = (): FuzzTarget => ({
  name: 'collectd signed',
  seeds: [signDatagram(told, USER, PASSWORD), ...real.map((b) => signDatagram(b, USER, PASSWORD))],
  dictionary: [...dictionary, USER, PASSWORD],
  generate: (dice) => (dice.oneIn(500) ? signDatagram(told, `${USER}\ufeff`, PASSWORD) : undefined),
  seal: (input, dice) => {
    if (dice.oneIn(2)) return input;
    const body = input.subarray(Math.min(input.length, 36 + USER.length), 65_000);
    return signDatagram(body, USER, PASSWORD);
  },
  run: runOn('signed'),
});

/** Encrypted datagrams; the same. */
export const encryptedDatagrams = (): FuzzTarget => {
  const iv = new Uint8Array(16).fill(7);
  const sealed = (payload: Uint8Array): Uint8Array => encryptDatagram(payload, USER, PASSWORD, iv);
  return {
    name: 'collectd encrypted',
    seeds: [sealed(told), ...real.map(sealed)],
    dictionary: [...dictionary, USER],
    generate: (dice) => {
      if (dice.oneIn(2)) return undefined;
      const body = Buffer.from(dice.pick(seeds));
      const at = dice.below(body.length);
      body[at] = dice.below(256);
      return sealed(body.subarray(0, dice.oneIn(3) ? dice.below(body.length) : body.length));
    },
    run: runOn('encrypted'),
  };
};
