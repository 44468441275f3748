import { type FuzzTarget, inputOf, type Verdict } from './fuzz-target.ts';

/** What came of some inputs. */
export interface Tally {
  accepted: number;
  refused: number;
}

/** An input for which something did not hold. */
export interface Failure {
  readonly target: string;
  readonly seed: number;
  readonly index: number;
  readonly message: string;
  /** The input itself. */
  readonly hex: string;
}

/** No input of at most half a mebibyte may take the processor longer. */
export const BUDGET_MS = 1000;

/** Feeds one input; the failure, if any. */
export function runInput(
  target: FuzzTarget,
  seed: number,
  index: number,
  tally: Tally,
): Failure | undefined {
  const input = inputOf(target, seed, index);
  const outcome = tryInput(target, input);
  if ('verdict' in outcome) {
    tally[outcome.verdict] += 1;
    if (outcome.verdict === 'accepted' || index >= target.seeds.length) return undefined;
  }
  const message =
    'message' in outcome ? outcome.message : 'a seed is refused: changes of it test little';
  return { target: target.name, seed, index, message, hex: Buffer.from(input).toString('hex') };
}

/** What comes of an input; a message where something does not hold. */
export function tryInput(
  target: FuzzTarget,
  input: Uint8Array,
): { readonly verdict: Verdict } | { readonly message: string } {
  try {
    const startedAt = performance.now();
    const verdict = target.run(input);
    if (performance.now() - startedAt <= BUDGET_MS) return { verdict };
    // Others use this machine as well: what counts is the processor's time, of another try.
    const before = process.cpuUsage();
    target.run(input);
    const { user, system } = process.cpuUsage(before);
    const tookMs = (user + system) / 1000;
    return tookMs <= BUDGET_MS ? { verdict } : { message: `took ${Math.round(tookMs)} ms` };
  } catch (error) {
    return { message: error instanceof Error ? String(error.stack) : String(error) };
  }
}
