import { hash } from 'node:crypto';

const BLOCK_BYTES = 64;
/** Length of an HMAC-SHA256. */
export const MAC_BYTES = 32;
/** Keys whose blocks are remembered: a site has few users. */
const MAX_KEYS = 1024;

interface KeyBlocks {
  readonly inner: Buffer;
  /** The outer block, with room for the inner hash behind it. */
  readonly outer: Buffer;
}

const known = new Map<string, KeyBlocks>();

const sha256 = (bytes: Uint8Array): Buffer => hash('sha256', bytes, 'buffer');

function blocksOf(password: string): KeyBlocks {
  const found = known.get(password);
  if (found !== undefined) return found;
  const bytes = Buffer.from(password);
  const key = bytes.length > BLOCK_BYTES ? sha256(bytes) : bytes;
  const inner = Buffer.alloc(BLOCK_BYTES, 0x36);
  const outer = Buffer.alloc(BLOCK_BYTES + MAC_BYTES, 0x5c);
  for (const [at, byte] of key.entries()) {
    inner[at] = byte ^ 0x36;
    outer[at] = byte ^ 0x5c;
  }
  if (known.size >= MAX_KEYS) known.clear();
  const blocks = { inner, outer };
  known.set(password, blocks);
  return blocks;
}

/** Bytes to be left free before what `hmacSha256` is of. */
export const HMAC_ROOM_BYTES = BLOCK_BYTES;

/**
 * HMAC-SHA256 (RFC 2104) of what lies behind the first 64 bytes, which it uses: two plain hashes, as making an HMAC object for each
 * of thousands of datagrams a second takes several times as long.
 */
export function hmacSha256(password: string, roomAndPayload: Uint8Array): Buffer {
  const { inner, outer } = blocksOf(password);
  roomAndPayload.set(inner, 0);
  outer.set(sha256(roomAndPayload), BLOCK_BYTES);
  return sha256(outer);
}
