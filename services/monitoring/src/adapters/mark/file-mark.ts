import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HandMark } from '../../ports/hand-mark.ts';

const BYTES = 40;

/**
 * A mark in a file of one line, written in place. Not synced: it has to outlive the process, and a power cut loses more than it
 * could tell.
 */
export function fileMark(path: string): HandMark {
  let file: number | undefined;
  return {
    read: () => {
      let text: string;
      try {
        text = readFileSync(path, 'utf8');
      } catch {
        return undefined;
      }
      const [, atMs, samples] = /^(\d{1,15}) (\d{1,15}) *\n$/.exec(text) ?? [];
      return atMs === undefined ? undefined : { atMs: Number(atMs), samples: Number(samples) };
    },
    write: ({ atMs, samples }) => {
      if (file === undefined) {
        mkdirSync(dirname(path), { recursive: true });
        file = openSync(path, 'w', 0o600);
      }
      writeSync(file, `${`${atMs} ${samples}`.padEnd(BYTES - 1)}\n`, 0);
    },
    clear: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
      rmSync(path, { force: true });
    },
  };
}
