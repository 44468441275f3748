import { closeSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';

function holds(pid: number): boolean {
  try {
    process.kill(pid, 0); // Signal 0 only asks whether the process is there.
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

/**
 * Takes the cloud for one run of the suite, or answers the pid of the run that has it. Two runs at once would
 * clear away each other's servers, and fence hosts under each other's moves.
 */
export function takeExclusively(file: string): { release(): void } | { readonly heldBy: number } {
  for (;;) {
    try {
      const handle = openSync(file, 'wx', 0o600);
      writeSync(handle, String(process.pid));
      closeSync(handle);
      return { release: () => rmSync(file, { force: true }) };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const heldBy = Number(readFileSync(file, 'utf8'));
      if (heldBy !== process.pid && holds(heldBy)) return { heldBy };
      rmSync(file, { force: true }); // What a killed run left behind.
    }
  }
}
