/**
 * Feeds every parser with hostile input in processes of their own, two at a time, and demands that each input is refused in
 * the parser's own words or that what is promised of it holds.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type ChunkResult, MAX_RSS_BYTES, runChunk } from './chunk-process.ts';
import { type Failure, tryInput } from './run-chunk.ts';
import { inputsOf, targetNamed, targetNames } from './targets.ts';
import type { Chunk } from './worker.ts';

const WORKERS = 2;
/** Short enough that both workers end at about the same time. */
const CHUNK_INPUTS = 250_000;
const SHOW_EVERY_MS = 10_000;

const folder = fileURLToPath(new URL('../../.sidestep/fuzz', import.meta.url));
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '10000000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    replay: { type: 'string' },
  },
});

process.exitCode =
  values.replay === undefined
    ? await fuzz(Number(values.inputs), Number(values.seed), values.only)
    : await replay(values.replay);

async function fuzz(inputs: number, seed: number, only: string | undefined): Promise<number> {
  const names = targetNames.filter((name) => only === undefined || name === only);
  if (names.length === 0) {
    process.stderr.write(`there is no parser ${only}; there are ${targetNames.join(', ')}\n`);
    return 2;
  }
  const chunks = names.flatMap((name) =>
    chunksOf(name, seed, only === undefined ? inputsOf(name, inputs) : inputs),
  );
  const total = chunks.reduce((sum, { from, to }) => sum + to - from, 0);
  const results = new Map<string, ChunkResult[]>();
  const startedAt = performance.now();
  let done = 0;
  const seconds = () => (performance.now() - startedAt) / 1000;
  say(`${total.toLocaleString('en')} inputs for ${names.length} parsers, seed ${seed}`);
  const show = setInterval(() => {
    say(`  ${((100 * done) / total).toFixed(0)} % after ${seconds().toFixed(0)} s`);
  }, SHOW_EVERY_MS);
  const waiting = [...chunks];
  const work = async (): Promise<void> => {
    for (let chunk = waiting.shift(); chunk !== undefined; chunk = waiting.shift()) {
      const result = await runChunk(chunk, (more) => {
        done += more;
      });
      results.set(chunk.target, [...(results.get(chunk.target) ?? []), result]);
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  clearInterval(show);
  const failed = names.filter((name) => !isGreen(name, results.get(name) ?? []));
  printTable(names, results);
  const most = Math.round(MAX_RSS_BYTES / 1024 ** 2);
  const cpuMs = [...results.values()].flat().reduce((sum, result) => sum + result.cpuMs, 0);
  say(
    `${done.toLocaleString('en')} inputs in ${seconds().toFixed(0)} s, ${(cpuMs / 1000).toFixed(0)} s of processor time; bound of memory ${most} MiB a worker`,
  );
  say(`${names.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0 ? 0 : 1;
}

function chunksOf(target: string, seed: number, inputs: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let from = 0; from < inputs; from += CHUNK_INPUTS) {
    chunks.push({ target, seed, from, to: Math.min(inputs, from + CHUNK_INPUTS) });
  }
  return chunks;
}

/** Tells of what failed and keeps it; a parser that took nothing was not tested. */
function isGreen(name: string, results: readonly ChunkResult[]): boolean {
  const failures = results.flatMap((result) => result.failures);
  for (const failure of failures) say(`FAIL ${name}: ${failure.message}\n     ${keep(failure)}`);
  const accepted = results.reduce((sum, result) => sum + result.accepted, 0);
  if (accepted === 0) say(`FAIL ${name}: it took nothing`);
  return failures.length === 0 && accepted > 0;
}

function keep(failure: Failure): string {
  mkdirSync(folder, { recursive: true });
  const name = `${failure.target.replaceAll(/[^\w.]+/g, '-')}-${failure.seed}-${failure.index}.json`;
  const path = join(folder, name);
  writeFileSync(path, `${JSON.stringify(failure, null, 2)}\n`);
  return `./sidestep test fuzz --replay ${path}`;
}

function printTable(names: readonly string[], results: ReadonlyMap<string, ChunkResult[]>): void {
  say('\n| parser | inputs | accepted | refused | inputs/s of a core | peak RSS MiB |');
  say('|---|---:|---:|---:|---:|---:|');
  for (const name of names) {
    const own = results.get(name) ?? [];
    const sum = (read: (result: ChunkResult) => number) =>
      own.reduce((total, result) => total + read(result), 0);
    const accepted = sum((result) => result.accepted);
    const refused = sum((result) => result.refused);
    const perSecond =
      ((accepted + refused) * 1000) /
      Math.max(
        1,
        sum(({ cpuMs }) => cpuMs),
      );
    const rss = Math.max(0, ...own.map(({ rssBytes }) => rssBytes)) / 1024 ** 2;
    const cells = [accepted + refused, accepted, refused, perSecond, rss].map((value) =>
      Math.round(value).toLocaleString('en'),
    );
    say(`| ${[name, ...cells].join(' | ')} |`);
  }
  say('');
}

async function replay(path: string): Promise<number> {
  let failure: Failure;
  try {
    failure = JSON.parse(readFileSync(path, 'utf8')) as Failure;
  } catch {
    process.stderr.write(`${path} is no failure that a run has kept\n`);
    return 2;
  }
  const target = await targetNamed(failure.target);
  const input = Buffer.from(failure.hex, 'hex');
  say(`${failure.target}, seed ${failure.seed}, input ${failure.index}, ${input.length} bytes:`);
  say(`${JSON.stringify(input.toString('latin1').slice(0, 2000))}\n`);
  const outcome = tryInput(target, input);
  say('message' in outcome ? outcome.message : `it is ${outcome.verdict} now`);
  say('message' in outcome ? '0 passed, 1 failed' : '1 passed, 0 failed');
  return 'message' in outcome ? 1 : 0;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
