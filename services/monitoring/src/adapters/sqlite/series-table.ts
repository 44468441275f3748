import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { labelsText, type SeriesKey, seriesText } from '../../domain/series.ts';
import type { SeriesFilter } from '../../ports/series-store.ts';
import type { OpenMinute } from './open-minute.ts';

/** A known series and its minutes that are not packed yet. */
export interface SeriesRow {
  readonly id: number;
  readonly key: SeriesKey;
  readonly text: string;
  /** Oldest first. */
  open: OpenMinute[];
  /** The newest minute that the store or memory ever held; undefined until looked up. */
  newestMinute: number | undefined;
  dirty: boolean;
}

/** Lists of metrics whose series are kept in order. */
const SORTED_KEPT = 50;

/** All series, in memory, by place, by identity and by metric. */
export class SeriesTable {
  readonly #insert: StatementSync;
  /** Key objects by the place that they name, and their rows: quicker than any map, and nothing for the garbage collector. */
  #placedKeys: SeriesKey[] = [];
  #placedRows: SeriesRow[] = [];
  readonly #byText = new Map<string, SeriesRow>();
  readonly #byMetric = new Map<string, SeriesRow[]>();
  readonly #byId = new Map<number, SeriesRow>();
  #lastId = 0;
  /** All series of metrics that were asked for, in order: of a large fleet sorting them takes longer than reading some. */
  readonly #sorted = new Map<string, readonly SeriesRow[]>();

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare(
      'INSERT OR IGNORE INTO series (id, resource, metric, labels) VALUES (?, ?, ?, ?)',
    );
    for (const row of db.prepare('SELECT id, resource, metric, labels FROM series').iterate()) {
      const id = Number(row.id);
      const key = {
        resource: String(row.resource),
        metric: String(row.metric),
        labels: JSON.parse(String(row.labels)),
        place: id,
      };
      this.#remember(id, key, undefined);
    }
  }

  get size(): number {
    return this.#byId.size;
  }

  all(): Iterable<SeriesRow> {
    return this.#byId.values();
  }

  byId(id: number): SeriesRow | undefined {
    return this.#byId.get(id);
  }

  find(key: SeriesKey): SeriesRow | undefined {
    const { place } = key;
    // Anybody may name a place; only the object that was put there, or the table's own, is the one.
    if (place !== undefined) {
      if (this.#placedKeys[place] === key) return this.#placedRows[place];
      const own = this.#byId.get(place);
      if (own?.key === key) return own;
    }
    const row = this.#byText.get(seriesText(key));
    if (row !== undefined) this.#put(key, row);
    return row;
  }

  /** Within a transaction; after its rollback call forgetAfter. */
  findOrAdd(key: SeriesKey): SeriesRow {
    const known = this.find(key);
    if (known !== undefined) return known;
    const id = this.#lastId + 1;
    const { resource, metric, labels } = key;
    const own = { resource, metric, labels: { ...labels }, place: id };
    this.#insert.run(id, own.resource, own.metric, labelsText(own.labels));
    const row = this.#remember(id, own, -1);
    this.#put(key, row);
    return row;
  }

  /** After a rollback: forgets the series that the transaction added. */
  forgetAfter(id: number): void {
    for (let gone = id + 1; gone <= this.#lastId; gone += 1) {
      const row = this.#byId.get(gone);
      if (row === undefined) continue;
      this.#byId.delete(gone);
      this.#byText.delete(row.text);
      const rows = this.#byMetric.get(row.key.metric) ?? [];
      this.#byMetric.set(
        row.key.metric,
        rows.filter((other) => other !== row),
      );
    }
    this.#placedKeys = [];
    this.#placedRows = [];
    this.#sorted.clear();
    this.#lastId = id;
  }

  get lastId(): number {
    return this.#lastId;
  }

  matching(filter: SeriesFilter): readonly SeriesRow[] {
    const names = [...new Set(filter.metrics)];
    if (filter.resources === undefined) return this.#allOf(names);
    const resources = new Set(filter.resources);
    return this.#allOf(names).filter((row) => resources.has(row.key.resource));
  }

  #allOf(names: readonly string[]): readonly SeriesRow[] {
    const metrics = JSON.stringify(names);
    const known = this.#sorted.get(metrics);
    if (known !== undefined) return known;
    const rows = inOrder(this.#of(names));
    if (this.#sorted.size >= SORTED_KEPT) this.#sorted.clear();
    this.#sorted.set(metrics, rows);
    return rows;
  }

  #of(names: readonly string[]): SeriesRow[] {
    return names.flatMap((metric) => this.#byMetric.get(metric) ?? []);
  }

  #put(key: SeriesKey, row: SeriesRow): void {
    if (key.place === undefined) return;
    this.#placedKeys[key.place] = key;
    this.#placedRows[key.place] = row;
  }

  #remember(id: number, key: SeriesKey, newestMinute: number | undefined): SeriesRow {
    const text = seriesText(key);
    const row: SeriesRow = { id, key, text, open: [], newestMinute, dirty: false };
    this.#byId.set(id, row);
    this.#byText.set(text, row);
    const rows = this.#byMetric.get(key.metric);
    if (rows === undefined) this.#byMetric.set(key.metric, [row]);
    else rows.push(row);
    if (id > this.#lastId) this.#lastId = id;
    this.#sorted.clear();
    return row;
  }
}

const inOrder = (rows: SeriesRow[]): SeriesRow[] => rows.sort((a, b) => (a.text < b.text ? -1 : 1));
