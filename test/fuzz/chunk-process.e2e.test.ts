import { expect, test } from 'vitest';
import { runChunk } from './chunk-process.ts';
import { inputOf } from './fuzz-target.ts';
import { WRONG_AT } from './targets/self-test.ts';
import { targetNamed } from './targets.ts';

const SEED = 5;
const SILENT_MS = 2000;

test.each([
  ['self-test hang', 'hangs: nothing for 2 s'],
  ['self-test crash', 'the process ended: SIGABRT'],
  ['self-test throw', 'TypeError: not the parser’s own'],
])('%s is pinned to its input, which can be tried again', async (target, message) => {
  const chunk = { target, seed: SEED, from: 0, to: 100 };
  const { failures } = await runChunk(chunk, () => undefined, SILENT_MS);

  expect(failures).toEqual([
    {
      target,
      seed: SEED,
      index: WRONG_AT,
      message: expect.stringContaining(message),
      hex: Buffer.from(inputOf(await targetNamed(target), SEED, WRONG_AT)).toString('hex'),
    },
  ]);
});

test('memory beyond the bound is a failure', async () => {
  const chunk = { target: 'self-test leak', seed: SEED, from: 0, to: 100 };
  const { failures } = await runChunk(chunk, () => undefined, 60_000);

  expect(failures).toEqual([
    expect.objectContaining({ message: expect.stringMatching(/^\d+ MiB are held$/) }),
  ]);
});
