import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { refuseDemoFolder, takeDemoFolder } from '../src/demo/demo-folder.ts';
import { UsageError } from '../src/usage-error.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-demo-folder-'));
afterAll(() => rmSync(folder, { recursive: true }));

const dataDir = () => mkdtempSync(join(folder, 'data-'));
/** As a demo that was killed leaves it: no process of that number was ever started at the first tick. */
const endedLongAgo = (path: string) => writeFileSync(join(path, '.sidestep-demo'), '1 1\n');

test('a demo writes into no file of what start keeps in the same folder', () => {
  const data = dataDir();
  mkdirSync(join(data, 'migration'));

  const { path } = takeDemoFolder(data);

  expect(path).toBe(join(data, 'demo'));
  expect(readdirSync(data).toSorted()).toEqual(['demo', 'migration']);
});

test('each demo begins with nothing of the one before: series, records and tokens are gone', () => {
  const data = dataDir();
  const first = takeDemoFolder(data);
  for (const name of ['monitoring', 'access']) mkdirSync(join(first.path, name));
  first.leave();
  endedLongAgo(first.path);

  const second = takeDemoFolder(data);

  expect(second.path).toBe(first.path);
  expect(readdirSync(second.path)).toEqual(['.sidestep-demo']);
});

test('a demo that is running keeps its folder', () => {
  const data = dataDir();
  const { path } = takeDemoFolder(data);

  expect(() => takeDemoFolder(data)).toThrow(UsageError);
  expect(() => takeDemoFolder(data)).toThrow(`(process ${process.pid})`);
  expect(existsSync(path)).toBe(true);
});

test('a folder of that name that no demo has made is left alone', () => {
  const data = dataDir();
  mkdirSync(join(data, 'demo/thesis'), { recursive: true });

  expect(() => takeDemoFolder(data)).toThrow(/no demo has made it/);
  expect(readdirSync(join(data, 'demo'))).toEqual(['thesis']);
});

test('nothing else is kept in a demo’s folder, as the next demo would remove it', () => {
  const { path } = takeDemoFolder(dataDir());

  expect(() => refuseDemoFolder(path)).toThrow(/is a demo's folder; give another$/);
  expect(() => takeDemoFolder(path)).toThrow(UsageError);
});

test('without a folder given the demo’s is a temporary one that goes with it', () => {
  const { path, leave } = takeDemoFolder(undefined);
  leave();

  expect(existsSync(path)).toBe(false);
});
