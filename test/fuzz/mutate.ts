import type { Dice } from './dice.ts';

/** What mutations draw from besides the bytes themselves. */
export interface Material {
  /** Other inputs, to splice with. */
  readonly seeds: readonly Uint8Array[];
  /** Words of the format. */
  readonly dictionary: readonly (string | Uint8Array)[];
}

type Mutation = (bytes: Buffer, dice: Dice, material: Material) => Buffer;

/** Inputs do not grow beyond this, but for the rare ones that are blown up. */
const MAX_BYTES = 65_535;
const BLOWN_UP_ONCE_IN = 4000;
const MAX_BLOWN_UP_BYTES = 512 * 1024;

const numbers = [
  0, 1, 3, 4, 5, 0x7f, 0x80, 0xff, 0x100, 0x101, 0x7fff, 0x8000, 0xffff, 0x1_0000, 0x7fff_ffff,
  0x8000_0000, 0xffff_ffff,
] as const;

const hugeTexts = [
  '-1',
  '0',
  '-0',
  '1e309',
  '-1e309',
  '1e-400',
  '9007199254740993',
  '18446744073709551616',
  '99999999999999999999',
  '0x7f',
  'NaN',
  'Infinity',
  '1.7976931348623157e308',
  '00',
  '.',
  '1e',
] as const;

const broken: readonly [number[], ...number[][]] = [
  [0x00],
  [0x0a],
  [0x0d],
  [0x22],
  [0x5c],
  [0x80],
  [0xc0, 0x80],
  [0xed, 0xa0, 0x80],
  [0xef, 0xbb, 0xbf],
  [0xef, 0xbf, 0xbd],
  [0xf4, 0x90, 0x80, 0x80],
  [0xff, 0xfe],
  [0xe2, 0x80, 0xa8],
  [0xc2, 0xa0],
];

const place = (bytes: Buffer, dice: Dice): number => dice.below(bytes.length + 1);

function range(bytes: Buffer, dice: Dice): [number, number] {
  const start = place(bytes, dice);
  const longest = dice.oneIn(8) ? bytes.length : 32;
  return [start, Math.min(bytes.length, start + 1 + dice.below(longest))];
}

const replaced = (bytes: Buffer, start: number, end: number, by: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, start), by, bytes.subarray(end)]);

function word(dice: Dice, dictionary: Material['dictionary']): Uint8Array {
  const [first, ...rest] = dictionary;
  if (first === undefined) return Uint8Array.from(dice.pick(broken));
  const chosen = dice.pick([first, ...rest]);
  return typeof chosen === 'string' ? Buffer.from(chosen) : chosen;
}

const setByte: Mutation = (bytes, dice) => {
  if (bytes.length > 0) bytes[dice.below(bytes.length)] = dice.below(256);
  return bytes;
};

const flipBit: Mutation = (bytes, dice) => {
  const at = dice.below(Math.max(1, bytes.length));
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  return bytes;
};

const lieAboutLength: Mutation = (bytes, dice) => {
  const width = dice.pick([1, 2, 4]);
  if (bytes.length < width) return bytes;
  const at = dice.below(bytes.length - width + 1);
  const near = dice.oneIn(2) ? bytes.length + dice.below(9) - 4 : dice.pick(numbers);
  const value = (near >>> 0) % 256 ** width;
  if (dice.oneIn(2)) bytes.writeUIntBE(value, at, width);
  else bytes.writeUIntLE(value, at, width);
  return bytes;
};

const truncate: Mutation = (bytes, dice) => bytes.subarray(0, place(bytes, dice));

const remove: Mutation = (bytes, dice) => {
  const [start, end] = range(bytes, dice);
  return replaced(bytes, start, end, Buffer.alloc(0));
};

const repeat: Mutation = (bytes, dice) => {
  const [start, end] = range(bytes, dice);
  const piece = bytes.subarray(start, end);
  return replaced(bytes, end, end, Buffer.concat(new Array(1 + dice.below(4)).fill(piece)));
};

const nest: Mutation = (bytes, dice) => {
  const [start, end] = range(bytes, dice);
  const piece = bytes.subarray(start, Math.min(end, start + 8));
  return replaced(bytes, end, end, Buffer.concat(new Array(dice.below(500)).fill(piece)));
};

const swap: Mutation = (bytes, dice) => {
  const [start, end] = range(bytes, dice);
  const at = place(bytes, dice);
  const piece = Buffer.from(bytes.subarray(start, end));
  return replaced(replaced(bytes, start, end, Buffer.alloc(0)), at, at, piece);
};

const insertWord: Mutation = (bytes, dice, { dictionary }) => {
  const at = place(bytes, dice);
  return replaced(bytes, at, dice.oneIn(2) ? at : range(bytes, dice)[1], word(dice, dictionary));
};

const breakText: Mutation = (bytes, dice) => {
  const at = place(bytes, dice);
  return replaced(bytes, at, at, Uint8Array.from(dice.pick(broken)));
};

const noise: Mutation = (bytes, dice) => {
  const at = place(bytes, dice);
  const made = Uint8Array.from({ length: 1 + dice.below(16) }, () => dice.below(256));
  return replaced(bytes, at, at, made);
};

const isDigit = (byte: number | undefined): boolean =>
  byte !== undefined && byte >= 48 && byte <= 57;

/** Puts an awkward number where one stands in a text. */
const hugeNumber: Mutation = (bytes, dice) => {
  let start = place(bytes, dice);
  while (start < bytes.length && !isDigit(bytes[start])) start += 1;
  let end = start;
  while (isDigit(bytes[end])) end += 1;
  return replaced(bytes, start, end, Buffer.from(dice.pick(hugeTexts)));
};

const splice: Mutation = (bytes, dice, { seeds }) => {
  const [first, ...rest] = seeds;
  if (first === undefined) return bytes;
  const other = Buffer.from(dice.pick([first, ...rest]));
  return Buffer.concat([bytes.subarray(0, place(bytes, dice)), other.subarray(place(other, dice))]);
};

const mutations = [
  setByte,
  flipBit,
  flipBit,
  lieAboutLength,
  lieAboutLength,
  truncate,
  remove,
  repeat,
  swap,
  insertWord,
  insertWord,
  insertWord,
  breakText,
  noise,
  hugeNumber,
  hugeNumber,
  splice,
  nest,
] as const satisfies readonly [Mutation, ...Mutation[]];

/** An input made from another by one or a few changes. */
export function mutate(seed: Uint8Array, dice: Dice, material: Material): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  let changes = 1;
  while (changes < 12 && dice.oneIn(2)) changes += 1;
  for (let done = 0; done < changes; done += 1) {
    bytes = dice.pick(mutations)(bytes, dice, material);
    if (bytes.length > MAX_BYTES) bytes = bytes.subarray(0, MAX_BYTES);
  }
  return dice.oneIn(BLOWN_UP_ONCE_IN) ? blownUp(bytes, dice) : bytes;
}

/** The same with a piece repeated until it is far larger than anything sensible. */
function blownUp(bytes: Buffer, dice: Dice): Buffer {
  const [start, end] = range(bytes, dice);
  const piece = bytes.subarray(start, end);
  if (piece.length === 0) return bytes;
  const times = dice.below(Math.ceil(MAX_BLOWN_UP_BYTES / piece.length));
  const filling = Buffer.alloc(piece.length * times, piece);
  return replaced(bytes, end, end, filling);
}
