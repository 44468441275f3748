/** Part types of collectd's binary network protocol (collectd wiki, "Binary protocol"). */
export const partType = {
  host: 0x0000,
  timeSeconds: 0x0001,
  plugin: 0x0002,
  pluginInstance: 0x0003,
  type: 0x0004,
  typeInstance: 0x0005,
  values: 0x0006,
  intervalSeconds: 0x0007,
  time: 0x0008,
  interval: 0x0009,
  message: 0x0100,
  severity: 0x0101,
  signature: 0x0200,
  encryption: 0x0210,
} as const;

/** What a value means: a counter wraps, a gauge is itself, a derive may fall, an absolute was reset by its reading. */
export type ValueKind = 'counter' | 'gauge' | 'derive' | 'absolute';

/** Kinds by their code on the wire. */
export const valueKinds: readonly ValueKind[] = ['counter', 'gauge', 'derive', 'absolute'];

/** Codes of the kinds on the wire, for comparing without strings. */
export const kindCode = { counter: 0, gauge: 1, derive: 2, absolute: 3 } as const satisfies Record<
  ValueKind,
  number
>;

/** Severity of a notification; the codes on the wire are 1, 2 and 4. */
export type Severity = 'failure' | 'warning' | 'okay';

/** Codes of the severities on the wire. */
export const severityCode = { failure: 1, warning: 2, okay: 4 } as const satisfies Record<
  Severity,
  number
>;

/** How a datagram was protected, and what a listener asks for at least. */
export type SecurityLevel = 'none' | 'signed' | 'encrypted';

/** Who measured what, as collectd names it; absent instances are empty strings. */
export interface SeriesIdentity {
  readonly host: string;
  readonly plugin: string;
  readonly pluginInstance: string;
  readonly type: string;
  readonly typeInstance: string;
}

/** A sentence from an agent about itself or a threshold of its own. */
export interface Notification extends SeriesIdentity {
  readonly timeMs: number;
  readonly severity: Severity;
  readonly message: string;
}

/** 2^32, the weight of the upper half of a 64-bit integer. */
export const TWO_POW_32 = 4_294_967_296;

/** collectd's 64-bit count of 2^-30 s, given as its halves, in milliseconds (exact to below a microsecond). */
export const highResolutionToMs = (high: number, low: number): number =>
  high * 4000 + low / 1_073_741.824;

/** Halves of collectd's 64-bit count of 2^-30 s for a time or duration in milliseconds. */
export function msToHighResolution(ms: number): { high: number; low: number } {
  const high = Math.floor(ms / 4000);
  const low = Math.round((ms - high * 4000) * 1_073_741.824);
  return low === TWO_POW_32 ? { high: high + 1, low: 0 } : { high, low };
}

/** Decodes names and messages; a byte order mark at their beginning is part of them, so that no two names become one. */
export const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
