import { shapeWidth } from './past-cases.ts';
import type { SettledRow } from './settled-row.ts';

/** Judged forecasts of some ticks in few bytes, as they are kept over a restart. */
export type ScoreChunk = {
  outlook: string;
  /** Ends of the first and the last tick in it. */
  fromMs: number;
  toMs: number;
  /** Left out, and not judged, up to then. */
  censoredRows: number;
  unjudgedRows: number;
  hostIds: readonly string[];
  modelVersions: readonly string[];
  rows: number;
  /** Base64 of a row after the other: see `rowBytes`. */
  packed: string;
};

// Little-endian: end of the tick (float64), host and model by their place in the lists (uint32, uint16), outcome (uint8),
// then risk, the fallback's risk, current value and the shape (float32 each; they are no wider where they come from).
const numbers = 3 + shapeWidth;
const rowBytes = 8 + 4 + 2 + 1 + 4 * numbers;

/** Packs rows, oldest first. */
export const packRows = (
  about: Pick<ScoreChunk, 'outlook' | 'censoredRows' | 'unjudgedRows'>,
  rows: readonly SettledRow[],
): ScoreChunk => {
  const hosts = new Map<string, number>();
  const models = new Map<string, number>();
  const placeIn = (places: Map<string, number>, name: string): number => {
    const place = places.get(name) ?? places.size;
    places.set(name, place);
    return place;
  };
  const bytes = Buffer.alloc(rows.length * rowBytes);
  rows.forEach((row, i) => {
    let at = bytes.writeDoubleLE(row.atMs, i * rowBytes);
    at = bytes.writeUInt32LE(placeIn(hosts, row.hostId), at);
    at = bytes.writeUInt16LE(placeIn(models, row.modelVersion), at);
    at = bytes.writeUInt8(row.outcome, at);
    for (const value of [row.risk, row.fallbackRisk, row.current])
      at = bytes.writeFloatLE(value, at);
    for (let k = 0; k < shapeWidth; k++) at = bytes.writeFloatLE(row.shape[k] ?? NaN, at);
  });
  return {
    ...about,
    fromMs: rows[0]?.atMs ?? 0,
    toMs: rows.at(-1)?.atMs ?? 0,
    hostIds: [...hosts.keys()],
    modelVersions: [...models.keys()],
    rows: rows.length,
    packed: bytes.toString('base64'),
  };
};

/** The rows of a chunk; one that is not as it was packed gives none. */
export const unpackRows = ({ hostIds, modelVersions, rows, packed }: ScoreChunk): SettledRow[] => {
  const bytes = Buffer.from(packed, 'base64');
  if (bytes.length !== rows * rowBytes) return [];
  return Array.from({ length: rows }, (_, i): SettledRow => {
    const at = i * rowBytes;
    const number = (place: number) => bytes.readFloatLE(at + 15 + 4 * place);
    return {
      atMs: bytes.readDoubleLE(at),
      hostId: hostIds[bytes.readUInt32LE(at + 8)] ?? '',
      modelVersion: modelVersions[bytes.readUInt16LE(at + 12)] ?? '',
      outcome: bytes.readUInt8(at + 14) === 1 ? 1 : 0,
      risk: number(0),
      fallbackRisk: number(1),
      current: number(2),
      shape: Float32Array.from({ length: shapeWidth }, (_, k) => number(3 + k)),
    };
  });
};
