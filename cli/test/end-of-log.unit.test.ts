import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { endOfLog, sizeOfLog } from '../src/end-of-log.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('what an earlier start has logged is not told of this one', () => {
  const log = join(folder, 'nfvo.log');
  const atFirst = sizeOfLog(log);
  appendFileSync(log, 'the first start: größer\n');
  const before = sizeOfLog(log);

  expect(endOfLog(log, before)).toBe('(nothing)');
  appendFileSync(log, 'the second start\n');
  expect(endOfLog(log, before)).toBe('the second start');
  expect(endOfLog(log, atFirst)).toBe('the first start: größer\nthe second start');
});

test('of a long log its last lines are told', () => {
  const log = join(folder, 'long.log');
  for (let line = 1; line <= 20; line++) appendFileSync(log, `${line}\n`);

  expect(endOfLog(log, 0).split('\n')).toEqual(['13', '14', '15', '16', '17', '18', '19', '20']);
});
