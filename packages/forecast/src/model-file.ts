import { createHash } from 'node:crypto';

/** Why a file is not taken as a model. */
export type RefusedFile = {
  readonly kind: 'refused';
  readonly reason:
    | 'not-a-model'
    | 'unsupported-format'
    | 'truncated'
    | 'checksum-mismatch'
    | 'malformed-header'
    | 'other-features';
  readonly detail: string;
};

/** A model file taken apart: a JSON header and named arrays of numbers. */
export type ModelFile = {
  readonly header: Readonly<Record<string, unknown>>;
  readonly arrays: Readonly<Record<string, Float32Array>>;
  /** SHA-256 of everything behind the checksum, hexadecimal. */
  readonly checksum: string;
};

// "SSFM", format u32, SHA-256 (32 bytes) of the rest, header length u32, header JSON, float32 arrays; little-endian.
const magic = 'SSFM';
const formatVersion = 1;
const headerAt = 4 + 4 + 32 + 4;
/** Larger headers and files are refused before anything is parsed. */
const maxHeaderBytes = 8 * 1024 * 1024;

/** Writes a model file. */
export const writeModelFile = (
  header: Readonly<Record<string, unknown>>,
  arrays: Readonly<Record<string, Float32Array>>,
): Uint8Array => {
  let at = 0;
  const layout = Object.entries(arrays).map(([name, values]) => {
    const entry = { name, at, length: values.length };
    at += values.length;
    return entry;
  });
  const json = Buffer.from(JSON.stringify({ ...header, arrays: layout }), 'utf8');
  const body = Buffer.alloc(headerAt + json.length + at * 4);
  body.write(magic, 0, 'latin1');
  body.writeUInt32LE(formatVersion, 4);
  body.writeUInt32LE(json.length, 40);
  json.copy(body, headerAt);
  let cursor = headerAt + json.length;
  for (const values of Object.values(arrays))
    for (const value of values) {
      body.writeFloatLE(value, cursor);
      cursor += 4;
    }
  digest(body).copy(body, 8);
  return new Uint8Array(body);
};

/** Reads a model file; anything that is not exactly what was written is refused with the reason. */
export const readModelFile = (bytes: Uint8Array): ModelFile | RefusedFile => {
  const refuse = (reason: RefusedFile['reason'], detail: string): RefusedFile => ({
    kind: 'refused',
    reason,
    detail,
  });
  const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (body.length < 4 || body.toString('latin1', 0, 4) !== magic)
    return refuse('not-a-model', 'the file does not begin with SSFM');
  if (body.length < headerAt) return refuse('truncated', `${body.length} bytes`);
  if (body.readUInt32LE(4) !== formatVersion)
    return refuse('unsupported-format', `format ${body.readUInt32LE(4)}, not ${formatVersion}`);
  const headerBytes = body.readUInt32LE(40);
  if (headerBytes > maxHeaderBytes || headerAt + headerBytes > body.length)
    return refuse('truncated', `a header of ${headerBytes} bytes in a file of ${body.length}`);
  const checksum = digest(body);
  if (!checksum.equals(body.subarray(8, 40)))
    return refuse('checksum-mismatch', 'the content is not what was written');
  const header = parseHeader(body.toString('utf8', headerAt, headerAt + headerBytes));
  if (header === 'malformed') return refuse('malformed-header', 'the header is not a JSON object');
  const arrays = readArrays(body, headerAt + headerBytes, header.arrays);
  if (arrays === 'malformed') return refuse('malformed-header', 'the arrays do not fit the file');
  return { header, arrays, checksum: checksum.toString('hex') };
};

const digest = (body: Buffer): Buffer => createHash('sha256').update(body.subarray(40)).digest();

const parseHeader = (json: string): Record<string, unknown> | 'malformed' => {
  try {
    const parsed: unknown = JSON.parse(json);
    return isRecord(parsed) ? parsed : 'malformed';
  } catch {
    return 'malformed';
  }
};

/** Whether a value is a JSON object. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readArrays = (
  body: Buffer,
  from: number,
  layout: unknown,
): Record<string, Float32Array> | 'malformed' => {
  if (!Array.isArray(layout)) return 'malformed';
  // Without a prototype: a name such as __proto__ is a name like others.
  const arrays: Record<string, Float32Array> = Object.create(null);
  let total = 0;
  for (const entry of layout) {
    if (!isRecord(entry)) return 'malformed';
    const { name, at, length } = entry;
    if (typeof name !== 'string' || typeof at !== 'number' || typeof length !== 'number')
      return 'malformed';
    if (at !== total || !Number.isInteger(length) || length < 0) return 'malformed';
    total += length;
    if (from + total * 4 > body.length) return 'malformed';
    const values = new Float32Array(length);
    for (let i = 0; i < length; i++) values[i] = body.readFloatLE(from + (at + i) * 4);
    arrays[name] = values;
  }
  return from + total * 4 === body.length ? arrays : 'malformed';
};
