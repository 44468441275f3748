import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readFlowRules, watchFlows } from './sfc-journal.ts';

let folder = '';
let journal = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sfc-journal-'));
  journal = join(folder, 'sfc-flows.jsonl');
});
afterEach(() => rmSync(folder, { recursive: true }));

const line = (seq: number) =>
  `${JSON.stringify({ seq, at: seq, op: 'update', host: 'compute1', key: 'k', rule: { portchain_id: 'chain', nsi: 255 } })}\n`;

test('a watch sees every instruction since it began, and none from before', () => {
  writeFileSync(journal, line(1));
  const watch = watchFlows(journal);

  appendFileSync(journal, line(2) + line(3));

  expect(watch.instructions().map(({ seq }) => seq)).toEqual([2, 3]);
});

test('a journal that does not exist yet is an empty one', () => {
  const watch = watchFlows(journal);
  const before = [...watch.instructions()];

  writeFileSync(journal, line(1));

  expect(before).toEqual([]);
  expect(watch.instructions()).toHaveLength(1);
});

test('a line that is still being written counts once it is complete', () => {
  const watch = watchFlows(journal);
  const text = line(1);
  writeFileSync(journal, text.slice(0, 20));
  const half = [...watch.instructions()];

  appendFileSync(journal, text.slice(20));

  expect(half).toEqual([]);
  expect(watch.instructions().map(({ seq }) => seq)).toEqual([1]);
});

test('a file that holds no rules is refused', () => {
  const file = join(folder, 'sfc-flows.json');
  writeFileSync(file, '{"compute1": {"k": {}}}');

  expect(() => readFlowRules(file)).toThrow('holds no flow rules');
});
