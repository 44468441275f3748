import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ConfigError, readConfig, setting } from '../src/config.ts';

const schema = z.object({
  PORT: setting.port().default(8601),
  URL: setting.url(),
  HOLD_MS: setting.integer(0, 1000).default(10),
});

test('settings are read by their types, defaults filled in, and frozen', () => {
  const config = readConfig(schema, { URL: 'http://127.0.0.1:5000', HOLD_MS: '20' });

  expect(config).toEqual({ PORT: 8601, URL: 'http://127.0.0.1:5000', HOLD_MS: 20 });
  expect(Object.isFrozen(config)).toBe(true);
});

test('every fault is reported at once, and no malformed value becomes a default', () => {
  const fault = (() => {
    try {
      readConfig(schema, { PORT: 'eighty', URL: 'ftp://x', HOLD_MS: '1001' });
      return undefined;
    } catch (error) {
      return error;
    }
  })();

  expect(fault).toBeInstanceOf(ConfigError);
  expect((fault as ConfigError).faults.map((line) => line.split(':')[0])).toEqual([
    'PORT',
    'URL',
    'HOLD_MS',
  ]);
});

test('a missing setting is named', () => {
  expect(() => readConfig(schema, {})).toThrow(/URL: /);
});

test('a secret comes from its file, and a fault never repeats it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-config-'));
  const file = join(folder, 'secret');
  writeFileSync(file, 'swordfish\n');
  const secrets = z.object({
    SECRET_FILE: setting.secretFile(),
    TOKENS_FILE: setting.tokensFile().optional(),
  });

  expect(readConfig(secrets, { SECRET_FILE: file }).SECRET_FILE).toBe('swordfish');
  expect(() => readConfig(secrets, { SECRET_FILE: join(folder, 'none') })).toThrow(/cannot read/);
  expect(() => readConfig(secrets, { SECRET_FILE: file, TOKENS_FILE: file })).toThrow(
    expect.not.objectContaining({ message: expect.stringContaining('swordfish') }),
  );
  rmSync(folder, { recursive: true });
});
