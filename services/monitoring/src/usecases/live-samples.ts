import { ProblemError } from '@sidestep/service-kit';
import type { SeriesEntry } from './series-catalogue.ts';

const MAX_READERS = 100;
const MAX_WAITING = 5_000;

interface Reader {
  readonly metric: string;
  readonly resource: string | undefined;
  waiting: string[];
  dropped: number;
  wake: () => void;
}

/** Hands samples on to whoever reads along; a slow reader misses some and is told how many. */
export class LiveSamples {
  readonly #readers = new Set<Reader>();

  publish(entry: SeriesEntry, timestampMs: number, value: number): void {
    if (this.#readers.size === 0) return;
    const { metric, resource, labels } = entry;
    for (const reader of this.#readers) {
      if (reader.metric !== metric) continue;
      if (reader.resource !== undefined && reader.resource !== resource) continue;
      if (reader.waiting.length >= MAX_WAITING) reader.dropped += 1;
      else {
        const data = JSON.stringify({ resource, metric, labels, timestampMs, value });
        reader.waiting.push(`event: sample\ndata: ${data}\n\n`);
      }
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

  /** Server-sent events until the signal. */
  read(
    filter: { readonly metric: string; readonly resource: string | undefined },
    signal: AbortSignal,
  ): AsyncIterable<string> {
    if (this.#readers.size >= MAX_READERS) {
      throw new ProblemError('TOO_MANY_REQUESTS', `${MAX_READERS} read along already`);
    }
    const reader: Reader = { ...filter, waiting: [], dropped: 0, wake: () => undefined };
    this.#readers.add(reader);
    signal.addEventListener('abort', () => {
      this.#readers.delete(reader);
      reader.wake();
    });
    return piecesOf(reader, signal);
  }
}

async function* piecesOf(reader: Reader, signal: AbortSignal): AsyncGenerator<string> {
  yield ': reading along\n\n';
  while (!signal.aborted) {
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
