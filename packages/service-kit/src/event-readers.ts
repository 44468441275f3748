import { ProblemError } from './problem.ts';

type Reader<About> = {
  about: About;
  waiting: string[];
  dropped: number;
  gone: boolean;
  wake(): void;
};

/** Those who read server-sent events along; a slow reader misses some and is told how many. */
export class EventReaders<About> {
  readonly #readers = new Set<Reader<About>>();
  readonly #most: { readers: number; waiting: number };

  /** `most`: readers at a time, and events that may wait for one. */
  constructor(most: { readers: number; waiting: number }) {
    this.#most = most;
  }

  get size(): number {
    return this.#readers.size;
  }

  /** Hands an event, as it is to be written, to every reader that it concerns. */
  tell(event: string, concerns: (about: About) => boolean = () => true): void {
    for (const reader of this.#readers) {
      if (!concerns(reader.about)) continue;
      if (reader.waiting.length >= this.#most.waiting) reader.dropped += 1;
      else reader.waiting.push(event);
      reader.wake();
    }
  }

  /** A comment for everybody: proxies cut what is silent. */
  beat(): void {
    for (const reader of this.#readers) {
      if (reader.waiting.length === 0) reader.waiting.push(': still here\n\n');
      reader.wake();
    }
  }

  /** What is told from now on, until the signal or `close`; `first` is told before. */
  read(about: About, signal: AbortSignal, first: readonly string[] = []): AsyncIterable<string> {
    const { readers, waiting } = this.#most;
    if (this.#readers.size >= readers) {
      throw new ProblemError('TOO_MANY_REQUESTS', `${readers} read along already`);
    }
    const reader: Reader<About> = {
      about,
      // What is newest counts most where not all of it may wait.
      waiting: first.slice(-waiting),
      dropped: Math.max(0, first.length - waiting),
      gone: signal.aborted,
      wake: () => undefined,
    };
    this.#readers.add(reader);
    if (signal.aborted) this.#leave(reader);
    signal.addEventListener('abort', () => this.#leave(reader));
    return piecesOf(reader);
  }

  /** Ends every reader's stream. */
  close(): void {
    for (const reader of this.#readers) this.#leave(reader);
  }

  #leave(reader: Reader<About>): void {
    this.#readers.delete(reader);
    reader.gone = true;
    reader.wake();
  }
}

async function* piecesOf<About>(reader: Reader<About>): AsyncGenerator<string> {
  yield ': reading along\n\n';
  while (!reader.gone) {
    if (reader.waiting.length === 0 && reader.dropped === 0) {
      await new Promise<void>((resolve) => {
        reader.wake = resolve;
      });
      continue;
    }
    const { waiting, dropped } = reader;
    reader.waiting = [];
    reader.dropped = 0;
    if (dropped > 0) waiting.push(`event: dropped\ndata: ${dropped}\n\n`);
    yield waiting.join('');
  }
}
