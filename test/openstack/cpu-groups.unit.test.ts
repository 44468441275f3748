import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cgroupMounts, openCpuGroups, removeAbandonedGroups } from './cpu-groups.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'cpu-groups-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A folder that looks like a group's: the kernel would make these files. */
function kernelFolder(path: string, files: readonly string[]): string {
  const folder = join(root, path);
  mkdirSync(folder, { recursive: true });
  for (const file of files) writeFileSync(join(folder, file), '');
  return folder;
}

const read = (...parts: string[]) => readFileSync(join(root, ...parts), 'utf8');

test('a quota of a fifth of a core is 4 of each 20 ms, in the v1 cpu hierarchy', () => {
  kernelFolder('cpu/own/compute1', ['cpu.cfs_quota_us', 'cpu.cfs_period_us']);
  kernelFolder('cpuacct/own/compute1', ['cpuacct.usage']);
  const mounts = `cgroup ${root}/cpu cgroup rw,cpu 0 0\ncgroup ${root}/cpuacct cgroup rw,cpuacct 0 0`;
  const opened = openCpuGroups('own', mounts);
  if (!opened.ok) throw new Error(opened.reason);

  const group = opened.groups.create('compute1', 0.2);

  expect(read('cpu/own/compute1/cpu.cfs_period_us')).toBe('20000');
  expect(read('cpu/own/compute1/cpu.cfs_quota_us')).toBe('4000');
  expect(group.usageFile).toBe(join(root, 'cpuacct/own/compute1/cpuacct.usage'));
  expect(group.folders).toHaveLength(2);
});

test('where cpu and cpuacct are one hierarchy, a process joins one folder', () => {
  kernelFolder('both/own/compute1', ['cpuacct.usage', 'cpu.cfs_quota_us']);
  const opened = openCpuGroups('own', `cgroup ${root}/both cgroup rw,cpu,cpuacct 0 0`);
  if (!opened.ok) throw new Error(opened.reason);

  const group = opened.groups.create('compute1', 0.5);

  expect(group.folders).toEqual([join(root, 'both/own/compute1')]);
});

test('without v1, the v2 hierarchy limits CPU if it has the controller', () => {
  writeFileSync(join(kernelFolder('v2', []), 'cgroup.controllers'), 'cpuset cpu io\n');
  kernelFolder('v2/own/compute1', ['cpu.stat']);
  const opened = openCpuGroups('own', `cgroup2 ${root}/v2 cgroup2 rw 0 0`);
  if (!opened.ok) throw new Error(opened.reason);

  const group = opened.groups.create('compute1', 0.2);

  expect(read('v2/cgroup.subtree_control')).toBe('+cpu');
  expect(read('v2/own/cgroup.subtree_control')).toBe('+cpu');
  expect(read('v2/own/compute1/cpu.max')).toBe('4000 20000');
  expect(group.usageFile).toBe(join(root, 'v2/own/compute1/cpu.stat'));
});

test('a v2 hierarchy without the cpu controller limits nothing', () => {
  writeFileSync(join(kernelFolder('v2', []), 'cgroup.controllers'), 'memory\n');

  expect(openCpuGroups('own', `cgroup2 ${root}/v2 cgroup2 rw 0 0`)).toMatchObject({ ok: false });
});

test('mounts of other kinds are no control groups', () => {
  expect(cgroupMounts('proc /proc proc rw 0 0\ntmpfs /sys/fs/cgroup tmpfs rw 0 0\n')).toEqual([]);
});

test('groups of a killed run are removed, those of a living one and those in use are not', () => {
  for (const name of ['own-1/compute1', 'own-2/compute1', 'own-3', 'other-1']) {
    kernelFolder(name, []);
  }
  writeFileSync(join(kernelFolder('own-3/compute1', []), 'cgroup.procs'), '4711\n');

  removeAbandonedGroups('own-', `cgroup ${root} cgroup rw,cpu 0 0`, (pid) => pid === 2);

  const left = ['own-1', 'own-2/compute1', 'own-3/compute1', 'other-1'].filter((name) =>
    existsSync(join(root, name)),
  );
  expect(left).toEqual(['own-2/compute1', 'own-3/compute1', 'other-1']);
});
