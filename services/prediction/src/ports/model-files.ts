/** Where models' files are kept. */
export type ModelFiles = {
  /** Keeps a file whole or not at all; answers its SHA-256, hexadecimal. */
  save(version: string, bytes: Uint8Array): Promise<string>;
  /** The file's content and SHA-256; `missing` when there is none. */
  read(version: string): Promise<{ bytes: Uint8Array; checksum: string } | 'missing'>;
  /** The file goes; one that is not there is no fault. */
  remove(version: string): Promise<void>;
};
