import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeExclusively } from './exclusive-run.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'exclusive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a cloud that another live run has is not taken', () => {
  const file = join(folder, 'lock');
  writeFileSync(file, String(process.ppid));

  expect(takeExclusively(file)).toEqual({ heldBy: process.ppid });
  expect(existsSync(file)).toBe(true);
});

test('a cloud that a dead run had is taken, and given back', () => {
  const file = join(folder, 'lock');
  writeFileSync(file, '999999999');

  const taken = takeExclusively(file);

  expect(taken).toHaveProperty('release');
  if ('release' in taken) taken.release();
  expect(existsSync(file)).toBe(false);
});
