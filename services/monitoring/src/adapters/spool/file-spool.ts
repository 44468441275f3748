import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { extentOf, type Gap, type Spool } from '../../ports/spool.ts';
import { packBatch, unpackBatch } from './packed-batch.ts';

interface SpoolFile extends Gap {
  readonly path: string;
  readonly bytes: number;
}

/** The extent stands in the name, so that a file that cannot be read still tells what is lost. */
const NAME = /^(\d{12})-(\d+)-(\d+)-(\d+)\.batch$/;

/** A spool in a folder, a file a batch, of at most so many bytes; what an earlier process left comes first. */
export function fileSpool(folder: string, maxBytes: number): Spool {
  mkdirSync(folder, { recursive: true });
  const files: SpoolFile[] = [];
  let sequence = 0;
  let bytes = 0;
  let samples = 0;
  const add = (file: SpoolFile): void => {
    files.push(file);
    bytes += file.bytes;
    samples += file.samples;
  };
  for (const name of readdirSync(folder).sort()) {
    const [, number, count, fromMs, toMs] = NAME.exec(name) ?? [];
    const path = join(folder, name);
    // A file of another name was being written when the process ended.
    if (number === undefined) rmSync(path, { force: true });
    else {
      sequence = Number(number);
      const extent = { samples: Number(count), fromMs: Number(fromMs), toMs: Number(toMs) };
      add({ ...extent, path, bytes: statSync(path).size });
    }
  }
  const dropOldest = (): void => {
    const file = files.shift();
    if (file === undefined) return;
    bytes -= file.bytes;
    samples -= file.samples;
    rmSync(file.path, { force: true });
  };

  return {
    get samples() {
      return samples;
    },
    push: (batch, lost) => {
      const packed = packBatch(batch);
      for (let oldest = files[0]; oldest !== undefined; oldest = files[0]) {
        if (bytes + packed.length <= maxBytes) break;
        dropOldest();
        lost({ samples: oldest.samples, fromMs: oldest.fromMs, toMs: oldest.toMs });
      }
      sequence += 1;
      const extent = extentOf(batch);
      const [from, to] = [Math.floor(extent.fromMs), Math.ceil(extent.toMs)];
      const name = `${String(sequence).padStart(12, '0')}-${extent.samples}-${from}-${to}.batch`;
      const path = join(folder, name);
      writeNew(`${path}.part`, packed);
      renameSync(`${path}.part`, path);
      add({ samples: extent.samples, fromMs: from, toMs: to, path, bytes: packed.length });
    },
    oldest: () => {
      const file = files[0];
      if (file === undefined) return undefined;
      try {
        return unpackBatch(readFileSync(file.path));
      } catch {
        return { samples: file.samples, fromMs: file.fromMs, toMs: file.toMs };
      }
    },
    dropOldest,
  };
}

/** Writes a file; of one that could not be written, as on a full disk, nothing stays. */
function writeNew(path: string, bytes: Buffer): void {
  try {
    write(path, bytes);
  } catch (error) {
    rmSync(path, { force: true });
    throw error;
  }
}

function write(path: string, bytes: Buffer): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
