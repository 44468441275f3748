import { EventReaders, type Stored } from '@sidestep/service-kit';
import { isTerminal, type Operation } from '../domain/operation.ts';
import type { Ledger } from './ledger.ts';

/** Readers at most, events that may wait for one, and operations that one may catch up on. */
export type StreamLimits = { readers: number; waiting: number; caughtUp: number };

const defaultLimits: StreamLimits = { readers: 100, waiting: 1_000, caughtUp: 5_000 };
/** Newest operations that are looked at beside those that go on: one may begin and end between two looks. */
const newest = 50;
const pageSize = 500;
/** A change is seen a moment after its time, so a reader that comes back is told some changes twice. */
const slackMs = 5_000;

/**
 * Tells readers of operations that have changed, whichever process changed them: the records are looked at while
 * anybody reads.
 */
export class LiveOperations {
  readonly #ledger: Ledger;
  readonly #show: (operation: Operation) => object;
  readonly #caughtUp: number;
  readonly #readers: EventReaders<null>;
  /** Versions that were told of; null while nobody reads. */
  #told: Map<string, number> | null = null;

  constructor(
    ledger: Ledger,
    show: (operation: Operation) => object,
    limits: StreamLimits = defaultLimits,
  ) {
    this.#ledger = ledger;
    this.#show = show;
    this.#caughtUp = limits.caughtUp;
    this.#readers = new EventReaders(limits);
  }

  /** Looks for changes since the last look. */
  async look(): Promise<void> {
    if (this.#readers.size === 0) this.#told = null;
    const told = this.#told;
    if (told === null) return;
    const recent = await this.#recent();
    const gone = [...told.keys()].filter((id) => !recent.has(id));
    const found = await Promise.all(gone.map((id) => this.#ledger.operation(id)));
    const all = [...recent.values(), ...found.filter((stored) => stored !== undefined)];
    this.#told = new Map(
      all
        .filter(({ id, value }) => recent.has(id) || !isTerminal(value.state))
        .map(({ id, version }) => [id, version]),
    );
    const changed = all.filter(({ id, version }) => told.get(id) !== version);
    for (const event of this.#events(changed)) this.#readers.tell(event);
  }

  /** A comment for everybody: proxies cut what is silent. */
  beat(): void {
    this.#readers.beat();
  }

  /** Server-sent events until the signal; first those that changed since, where that is given. */
  async read(sinceMs: number | null, signal: AbortSignal): Promise<AsyncIterable<string>> {
    // What there is when the first reader comes is no news.
    this.#told ??= new Map(
      [...(await this.#recent()).values()].map(({ id, version }) => [id, version]),
    );
    const missed = sinceMs === null ? [] : await this.#changedSince(sinceMs - slackMs);
    return this.#readers.read(null, signal, this.#events(missed));
  }

  /** Ends every reader's stream. */
  close(): void {
    this.#readers.close();
  }

  /** The operations that go on and the newest of all. */
  async #recent(): Promise<Map<string, Stored<Operation>>> {
    const [live, page] = await Promise.all([
      this.#ledger.live(),
      this.#ledger.operations({}, { limit: newest }),
    ]);
    return new Map([...page.items, ...live].map((stored) => [stored.id, stored]));
  }

  async #changedSince(sinceMs: number): Promise<Stored<Operation>[]> {
    const changed: Stored<Operation>[] = [];
    let cursor: string | undefined;
    for (let looked = 0; looked < this.#caughtUp; looked += pageSize) {
      const page = await this.#ledger.operations({}, { limit: pageSize, cursor });
      changed.push(...page.items.filter(({ value }) => value.updatedAtMs >= sinceMs));
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
    }
    return changed;
  }

  #events(changed: readonly Stored<Operation>[]): string[] {
    return changed
      .map(({ value }) => value)
      .toSorted((a, b) => a.updatedAtMs - b.updatedAtMs)
      .map((operation) => {
        const data = JSON.stringify(this.#show(operation));
        return `id: ${operation.updatedAtMs}\nevent: operation\ndata: ${data}\n\n`;
      });
  }
}
