import type { DatabaseSync } from 'node:sqlite';
import type { SampleBatch } from '../../domain/series.ts';

const RECORD_BYTES = 20;

/** Samples as they came, until their minutes are packed: what a killed process reads back. */
export class Journal {
  readonly #insert;
  readonly #forget;
  readonly #list;
  readonly #db: DatabaseSync;
  #sequence: number;
  #buffer = Buffer.alloc(RECORD_BYTES * 4096);

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#insert = db.prepare('INSERT INTO journal (sequence, data) VALUES (?, ?)');
    this.#forget = db.prepare('DELETE FROM journal WHERE sequence = ?');
    this.#list = db.prepare('SELECT sequence FROM journal WHERE sequence <= ? ORDER BY sequence');
    const last = db.prepare('SELECT max(sequence) AS last FROM journal').get();
    this.#sequence = Number(last?.last ?? 0);
  }

  /** Sequence of the last entry. */
  get sequence(): number {
    return this.#sequence;
  }

  write(batch: SampleBatch, ids: Uint32Array): void {
    const bytes = batch.length * RECORD_BYTES;
    if (this.#buffer.length < bytes) this.#buffer = Buffer.alloc(bytes * 2);
    const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset, bytes);
    for (let at = 0, to = 0; at < batch.length; at += 1, to += RECORD_BYTES) {
      view.setUint32(to, ids[at] ?? 0, true);
      view.setFloat64(to + 4, batch.timeMs(at), true);
      view.setFloat64(to + 12, batch.value(at), true);
    }
    this.#insert.run(this.#sequence + 1, this.#buffer.subarray(0, bytes));
    this.#sequence += 1;
  }

  read(take: (seriesId: number, timeMs: number, value: number) => void): void {
    for (const row of this.#db.prepare('SELECT data FROM journal ORDER BY sequence').iterate()) {
      const data = row.data;
      if (!(data instanceof Uint8Array)) continue;
      const view = new DataView(data.buffer, data.byteOffset, data.length);
      for (let at = 0; at + RECORD_BYTES <= data.length; at += RECORD_BYTES) {
        take(
          view.getUint32(at, true),
          view.getFloat64(at + 4, true),
          view.getFloat64(at + 12, true),
        );
      }
    }
  }

  /** The entries up to one, the oldest first. */
  upTo(sequence: number): readonly number[] {
    return this.#list.all(sequence).map((row) => Number(row.sequence));
  }

  forget(sequence: number): void {
    this.#forget.run(sequence);
  }
}
