/** A Glance image. */
export type Image = {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly sizeBytes: number | null;
  readonly diskFormat: string | null;
  readonly containerFormat: string | null;
  readonly minDiskGiB: number;
  readonly minRamMiB: number;
  readonly visibility: string;
  readonly checksum: string | null;
  readonly tags: readonly string[];
};
