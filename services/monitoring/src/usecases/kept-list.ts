import type { Records, Stored } from '@sidestep/service-kit';

/** A short list of documents of one kind, kept in the records and held in memory. */
export class KeptList<T extends { readonly id: string }> {
  readonly #records: Records;
  readonly #kind: string;
  readonly #held = new Map<string, Stored<T>>();

  constructor(records: Records, kind: string) {
    this.#records = records;
    this.#kind = kind;
  }

  /** Takes what was kept. */
  async load(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<T>(this.#kind, {
        order: 'oldest',
        limit: 1000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const stored of page.items) this.#held.set(stored.id, stored);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  all(): T[] {
    return [...this.oldestFirst()];
  }

  /** One after another, for who may stop early. */
  *oldestFirst(): Generator<T> {
    for (const { value } of this.#held.values()) yield value;
  }

  get(id: string): T | undefined {
    return this.#held.get(id)?.value;
  }

  get size(): number {
    return this.#held.size;
  }

  async put(value: T): Promise<void> {
    const { id } = value;
    const version = this.#held.get(id)?.version;
    await this.#records.commit([{ kind: this.#kind, id, expected: version ?? 'absent', value }]);
    this.#held.set(id, { id, version: (version ?? 0) + 1, value });
  }

  /** Nothing happens when there is none. */
  async remove(id: string): Promise<void> {
    const version = this.#held.get(id)?.version;
    if (version === undefined) return;
    await this.#records.commit([{ kind: this.#kind, id, expected: version, value: null }]);
    this.#held.delete(id);
  }
}
