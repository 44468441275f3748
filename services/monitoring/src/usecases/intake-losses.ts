import type { Clock, Log } from '@sidestep/service-kit';
import type { HandMark } from '../ports/hand-mark.ts';
import type { SampleBuffer } from './sample-buffer.ts';
import type { SampleIntake } from './take-samples.ts';

/** Whom the series about Monitoring itself are of. */
export const OWN_RESOURCE = 'sidestep-monitoring';

/** How often losses are measured. */
export const LOSSES_EVERY_MS = 10_000;

/** Counts what was taken in and never stored: in a killed process, for want of room, at the socket. */
export class IntakeLosses {
  readonly #buffer: SampleBuffer;
  readonly #kernelDrops: () => number;
  readonly #waiting: () => number;
  readonly #mark: HandMark | undefined;
  readonly #clock: Clock;
  readonly #log: Log;
  #takenBefore = 0;
  #counted = { samples: 0, datagrams: 0 };

  constructor(parts: {
    readonly buffer: SampleBuffer;
    readonly kernelDrops: () => number;
    /** Samples, about, of datagrams that were received and not looked at yet. */
    readonly waiting: () => number;
    readonly mark: HandMark | undefined;
    readonly clock: Clock;
    readonly log: Log;
  }) {
    this.#buffer = parts.buffer;
    this.#kernelDrops = parts.kernelDrops;
    this.#waiting = parts.waiting;
    this.#mark = parts.mark;
    this.#clock = parts.clock;
    this.#log = parts.log;
  }

  /** What an earlier process had in hand when it was killed is lost; told as a gap until now. */
  load(): void {
    const left = this.#mark?.read();
    if (left === undefined) return;
    const gap = { samples: left.samples, fromMs: left.atMs, toMs: this.#clock.now() };
    this.#log.warn(gap, 'The process before this one was killed: what it had in hand is lost');
    this.#buffer.lost({ ...gap, cause: 'killed' });
  }

  /**
   * Notes what would be lost now: what waits in memory, and once more what came since the note before, as that will have come
   * when the next is made. Called before each flush.
   */
  note(): void {
    if (this.#mark === undefined) return;
    const { inMemory, taken } = this.#buffer;
    const came = taken - this.#takenBefore;
    this.#takenBefore = taken;
    try {
      const samples = inMemory + came + this.#waiting();
      this.#mark.write({ atMs: this.#clock.now(), samples });
    } catch (error) {
      this.#log.debug({ error }, 'What is in hand could not be noted');
    }
  }

  /** Nothing is in hand any more. */
  clear(): void {
    this.#mark?.clear();
  }

  /** Writes what was lost since the last time as series, so that an ordinary rule raises the alarm. */
  measure(intake: Pick<SampleIntake, 'catalogue' | 'take'>): void {
    const now = { samples: this.#buffer.dropped, datagrams: this.#kernelDrops() };
    const write = (metric: string, value: number): void => {
      const key = { resource: OWN_RESOURCE, metric, labels: {} };
      const { catalogue } = intake;
      const entry = catalogue.isFull ? catalogue.find(key) : catalogue.entry(key);
      if (entry === undefined) return;
      intake.take(entry, this.#clock.now(), Math.max(0, value), LOSSES_EVERY_MS);
    };
    write('telemetry.samplesLost', now.samples - this.#counted.samples);
    write('telemetry.datagramsDropped', now.datagrams - this.#counted.datagrams);
    this.#counted = now;
  }
}
