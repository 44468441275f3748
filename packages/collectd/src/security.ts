import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { partType, utf8 } from './wire.ts';

const HEADER_BYTES = 4;
const MAC_BYTES = 32;
const IV_BYTES = 16;
const SHA1_BYTES = 20;

/** Bytes that signing adds to a datagram for this user. */
export const signatureOverheadBytes = (user: string): number =>
  HEADER_BYTES + MAC_BYTES + Buffer.byteLength(user);

/** Bytes that encrypting adds to a datagram for this user. */
export const encryptionOverheadBytes = (user: string): number =>
  HEADER_BYTES + 2 + Buffer.byteLength(user) + IV_BYTES + SHA1_BYTES;

/** Prefixes a plain datagram with its signature: HMAC-SHA256 over user name and payload, keyed by the password. */
export function signDatagram(payload: Uint8Array, user: string, password: string): Buffer {
  const name = Buffer.from(user);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(partType.signature, 0);
  header.writeUInt16BE(HEADER_BYTES + MAC_BYTES + name.length, 2);
  const mac = createHmac('sha256', password).update(name).update(payload).digest();
  return Buffer.concat([header, mac, name, payload]);
}

/** Wraps a plain datagram: AES-256-OFB, keyed by SHA-256 of the password, over SHA-1 of the payload and the payload. */
export function encryptDatagram(
  payload: Uint8Array,
  user: string,
  password: string,
  iv: Uint8Array = randomBytes(IV_BYTES),
): Buffer {
  const name = Buffer.from(user);
  const head = Buffer.alloc(HEADER_BYTES + 2);
  const cipher = createCipheriv('aes-256-ofb', createHash('sha256').update(password).digest(), iv);
  const sealed = Buffer.concat([
    cipher.update(createHash('sha1').update(payload).digest()),
    cipher.update(payload),
    cipher.final(),
  ]);
  head.writeUInt16BE(partType.encryption, 0);
  head.writeUInt16BE(encryptionOverheadBytes(user) + payload.length, 2);
  head.writeUInt16BE(name.length, 4);
  return Buffer.concat([head, name, iv, sealed]);
}

/** Why a protected datagram was not believed. */
export type SecurityFault = 'unknown-user' | 'bad-signature' | 'bad-checksum' | 'bad-security-part';

/** Gives the password of a user, or undefined when there is no such user. */
export type PasswordOf = (user: string) => string | undefined;

/** Checks a signature part (`body` without its header) against the `rest` of its datagram. */
export function verifySignature(
  body: Uint8Array,
  rest: Uint8Array,
  passwordOf: PasswordOf,
): { ok: true; user: string; seal: Uint8Array } | { ok: false; reason: SecurityFault } {
  if (body.length <= MAC_BYTES) return { ok: false, reason: 'bad-security-part' };
  const name = body.subarray(MAC_BYTES);
  const user = utf8.decode(name);
  const password = passwordOf(user);
  if (password === undefined) return { ok: false, reason: 'unknown-user' };
  const mac = createHmac('sha256', password).update(name).update(rest).digest();
  return timingSafeEqual(mac, body.subarray(0, MAC_BYTES))
    ? { ok: true, user, seal: body.subarray(0, MAC_BYTES) }
    : { ok: false, reason: 'bad-signature' };
}

/** Opens an encryption part (`body` without its header) and checks the checksum inside. */
export function openEncrypted(
  body: Uint8Array,
  passwordOf: PasswordOf,
):
  | { ok: true; user: string; payload: Buffer; seal: Uint8Array }
  | { ok: false; reason: SecurityFault } {
  const nameBytes = body.length < 2 ? 0 : ((body[0] ?? 0) << 8) | (body[1] ?? 0);
  const sealedAt = 2 + nameBytes + IV_BYTES;
  if (nameBytes === 0 || body.length < sealedAt + SHA1_BYTES) {
    return { ok: false, reason: 'bad-security-part' };
  }
  const user = utf8.decode(body.subarray(2, 2 + nameBytes));
  const password = passwordOf(user);
  if (password === undefined) return { ok: false, reason: 'unknown-user' };
  const key = createHash('sha256').update(password).digest();
  const decipher = createDecipheriv('aes-256-ofb', key, body.subarray(2 + nameBytes, sealedAt));
  const opened = Buffer.concat([decipher.update(body.subarray(sealedAt)), decipher.final()]);
  const payload = opened.subarray(SHA1_BYTES);
  const checksum = createHash('sha1').update(payload).digest();
  return timingSafeEqual(checksum, opened.subarray(0, SHA1_BYTES))
    ? // Drawn anew for each datagram.
      { ok: true, user, payload, seal: body.subarray(2 + nameBytes, sealedAt) }
    : { ok: false, reason: 'bad-checksum' };
}
