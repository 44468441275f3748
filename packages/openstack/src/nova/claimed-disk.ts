import type { Server } from '../types/compute.ts';

/**
 * GiB of its host's disks (DISK_GB) that Nova claims for a server: its ephemeral disk and swap, and its root disk unless
 * that is a volume.
 */
export function claimedDiskGiB({ imageId, flavor }: Pick<Server, 'imageId' | 'flavor'>): number {
  const rootGiB = imageId === null ? 0 : flavor.diskGiB;
  return rootGiB + flavor.ephemeralGiB + Math.ceil(flavor.swapMiB / 1_024);
}
