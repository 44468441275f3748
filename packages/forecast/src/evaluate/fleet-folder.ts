import { gunzipSync } from 'node:zlib';

/** Reads one file of a fleet folder; `missing` when there is none of that name. */
export type FolderReader = (name: string) => Promise<Uint8Array | 'missing'>;

/** A table of numbers: NaN where a cell is empty. */
export type Table = {
  readonly columns: readonly string[];
  /** The first column. */
  readonly times: Float64Array;
  /** `cells[row × columns + column]`, without the first column. */
  readonly cells: Float32Array;
  readonly rows: number;
};

const newline = 10;
const comma = 44;
/** Longer cells are no numbers. */
const maxCellBytes = 400;

/** A file that is no table of numbers; the message says where and why. */
export class MalformedTable extends Error {
  override readonly name = 'MalformedTable';
}

/** A file of a gigabyte unpacked holds a month of 10,000 hosts; what unpacks to more is refused. */
const maxUnpackedBytes = 1024 ** 3;

/** Parses a comma-separated table of numbers with a header line; no quotes occur. Throws MalformedTable. */
export const parseTable = (csv: Uint8Array): Table => {
  const text = Buffer.from(csv.buffer, csv.byteOffset, csv.byteLength);
  const headerEnd = text.indexOf(newline);
  const header = text
    .toString('utf8', 0, headerEnd < 0 ? text.length : headerEnd)
    .trim()
    .split(',');
  const width = header.length;
  const values: number[] = [];
  let start = headerEnd + 1;
  let column = 0;
  for (let at = start; headerEnd >= 0 && at <= text.length; at++) {
    const byte = at < text.length ? text[at] : newline;
    if (byte !== comma && byte !== newline) continue;
    if (at === text.length && start === at && column === 0) break;
    const row = () => Math.floor(values.length / width) + 1;
    if (column >= width || (byte === newline && column !== width - 1))
      throw new MalformedTable(`row ${row()} has not ${width} cells`);
    const cell = text.toString('latin1', start, Math.min(at, start + maxCellBytes)).trim();
    const value = at - start < maxCellBytes && cell !== '' ? Number(cell) : NaN;
    // An empty cell is an unknown value; a row without a time is none, and cells are kept as 32-bit floats.
    const isUnknown = cell === '' && column > 0;
    if (!isUnknown && !Number.isFinite(column > 0 ? Math.fround(value) : value))
      throw new MalformedTable(`row ${row()}, cell ${column + 1} is no number`);
    values.push(value);
    start = at + 1;
    column = byte === newline ? 0 : column + 1;
  }
  const rows = Math.floor(values.length / width);
  const times = new Float64Array(rows);
  const cells = new Float32Array(rows * (width - 1));
  for (let row = 0; row < rows; row++) {
    times[row] = values[row * width] ?? NaN;
    for (let column = 1; column < width; column++)
      cells[row * (width - 1) + column - 1] = values[row * width + column] ?? NaN;
  }
  return { columns: header.slice(1), times, cells, rows };
};

/** Unpacks a gzip file and parses the table in it. Throws MalformedTable. */
export const unpackTable = (packed: Uint8Array, maxBytes = maxUnpackedBytes): Table => {
  let csv: Uint8Array;
  try {
    csv = gunzipSync(packed, { maxOutputLength: maxBytes });
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new MalformedTable(`the file does not unpack: ${detail}`, { cause });
  }
  return parseTable(csv);
};

/** Reads and parses `<name>.csv.gz`, or `<name>.csv` where that is not there. */
export const readTable = async (read: FolderReader, name: string): Promise<Table | 'missing'> => {
  const packed = await read(`${name}.csv.gz`);
  if (packed !== 'missing') return unpackTable(packed);
  const plain = await read(`${name}.csv`);
  return plain === 'missing' ? 'missing' : parseTable(plain);
};
