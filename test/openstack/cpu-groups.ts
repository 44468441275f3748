import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { poll } from './poll.ts';

/** A control group that may use a part of a core and no more. */
export interface CpuGroup {
  /** Folders of the group, one a hierarchy; a process joins by its pid in each one's cgroup.procs. */
  readonly folders: readonly string[];
  /** Holds the CPU time used so far: cpuacct.usage (v1, ns) or cpu.stat (v2, µs in its first line). */
  readonly usageFile: string;
}

/** The harness's groups, below one group of its own. */
export interface CpuGroups {
  /** Makes a group that may use so much of a core (0.2 = a fifth of one). */
  create(name: string, quotaCores: number): CpuGroup;
  /** Makes a group within a group, without a quota of its own. */
  createWithin(group: CpuGroup, name: string): CpuGroup;
  /** Kills what still runs in a group. The group is ours, and so is all in it. */
  empty(group: CpuGroup): Promise<void>;
  /** Removes a group that has no process. */
  remove(group: CpuGroup): void;
  /** Removes all groups, and what runs in them. */
  removeAll(): Promise<void>;
}

/** The groups, or why this machine has none that limit CPU. */
export type CpuGroupsResult = { ok: true; groups: CpuGroups } | { ok: false; reason: string };

// 20 ms: long enough for a slice of CFS (5 ms), short enough that a second of measurement averages over 50 of them.
const PERIOD_US = 20_000;
// Ten times a process's weight: a group gets its quota on a busy machine as well.
const SHARES = 10_240;

interface Mount {
  folder: string;
  type: string;
  options: readonly string[];
}

/** Reads /proc/mounts: the mounted control group hierarchies. */
export function cgroupMounts(procMounts: string): Mount[] {
  return procMounts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, , type]) => type === 'cgroup' || type === 'cgroup2')
    .map(([, folder = '', type = '', options = '']) => ({
      folder,
      type,
      options: options.split(','),
    }));
}

/** Opens the harness's groups under `name`: control groups v1 (cpu and cpuacct mounted), else v2 with the cpu controller. */
export function openCpuGroups(name: string, procMounts: string): CpuGroupsResult {
  const mounts = cgroupMounts(procMounts);
  const controller = (wanted: string) =>
    mounts.find(({ type, options }) => type === 'cgroup' && options.includes(wanted))?.folder;
  const cpu = controller('cpu');
  const cpuacct = controller('cpuacct');
  if (cpu !== undefined && cpuacct !== undefined) {
    return { ok: true, groups: new Groups(name, [...new Set([cpu, cpuacct])], v1) };
  }
  const unified = mounts.find(({ type }) => type === 'cgroup2')?.folder;
  if (unified !== undefined && controllersOf(unified).includes('cpu')) {
    return { ok: true, groups: new Groups(name, [unified], v2) };
  }
  return {
    ok: false,
    reason: 'no control group hierarchy that limits CPU is mounted (v1 cpu and cpuacct, or v2 cpu)',
  };
}

function controllersOf(folder: string): string[] {
  const file = join(folder, 'cgroup.controllers');
  return existsSync(file) ? readFileSync(file, 'utf8').trim().split(' ') : [];
}

interface Flavour {
  usage: string;
  prepareRoot(folder: string, root: string): void;
  limit(folder: string, quotaUs: number): void;
}

const v1: Flavour = {
  usage: 'cpuacct.usage',
  prepareRoot: (folder) => writeIfThere(folder, 'cpu.shares', SHARES),
  limit: (folder, quotaUs) => {
    writeIfThere(folder, 'cpu.cfs_period_us', PERIOD_US);
    writeIfThere(folder, 'cpu.cfs_quota_us', quotaUs);
  },
};

const v2: Flavour = {
  usage: 'cpu.stat',
  prepareRoot: (folder, root) => {
    writeFileSync(join(root, 'cgroup.subtree_control'), '+cpu');
    writeFileSync(join(folder, 'cgroup.subtree_control'), '+cpu');
    writeFileSync(join(folder, 'cpu.weight'), '1000');
  },
  limit: (folder, quotaUs) => writeFileSync(join(folder, 'cpu.max'), `${quotaUs} ${PERIOD_US}`),
};

// cpu and cpuacct may be one hierarchy or two; the second has no such file.
function writeIfThere(folder: string, file: string, value: number): void {
  const path = join(folder, file);
  if (existsSync(path)) writeFileSync(path, String(value));
}

/**
 * Removes the groups of runs that were killed: those below `<prefix><pid>` whose process is gone. One in which something
 * still runs stays.
 */
export function removeAbandonedGroups(
  prefix: string,
  procMounts: string,
  isAlive: (pid: number) => boolean,
): void {
  for (const { folder } of cgroupMounts(procMounts)) {
    const names = readdirSync(folder).filter((name) => name.startsWith(prefix));
    for (const name of names) {
      const pid = name.slice(prefix.length);
      if (!/^\d+$/.test(pid) || isAlive(Number(pid))) continue;
      const groups = foldersBelow(join(folder, name));
      if (groups.some((group) => pidsIn(group).length > 0)) continue;
      for (const group of groups) rmdirSync(group);
    }
  }
}

class Groups implements CpuGroups {
  readonly #roots: readonly string[];
  readonly #flavour: Flavour;
  #prepared = false;

  constructor(name: string, hierarchies: readonly string[], flavour: Flavour) {
    this.#roots = hierarchies.map((hierarchy) => join(hierarchy, name));
    this.#flavour = flavour;
  }

  create(name: string, quotaCores: number): CpuGroup {
    this.#prepare();
    const group = this.#make(this.#roots.map((root) => join(root, name)));
    for (const folder of group.folders) {
      this.#flavour.limit(folder, Math.round(quotaCores * PERIOD_US));
    }
    return group;
  }

  createWithin(group: CpuGroup, name: string): CpuGroup {
    return this.#make(group.folders.map((folder) => join(folder, name)));
  }

  async empty(group: CpuGroup): Promise<void> {
    await poll('an empty control group', 10_000, () => {
      const pids = group.folders.flatMap(pidsIn);
      for (const pid of pids) kill(pid);
      return pids.length === 0 ? true : undefined;
    });
  }

  remove(group: CpuGroup): void {
    for (const folder of group.folders) rmdirSync(folder);
  }

  async removeAll(): Promise<void> {
    for (const root of this.#roots.filter(existsSync)) {
      for (const folder of foldersBelow(root)) {
        await this.empty({ folders: [folder], usageFile: '' });
        rmdirSync(folder);
      }
    }
  }

  #prepare(): void {
    if (this.#prepared) return;
    for (const root of this.#roots) {
      mkdirSync(root, { recursive: true });
      this.#flavour.prepareRoot(root, join(root, '..'));
    }
    this.#prepared = true;
  }

  #make(folders: readonly string[]): CpuGroup {
    for (const folder of folders) mkdirSync(folder, { recursive: true });
    const accounting = folders.find((folder) => existsSync(join(folder, this.#flavour.usage)));
    return { folders, usageFile: join(accounting ?? folders[0] ?? '', this.#flavour.usage) };
  }
}

/** The folder and all below it, the deepest first. */
function foldersBelow(folder: string): string[] {
  const children = readdirSync(folder, { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return [...children.flatMap((child) => foldersBelow(join(folder, child.name))), folder];
}

function pidsIn(folder: string): number[] {
  const file = join(folder, 'cgroup.procs');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended between the reading and the kill, which is what is wanted.
    return;
  }
}

/** The name of a group: its folder's. */
export const groupName = (group: CpuGroup): string => basename(group.folders[0] ?? '');
