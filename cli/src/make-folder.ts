import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UsageError } from './usage-error.ts';

/** Makes a folder that only this user can read, and those above it; refuses with one line where that cannot be. */
export function makeFolder(path: string, flag: string): void {
  try {
    makeEach(resolve(path));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${flag} ${path} cannot be used: ${why}`);
  }
}

// One folder at a time: Node's own `recursive` never ends where the system refuses every child with ENOENT, as /proc does.
function makeEach(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found !== undefined) throw new Error('it is no folder');
  makeEach(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
