import type { Cancel, Clock } from '../clock.ts';
import {
  advancePreCopy,
  beginPreCopy,
  forceStop,
  type PreCopyParams,
  type PreCopyState,
  remainingBytes,
  roundEndsInMs,
  sharedBandwidth,
} from '../pre-copy.ts';

/** A memory copy between two hosts, and what to do as it goes on. */
export interface CopyJob {
  readonly source: string;
  readonly target: string;
  readonly params: PreCopyParams;
  /** Stalls here; `never` lets it run. */
  readonly stallAtBytes: number | 'never';
  /** Breaks off here; `never` lets it run. */
  readonly failAtBytes: number | 'never';
  /** The guest has been stopped for the last round. */
  onStopped(): void;
  onDone(): void;
  onFailed(): void;
}

/** A handle of a copy under way. */
export interface RunningCopy {
  state(): PreCopyState;
  remainingBytes(): number;
  abort(): void;
  forceComplete(): void;
}

interface Copy {
  readonly job: CopyJob;
  state: PreCopyState;
  miBPerSecond: number;
  released: boolean;
}

const MIB = 1024 * 1024;

/** All copies of the cloud: each host's link is shared evenly by the copies on it. */
export class CopyPool {
  readonly #clock: Clock;
  readonly #linkMiBPerSecond: (host: string) => number;
  readonly #copies = new Set<Copy>();
  #lastMs: number;
  #cancel: Cancel | undefined;

  constructor(clock: Clock, linkMiBPerSecond: (host: string) => number) {
    this.#clock = clock;
    this.#linkMiBPerSecond = linkMiBPerSecond;
    this.#lastMs = clock.nowMs();
  }

  /** Copies that use a host's link. */
  countOn(host: string): number {
    let count = 0;
    for (const { job } of this.#copies) if (job.source === host || job.target === host) count += 1;
    return count;
  }

  start(job: CopyJob): RunningCopy {
    this.#catchUp();
    const copy: Copy = { job, state: beginPreCopy(job.params), miBPerSecond: 0, released: false };
    this.#copies.add(copy);
    this.#plan();
    return {
      state: () => {
        this.#catchUp();
        return copy.state;
      },
      remainingBytes: () => remainingBytes(copy.state),
      abort: () => {
        this.#catchUp();
        this.#copies.delete(copy);
        this.#plan();
      },
      forceComplete: () => {
        this.#catchUp();
        if (copy.state.phase !== 'copying') return;
        copy.state = forceStop(copy.state);
        copy.released = true;
        job.onStopped();
        this.#plan();
      },
    };
  }

  #limit(copy: Copy): number {
    const { stallAtBytes, failAtBytes } = copy.job;
    const stall =
      copy.released || stallAtBytes === 'never' ? Number.POSITIVE_INFINITY : stallAtBytes;
    return Math.min(stall, failAtBytes === 'never' ? Number.POSITIVE_INFINITY : failAtBytes);
  }

  /** Brings every copy to the present; ends what has ended meanwhile. */
  #catchUp(): void {
    const nowMs = this.#clock.nowMs();
    const passedMs = nowMs - this.#lastMs;
    this.#lastMs = nowMs;
    if (passedMs <= 0) return;
    for (const copy of [...this.#copies]) {
      const before = copy.state.phase;
      const toLimitMs = this.#toLimitMs(copy);
      const forMs = Math.min(passedMs, toLimitMs);
      copy.state = advancePreCopy(copy.job.params, copy.state, forMs, copy.miBPerSecond);
      if (toLimitMs <= passedMs && copy.job.failAtBytes !== 'never') this.#end(copy, 'failed');
      if (before === 'copying' && copy.state.phase !== 'copying') copy.job.onStopped();
      if (copy.state.phase === 'done') this.#end(copy, 'done');
    }
  }

  #end(copy: Copy, how: 'done' | 'failed'): void {
    if (!this.#copies.delete(copy)) return;
    if (how === 'done') copy.job.onDone();
    else copy.job.onFailed();
  }

  #toLimitMs(copy: Copy): number {
    const left = this.#limit(copy) - copy.state.processedBytes;
    if (!Number.isFinite(left)) return Number.POSITIVE_INFINITY;
    if (left <= 0) return 0;
    return copy.miBPerSecond > 0
      ? (left / (copy.miBPerSecond * MIB)) * 1000
      : Number.POSITIVE_INFINITY;
  }

  /** Shares the links anew and waits for the next event of any copy. */
  #plan(): void {
    this.#cancel?.();
    let nextMs = Number.POSITIVE_INFINITY;
    for (const copy of this.#copies) {
      const { source, target } = copy.job;
      copy.miBPerSecond = sharedBandwidth(
        { miBPerSecond: this.#linkMiBPerSecond(source), moves: this.countOn(source) },
        { miBPerSecond: this.#linkMiBPerSecond(target), moves: this.countOn(target) },
      );
      const toLimitMs = this.#toLimitMs(copy);
      const stalled = toLimitMs === 0 && copy.job.failAtBytes === 'never';
      const eventMs = Math.min(toLimitMs, roundEndsInMs(copy.state, copy.miBPerSecond));
      if (!stalled) nextMs = Math.min(nextMs, eventMs);
    }
    if (!Number.isFinite(nextMs)) return;
    this.#cancel = this.#clock.after(Math.max(1, Math.ceil(nextMs)), () => {
      this.#catchUp();
      this.#plan();
    });
  }

  /** Forgets everything. */
  close(): void {
    this.#cancel?.();
    this.#copies.clear();
  }
}
