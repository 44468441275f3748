/** Glance's JSON (v2), as much of it as is read here. */

export type WireImage = {
  id: string;
  name: string | null;
  status: string;
  size: number | null;
  disk_format: string | null;
  container_format: string | null;
  min_disk: number;
  min_ram: number;
  visibility: string;
  checksum: string | null;
  tags: string[];
  /** An image's own properties. */
  [property: string]: unknown;
};
export type WireImages = { images: WireImage[]; next?: string; first?: string; schema?: string };
