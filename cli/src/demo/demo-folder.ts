import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { UsageError } from '../usage-error.ts';

/** Tells a demo's folder from one of real data; the demo's process is named in it. */
const MARK = '.sidestep-demo';

/** Where one run of the demo keeps everything, and nothing that was there before. */
export type DemoFolder = {
  path: string;
  /** Removes it where nobody asked for it to be kept. */
  leave(): void;
};

/**
 * A fresh folder: a temporary one, or `demo` below the given one, in place of an earlier demo's. What `start` keeps in
 * the given one is not touched, and a folder that no demo has made is refused.
 */
export function takeDemoFolder(dataDir: string | undefined): DemoFolder {
  const path =
    dataDir === undefined ? mkdtempSync(join(tmpdir(), 'sidestep-demo-')) : join(dataDir, 'demo');
  if (dataDir !== undefined) {
    refuseDemoFolder(dataDir);
    demandLeft(path);
    remove(path);
  }
  makeFolder(path, '--data-dir');
  writeFileSync(join(path, MARK), `${process.pid} ${bornAt(process.pid)}\n`, { mode: 0o600 });
  return {
    path,
    leave: () => {
      if (dataDir === undefined) remove(path);
    },
  };
}

/** Refuses a demo's own folder as the place of anything else: the next demo would remove it. */
export function refuseDemoFolder(dataDir: string): void {
  if (existsSync(join(dataDir, MARK))) {
    throw new UsageError(`--data-dir ${dataDir} is a demo's folder; give another`);
  }
}

function demandLeft(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || (found.isDirectory() && readdirSync(path).length === 0)) return;
  const mark = join(path, MARK);
  if (!existsSync(mark)) {
    throw new UsageError(
      `${path} is there and no demo has made it: move it, or give another --data-dir`,
    );
  }
  const [pid = '', born = ''] = readFileSync(mark, 'utf8').trim().split(' ');
  if (born !== '' && bornAt(Number(pid)) === born) {
    throw new UsageError(
      `a demo is running in ${path} (process ${pid}): end it, or give another --data-dir`,
    );
  }
}

/** When a process was started, in the kernel's ticks: its number alone may be another's by now. Empty: it has ended. */
function bornAt(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The 22nd field of proc(5); the second, a name, may hold anything but ends with the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}

function remove(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 3 });
}
