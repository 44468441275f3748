import type { SampleBatch, SeriesKey } from '../../domain/series.ts';
import { escapeField, linePrefix } from './line-protocol.ts';
import { placeOf } from './metric-place.ts';

/** Points of the same table and tags; the newest of them is still being put together. */
interface Group {
  readonly prefix: string;
  /** Fields so far; empty: none is open. */
  fields: string;
  timeMs: number;
  readonly slots: Map<string, Slot>;
}

/** A field of a group: one, however often its series was named. */
interface Slot {
  readonly group: Group;
  /** `name=`, escaped. */
  readonly field: string;
  /** Of the value that was put into the open point last. */
  timeMs: number;
}

/**
 * Turns batches into lines of line protocol: values of one table, resource and time become the fields of one point. An InfluxDB
 * spends most of its effort on a point, little on a field.
 */
export class PointLines {
  readonly #slots = new WeakMap<SeriesKey, Slot>();
  readonly #groups = new Map<string, Group>();

  lines(batch: SampleBatch): string[] {
    const lines: string[] = [];
    const open = new Set<Group>();
    const close = (group: Group): void => {
      lines.push(`${group.prefix}${group.fields} ${group.timeMs}`);
      group.fields = '';
    };
    for (let at = 0; at < batch.length; at += 1) {
      const series = batch.series[at];
      if (series === undefined) continue;
      const slot = this.#slots.get(series) ?? this.#slotOf(series);
      const { group } = slot;
      const timeMs = Math.floor(batch.timeMs(at));
      // A second value of one series and time is a point of its own: the later line counts.
      const isAnother = group.timeMs !== timeMs || slot.timeMs === timeMs;
      if (group.fields !== '' && isAnother) close(group);
      if (group.fields === '') {
        open.add(group);
        group.timeMs = timeMs;
        group.fields = ` ${slot.field}${batch.value(at)}`;
      } else group.fields += `,${slot.field}${batch.value(at)}`;
      slot.timeMs = timeMs;
    }
    for (const group of open) if (group.fields !== '') close(group);
    return lines;
  }

  #slotOf(series: SeriesKey): Slot {
    const labelled = Object.keys(series.labels).length > 0;
    const place = placeOf(series.metric, labelled);
    const prefix = linePrefix(series, place, place.table);
    const known = this.#groups.get(prefix);
    const group: Group = known ?? { prefix, fields: '', timeMs: Number.NaN, slots: new Map() };
    if (known === undefined) this.#groups.set(prefix, group);
    const field = `${escapeField(place.field)}=`;
    const slot = group.slots.get(field) ?? { group, field, timeMs: Number.NaN };
    group.slots.set(field, slot);
    this.#slots.set(series, slot);
    return slot;
  }
}
