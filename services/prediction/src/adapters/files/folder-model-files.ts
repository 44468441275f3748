import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelFiles } from '../../ports/model-files.ts';

/** Larger files are none of ours. */
const maxBytes = 256 * 1024 * 1024;

/** Models as files of a folder. */
export function folderModelFiles(folder: string): ModelFiles {
  const pathOf = (version: string): string => {
    if (!/^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/.test(version))
      throw new RangeError('no name of a model file');
    return join(folder, `${version}.model`);
  };
  return {
    save: async (version, bytes) => {
      await mkdir(folder, { recursive: true });
      const path = pathOf(version);
      const partial = `${path}.partial`;
      const file = await open(partial, 'w');
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, path);
      return sha256(bytes);
    },
    remove: (version) => rm(pathOf(version), { force: true }),
    read: async (version) => {
      try {
        const bytes = await readFile(pathOf(version));
        if (bytes.length > maxBytes) throw new RangeError(`the model file ${version} is too large`);
        return { bytes: new Uint8Array(bytes), checksum: sha256(bytes) };
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'missing';
        throw error;
      }
    },
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
