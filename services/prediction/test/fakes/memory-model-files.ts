import { createHash } from 'node:crypto';
import type { ModelFiles } from '../../src/ports/model-files.ts';

export type MemoryModelFiles = ModelFiles & { files: Map<string, Uint8Array> };

/** Model files in memory; a test may spoil them. */
export function memoryModelFiles(): MemoryModelFiles {
  const files = new Map<string, Uint8Array>();
  const checksum = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  return {
    files,
    save: async (version, bytes) => {
      files.set(version, bytes.slice());
      return checksum(bytes);
    },
    remove: async (version) => {
      files.delete(version);
    },
    read: async (version) => {
      const bytes = files.get(version);
      return bytes === undefined ? 'missing' : { bytes, checksum: checksum(bytes) };
    },
  };
}
