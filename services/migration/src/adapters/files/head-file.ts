import { appendFile, rename, stat } from 'node:fs/promises';
import type { HeadExport } from '../../ports/head-export.ts';

/** Beyond this the file is put aside, in place of the one before. */
const maxBytes = 1_048_576;

/** Appends each head as a line of JSON to a file; copies of it elsewhere are what an auditor compares with. */
export function headFile(path: string): HeadExport {
  return {
    tell: async ({ sequence, hash, atMs }) => {
      const size = await stat(path).then(
        (found) => found.size,
        () => 0,
      );
      if (size > maxBytes) await rename(path, `${path}.1`);
      const line = { at: new Date(atMs).toISOString(), sequence, hash };
      await appendFile(path, `${JSON.stringify(line)}\n`);
    },
  };
}
