import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { collectdConfigs } from './collectd-configs.ts';

const COLLECTD = '/usr/sbin/collectd';

describe.skipIf(!existsSync(COLLECTD))(
  'collectd itself (skipped where it is not installed)',
  () => {
    test.each(Object.entries(collectdConfigs))('takes the configuration %s', (name, config) => {
      const folder = mkdtempSync(join(tmpdir(), 'collectd-config-'));
      try {
        const path = join(folder, `${name}.conf`);
        writeFileSync(path, config);
        const { status, stderr } = spawnSync(COLLECTD, ['-t', '-C', path], { encoding: 'utf8' });

        expect(status, stderr).toBe(0);
        expect(stderr).not.toMatch(/error|unknown/i);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  },
);
