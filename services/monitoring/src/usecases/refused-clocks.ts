/** A resource whose readings were refused for their time. */
export interface RefusedClock {
  readonly resource: string;
  /** The sender's clock against ours, positive when it runs ahead. */
  readonly skewMs: number;
  readonly refused: number;
  readonly atMs: number;
}

const MAX_RESOURCES = 1000;
/** What was refused longer ago is told no more. */
const TOLD_FOR_MS = 600_000;

/** Remembers whose clock is so far off that nothing of theirs is taken: of such a host nothing else tells. */
export class RefusedClocks {
  /** The latest last. */
  readonly #byResource = new Map<string, RefusedClock>();

  note(resource: string, skewMs: number, atMs: number): void {
    const before = this.#byResource.get(resource);
    const isOver = before === undefined || atMs - before.atMs > TOLD_FOR_MS;
    const refused = isOver ? 1 : before.refused + 1;
    this.#byResource.delete(resource);
    this.#byResource.set(resource, { resource, skewMs, refused, atMs });
    const [oldest] = this.#byResource.keys();
    if (this.#byResource.size > MAX_RESOURCES && oldest !== undefined) {
      this.#byResource.delete(oldest);
    }
  }

  /** Those of lately. */
  lately(nowMs: number): RefusedClock[] {
    return [...this.#byResource.values()].filter(({ atMs }) => nowMs - atMs <= TOLD_FOR_MS);
  }
}
