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
  /** Everything that it says besides, e.g. `hw_cpu_policy`: Glance has such properties beside its own fields. */
  readonly properties: Readonly<Record<string, string>>;
};
