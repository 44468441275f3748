import { gzipSync } from 'node:zlib';
import {
  MalformedTable,
  parseTable,
  type Table,
  unpackTable,
} from '../../../packages/forecast/src/evaluate/fleet-folder.ts';
import { parseFleetMeta } from '../../../packages/forecast/src/evaluate/fleet-meta.ts';
import { type FuzzTarget, hold, type Verdict } from '../fuzz-target.ts';
import { mutateJson } from '../mutate-json.ts';

const texts = [
  't,vm070,vm078,vm069\n1375315200,0.4,0.38,0.37\n1375315500,0.38,,0.34\n',
  't,h1\n0,1e1\n300,-2.5\n600,100',
  'row,cpu,mem,label\r\n0,0.1,0.2,0\r\n1,0.3,,1\r\n',
  't\n1\n2\n',
];

const isNumber = (value: number): boolean => Number.isNaN(value) || Number.isFinite(value);

const textOf = ({ columns, times, cells, rows }: Table): string => {
  const width = columns.length;
  const lines = Array.from({ length: rows }, (_, row) => {
    const own = Array.from(cells.subarray(row * width, (row + 1) * width), (cell) =>
      Number.isNaN(cell) ? '' : String(cell),
    );
    return [times[row], ...own].join(',');
  });
  return [['t', ...columns].join(','), ...lines, ''].join('\n');
};

function checkTable(table: Table, bytes: number): void {
  const { columns, times, cells, rows } = table;
  hold(times.length === rows && cells.length === rows * columns.length, 'a table is rectangular');
  hold(cells.length + rows <= bytes + 1, 'no more cells than the text can hold');
  hold(times.every(Number.isFinite), 'a time is a finite number');
  hold(cells.every(isNumber), 'a cell is a finite number or empty');
  if (columns.some((name) => /[\n\r,]/.test(name) || name.trim() !== name)) return;
  const again = parseTable(Buffer.from(textOf(table)));
  hold(again.rows === rows, 'every row comes back');
  hold(again.columns.join() === columns.join(), 'the columns come back');
  for (const [at, cell] of cells.entries()) {
    hold(Object.is(again.cells[at], cell) || again.cells[at] === cell, 'a cell comes back');
  }
}

function judged(read: () => Table, bytes: number): Verdict {
  let table: Table;
  try {
    table = read();
  } catch (error) {
    if (error instanceof MalformedTable) return 'refused';
    throw error;
  }
  checkTable(table, bytes);
  return 'accepted';
}

const dictionary = [',', '\n', '\r\n', ',,', '1e309', 'NaN', '0x1f', '"', 'x', ' ', '-', '1,2\n'];

/** The tables of a fleet's folder. */
export const csvTables = (): FuzzTarget => ({
  name: 'CSV',
  seeds: texts.map((text) => Buffer.from(text)) as [Buffer, ...Buffer[]],
  dictionary,
  run: (input) => judged(() => parseTable(input), input.length),
});

/** The same, packed: what does not unpack, or to far too much, is refused as well. */
export const packedTables = (): FuzzTarget => ({
  name: 'CSV packed',
  seeds: texts.map((text) => gzipSync(text)) as [Buffer, ...Buffer[]],
  dictionary: [Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3)],
  generate: (dice) => {
    if (!dice.oneIn(20_000)) return undefined;
    return gzipSync(Buffer.alloc(1 + dice.below(3_000_000), dice.pick(['1,', 't\n', '\0'])));
  },
  run: (input) => judged(() => unpackTable(input, 1_000_000), 1_000_000),
});

const metas: [unknown, ...unknown[]] = [
  { name: 'f', interval_s: 300, W: 24, H: 6, threshold: 90, train_ticks: 600, cells: [['a', 'b']] },
  {
    interval_s: 300,
    W: 24,
    H: 6,
    threshold: 90,
    ticks: 288,
    train_days: ['d1'],
    test_days: ['d2'],
  },
  {
    interval_s: 60,
    H: 30,
    train_fraction: 0.6,
    machines: [{ id: 'machine-1-6', labelled_rows: 900 }],
  },
];

/** What a fleet's meta.json says. */
export const fleetMeta = (): FuzzTarget => ({
  name: 'fleet meta.json',
  seeds: metas.map((meta) => Buffer.from(JSON.stringify(meta))) as [Buffer, ...Buffer[]],
  dictionary: ['"cells":[', '"machines":[{"id":', 'null', '1e309', '[', '{', '}', ']', '"H":'],
  generate: (dice) =>
    dice.oneIn(3) ? undefined : Buffer.from(JSON.stringify(mutateJson(dice.pick(metas), dice))),
  run: (input) => {
    const read = parseFleetMeta(input);
    if (read.kind === 'unreadable') {
      hold(read.reason !== '' && read.reason.length < 200, 'a fault is told in short');
      return 'refused';
    }
    const { meta } = read;
    hold(Number.isFinite(meta.interval_s) && meta.interval_s > 0, 'an interval is a time');
    hold(Number.isSafeInteger(meta.H) && meta.H > 0, 'a horizon is a count');
    if (read.kind !== 'incidents') {
      hold(Number.isSafeInteger(read.meta.W) && read.meta.W > 0, 'a window is a count');
      hold(Number.isFinite(read.meta.threshold), 'a threshold is finite');
    } else {
      const share = read.meta.train_fraction;
      hold(share > 0 && share < 1, 'a share is between 0 and 1');
    }
    if (read.kind === 'wide') {
      hold(Number.isSafeInteger(read.meta.train_ticks), 'the ticks to train on are a count');
    }
    return 'accepted';
  },
});
