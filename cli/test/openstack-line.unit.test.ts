import { serviceClient } from '@sidestep/contracts';
import { expect, test } from 'vitest';
import { openStackLine, tellOpenStack } from '../src/commands/start.ts';

const fleet = { observedAt: null, problem: null, hosts: [], servers: [] };

test('nothing is said of an OpenStack that was not asked yet', () => {
  expect(openStackLine(fleet)).toBeUndefined();
});

test('an OpenStack that cannot be read is told with the reason', () => {
  expect(openStackLine({ ...fleet, problem: 'Keystone refuses the password' })?.line).toBe(
    'openstack  cannot be read, and is tried again: Keystone refuses the password',
  );
});

test('an OpenStack that answers is told by its size, once whatever its size becomes', () => {
  const at = '2026-01-01T00:00:00.000Z';
  const first = openStackLine({ ...fleet, observedAt: at, hosts: [1, 2], servers: [1] });

  expect(first?.line).toBe('openstack  answers: 2 hosts, 1 servers');
  expect(openStackLine({ ...fleet, observedAt: at })?.told).toBe(first?.told);
});

test('looking after OpenStack ends with what was started, though Monitoring never answers', async () => {
  const lines: string[] = [];
  const line = (text = '') => void lines.push(text);
  let looks = 0;
  const nobody = serviceClient('monitoring', {
    baseUrl: 'http://127.0.0.1:9',
    token: 'none',
    timeoutMs: 1_000,
  });

  await tellOpenStack(nobody, { line, progress: line, progressDone: line }, () => ++looks > 1);

  expect(lines).toEqual([]);
});
