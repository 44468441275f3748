import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFolder } from '../src/make-folder.ts';
import { UsageError } from '../src/usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a folder is made with those above it, for its user alone, and one that is there is taken', () => {
  const path = join(folder, 'a/b');

  makeFolder(path, '--data-dir');
  makeFolder(path, '--data-dir');

  expect(statSync(path).mode & 0o777).toBe(0o700);
});

test('a file where the folder should be is refused in one line', () => {
  const file = join(folder, 'file');
  writeFileSync(file, '');

  expect(() => makeFolder(file, '--data-dir')).toThrow(UsageError);
  expect(() => makeFolder(join(file, 'below'), '--data-dir')).toThrow(
    /^--data-dir .* cannot be used: .*(no folder|not a directory)/,
  );
});

test('a place where nothing can be made is refused, and not tried for ever', () => {
  expect(() => makeFolder('/proc/sidestep', '--data-dir')).toThrow(UsageError);
});
