/** A process that feeds a stretch of inputs to one parser and tells its parent how it gets on. */
import { openSync, writeSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Failure, runInput, type Tally } from './run-chunk.ts';
import { targetNamed } from './targets.ts';

/** A stretch of inputs of one target. */
export interface Chunk {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
  /** Where to write down each input's index before it is tried, so that a hang or a crash can be pinned down. */
  readonly trail?: string;
}

/** What a worker tells. */
export interface Report extends Tally {
  readonly next: number;
  /** Processor time, of making the inputs as well. */
  readonly cpuMs: number;
  readonly rssBytes: number;
  readonly failures: readonly Failure[];
}

const SLICE_MS = 200;
const MAX_FAILURES = 20;

const chunk = JSON.parse(process.argv[2] ?? '{}') as Chunk;
const target = await targetNamed(chunk.target);
const trail = chunk.trail === undefined ? undefined : openSync(chunk.trail, 'w');
const tally: Tally = { accepted: 0, refused: 0 };
const seen = new Set<string>();
const startCpu = process.cpuUsage();
let next = chunk.from;

while (next < chunk.to && seen.size < MAX_FAILURES) {
  const failures: Failure[] = [];
  const startedAt = performance.now();
  while (next < chunk.to && performance.now() - startedAt < SLICE_MS) {
    if (trail !== undefined) writeSync(trail, String(next).padStart(12), 0);
    const failure = runInput(target, chunk.seed, next, tally);
    next += 1;
    if (failure === undefined) continue;
    // One of each kind says enough.
    const kind = failure.message.split('\n')[0]?.replaceAll(/\d+/g, '#') ?? '';
    if (!seen.has(kind)) failures.push(failure);
    seen.add(kind);
  }
  const { user, system } = process.cpuUsage(startCpu);
  const report: Report = {
    ...tally,
    next,
    cpuMs: (user + system) / 1000,
    rssBytes: process.memoryUsage.rss(),
    failures,
  };
  process.send?.(report);
  await nextTurn();
}
process.disconnect?.();
