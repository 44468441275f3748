import { EventReaders } from '@sidestep/service-kit';
import type { SeriesEntry } from './series-catalogue.ts';

type Wanted = { readonly metric: string; readonly resource: string | undefined };

/** Hands samples on to whoever reads along. */
export class LiveSamples {
  readonly #readers = new EventReaders<Wanted>({ readers: 100, waiting: 5_000 });

  publish(entry: SeriesEntry, timestampMs: number, value: number): void {
    if (this.#readers.size === 0) return;
    const { metric, resource, labels } = entry;
    const data = JSON.stringify({ resource, metric, labels, timestampMs, value });
    this.#readers.tell(
      `event: sample\ndata: ${data}\n\n`,
      (wanted) =>
        wanted.metric === metric && (wanted.resource === undefined || wanted.resource === resource),
    );
  }

  /** A comment for everybody: proxies cut what is silent. */
  beat(): void {
    this.#readers.beat();
  }

  /** Server-sent events until the signal. */
  read(wanted: Wanted, signal: AbortSignal): AsyncIterable<string> {
    return this.#readers.read(wanted, signal);
  }
}
