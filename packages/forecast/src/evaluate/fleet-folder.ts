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

/** Parses a comma-separated table of numbers with a header line; no quotes occur. */
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
  for (let at = start; headerEnd >= 0 && at <= text.length; at++) {
    const byte = at < text.length ? text[at] : newline;
    if (byte !== comma && byte !== newline) continue;
    if (at === text.length && start === at && values.length % width === 0) break;
    if (byte === newline && (values.length + 1) % width !== 0)
      throw new Error(`row ${Math.floor(values.length / width) + 1} has not ${width} cells`);
    const cell = text.toString('latin1', start, at).trim();
    values.push(cell === '' ? NaN : Number(cell));
    start = at + 1;
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

/** Reads and parses `<name>.csv.gz`, or `<name>.csv` where that is not there. */
export const readTable = async (read: FolderReader, name: string): Promise<Table | 'missing'> => {
  const packed = await read(`${name}.csv.gz`);
  if (packed !== 'missing') return parseTable(gunzipSync(packed));
  const plain = await read(`${name}.csv`);
  return plain === 'missing' ? 'missing' : parseTable(plain);
};
