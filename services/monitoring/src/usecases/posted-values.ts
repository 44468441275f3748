import { kindCode, type ParsedValueList, type SeriesIdentity } from '@sidestep/collectd';

/** One entry of write_http's JSON; times in seconds. */
export interface JsonValueList {
  readonly values: readonly (number | null)[];
  readonly dstypes: readonly ('gauge' | 'derive' | 'counter' | 'absolute')[];
  readonly time: number;
  readonly interval: number;
  readonly host: string;
  readonly plugin: string;
  readonly plugin_instance?: string;
  readonly type: string;
  readonly type_instance?: string;
}

const MAX_POSTED_IDENTITIES = 1_000_000;

/** Reads write_http's value lists into the form of those that come by UDP; what it knows of an identity is made once. */
export class PostedValues<Series> {
  readonly #seriesOf: (identity: SeriesIdentity) => Series;
  readonly #known = new Map<string, Series>();

  constructor(seriesOf: (identity: SeriesIdentity) => Series) {
    this.#seriesOf = seriesOf;
  }

  /** `rates` where a counter as it stands was wanted (StoreRates). */
  read(list: JsonValueList): ParsedValueList<Series> | 'rates' {
    const count = list.values.length;
    const kinds = list.dstypes.map((kind) => kindCode[kind]);
    const values = list.values.map((value) => value ?? Number.NaN);
    const isRate = (value: number, at: number) =>
      kinds[at] !== kindCode.gauge && !Number.isInteger(value);
    if (kinds.length !== count || values.some(isRate)) return 'rates';
    return {
      series: this.#series(list),
      timeMs: list.time * 1000,
      intervalMs: list.interval * 1000,
      security: 'encrypted',
      count,
      kinds: Uint8Array.from(kinds),
      values: Float64Array.from(values),
      high: Int32Array.from(values, (value) => Math.floor(value / 2 ** 32)),
      low: Uint32Array.from(values, (value) => value - Math.floor(value / 2 ** 32) * 2 ** 32),
    };
  }

  #series(list: JsonValueList): Series {
    const identity: SeriesIdentity = {
      host: list.host,
      plugin: list.plugin,
      pluginInstance: list.plugin_instance ?? '',
      type: list.type,
      typeInstance: list.type_instance ?? '',
    };
    const key = JSON.stringify(Object.values(identity));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size > MAX_POSTED_IDENTITIES) this.#known.clear();
    const made = this.#seriesOf(identity);
    this.#known.set(key, made);
    return made;
  }
}
