import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rig, type RigOptions, startRig } from './rig.ts';

/** A rig whose migration service can be struck at the points of an operation. */
export type StruckRig = {
  rig: Rig;
  /** The worker is struck at each of these, one after the other; none leaves it alone. */
  strikeAt(...lines: string[]): void;
  /** Starts a worker that has ended once more; one that is struck again before it answers is fine too. */
  reviveMigration(): Promise<void>;
  close(): Promise<void>;
};

export async function startStruckRig(options: RigOptions = {}): Promise<StruckRig> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-crash-'));
  const crashFile = join(folder, 'crash-at');
  const strikeAt = (...lines: string[]) => writeFileSync(crashFile, lines.join('\n'));
  strikeAt();
  const rig = await startRig({
    ...options,
    programs: { migration: new URL('migration-with-crash.ts', import.meta.url).pathname },
    settings: { SIDESTEP_CRASH_FILE: crashFile, SIDESTEP_SETTLE_MS: '200', ...options.settings },
  });
  return {
    rig,
    strikeAt,
    reviveMigration: async () => {
      await rig.stack.process('migration').ended;
      await rig.stack.restart('migration').catch(() => undefined);
    },
    close: async () => {
      await rig.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
