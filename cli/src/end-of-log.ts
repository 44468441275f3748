import { readFileSync, statSync } from 'node:fs';

const LAST_LINES = 8;

/** How much a log holds already, in bytes; 0 where there is none. */
export function sizeOfLog(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last lines that were added to a log after its first `from` bytes: what earlier starts have left is not of this one. */
export function endOfLog(file: string, from: number): string {
  const added = readFileSync(file).subarray(from).toString('utf8').trimEnd();
  return added === '' ? '(nothing)' : added.split('\n').slice(-LAST_LINES).join('\n');
}
