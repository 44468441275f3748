import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isLongBody, jsonPieces } from '../src/json-pieces.ts';

const textOf = async (body: object): Promise<string> => {
  let text = '';
  for await (const piece of jsonPieces(body)) text += piece;
  return text;
};

test('the pieces of an answer are the text of the whole', async () => {
  const list = fc
    .tuple(fc.integer({ min: 0, max: 2_000 }), fc.array(fc.jsonValue(), { minLength: 1 }))
    .map(([length, items]) => Array.from({ length }, (_, at) => items[at % items.length]));
  const value = fc.oneof(fc.jsonValue(), list, fc.constant(undefined));
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.string(), value), async (body) => {
      expect(await textOf(body)).toBe(JSON.stringify(body));
    }),
    { numRuns: 50 },
  );
});

test('only an object with a long list is told in pieces', () => {
  const long = Array.from({ length: 5_000 }, (_, at) => at);

  expect(isLongBody({ servers: long })).toBe(true);
  expect([{ servers: [] }, long, null, undefined, 'text', 7].map(isLongBody)).not.toContain(true);
});

test('between the pieces of a long list other work has its turn', async () => {
  let turns = 0;
  let isOver = false;
  const others = (): void => {
    turns += 1;
    if (!isOver) setImmediate(others);
  };
  setImmediate(others);
  await textOf({ servers: Array.from({ length: 20_000 }, (_, at) => ({ at })) });
  isOver = true;

  expect(turns).toBeGreaterThan(20);
});
