import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inputOf } from './fuzz-target.ts';
import { BUDGET_MS, type Failure } from './run-chunk.ts';
import { targetNamed } from './targets.ts';
import type { Chunk, Report } from './worker.ts';

/** A worker reports five times a second; one that is silent for so long hangs. */
const SILENT_MS = 20 * BUDGET_MS;
/** A worker's heap; a leak of a few hundred bytes an input ends it. */
const HEAP_MIB = 384;
/** Memory that a worker may hold in all. */
export const MAX_RSS_BYTES = 640 * 1024 * 1024;

/** What came of a stretch of inputs. */
export interface ChunkResult extends Omit<Report, 'failures'> {
  readonly failures: readonly Failure[];
}

const nothing: Report = {
  next: 0,
  accepted: 0,
  refused: 0,
  cpuMs: 0,
  rssBytes: 0,
  failures: [],
};

/** Has a stretch of inputs tried in a process of its own; a hang or a crash is pinned to its input. */
export async function runChunk(
  chunk: Chunk,
  onProgress: (inputs: number) => void,
  silentMs = SILENT_MS,
): Promise<ChunkResult> {
  const { report, ended } = await runWorker(chunk, onProgress, silentMs);
  const failures = [...report.failures];
  if (ended === 'done' && report.rssBytes > MAX_RSS_BYTES) {
    const mebibytes = Math.round(report.rssBytes / 1024 ** 2);
    failures.push(await failureAt(chunk, report.next - 1, `${mebibytes} MiB are held`));
  }
  if (ended !== 'done') {
    // Once more, slower: with each index written down before its input is tried.
    const folder = mkdtempSync(join(tmpdir(), 'sidestep-fuzz-'));
    const trail = join(folder, 'trail');
    const again = await runWorker({ ...chunk, trail }, () => undefined, silentMs);
    const index = again.ended === 'done' ? report.next : Number(readFileSync(trail, 'utf8'));
    rmSync(folder, { recursive: true });
    failures.push(await failureAt(chunk, index, ended));
  }
  return { ...report, failures };
}

async function failureAt(
  { target: name, seed }: Chunk,
  index: number,
  message: string,
): Promise<Failure> {
  const input = inputOf(await targetNamed(name), seed, index);
  return { target: name, seed, index, message, hex: Buffer.from(input).toString('hex') };
}

async function runWorker(
  chunk: Chunk,
  onProgress: (inputs: number) => void,
  silentMs: number,
): Promise<{ report: Report; ended: 'done' | string }> {
  const child = fork(new URL('worker.ts', import.meta.url), [JSON.stringify(chunk)], {
    execArgv: [`--max-old-space-size=${HEAP_MIB}`, '--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  let report: Report = { ...nothing, next: chunk.from };
  let silentSince = performance.now();
  let hangs = false;
  const watch = setInterval(() => {
    hangs = performance.now() - silentSince > silentMs;
    if (hangs) child.kill('SIGKILL');
  }, 500);
  child.on('message', (message: Report) => {
    silentSince = performance.now();
    onProgress(message.next - report.next);
    report = {
      ...message,
      rssBytes: Math.max(report.rssBytes, message.rssBytes),
      failures: [...report.failures, ...message.failures],
    };
  });
  const [code, signal] = await exitOf(child);
  clearInterval(watch);
  if (hangs) return { report, ended: `hangs: nothing for ${silentMs / 1000} s` };
  return { report, ended: code === 0 ? 'done' : `the process ended: ${signal ?? `exit ${code}`}` };
}

async function exitOf(child: ChildProcess): Promise<[number | null, NodeJS.Signals | null]> {
  const [code, signal] = await once(child, 'exit');
  return [code, signal];
}
