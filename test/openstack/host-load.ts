import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingForHosts, startCollectd } from './collectd-host.ts';
import {
  type CpuGroup,
  type CpuGroups,
  openCpuGroups,
  removeAbandonedGroups,
} from './cpu-groups.ts';
import { type OwnedProcess, startProcess } from './owned-process.ts';

/** Hosts made of CPU groups, each with a real collectd; stress-ng gives them work. */
export interface LoadedHosts {
  /** The hosts' names, as their collectd reports them. */
  readonly names: readonly string[];
  /** The folder of logs and configurations, until the hosts are stopped. */
  readonly folder: string;
  /** Makes a host work for about so much of its CPU (0–100; 0 ends the work). */
  load(host: string, percent: number): Promise<void>;
  /** The same for one server: its work counts on the host and is reported for the server as well. A server works on one host. */
  loadServer(serverId: string, host: string, percent: number): Promise<void>;
  /** How often each host's group ran into its quota, and was let run (cpu.stat), for the record of a test. */
  throttling(): Record<string, string>;
  /** Ends every process and removes every group. */
  stop(): Promise<void>;
}

/** How the hosts are made. */
export interface LoadedHostsOptions {
  names: readonly string[];
  /** UDP port on loopback that takes the datagrams. */
  port: number;
  /** Whom the hosts' collectds sign as. */
  signer: { user: string; password: string };
  /** A host's CPU, as a part of a real core; 0.2 by default. The sum must leave half a core for everything else. */
  quotaCores?: number;
  /** Cores that each host has according to Nova; 12 by default, as in the lab. */
  cores?: number;
  /** 1 s by default. */
  intervalSeconds?: number;
}

/** The hosts, or why there can be none here. */
export type LoadedHostsResult = { ok: true; hosts: LoadedHosts } | { ok: false; reason: string };

const GROUPS = 'sidestep-';

/** Starts a CPU group and a collectd for each name. */
export async function startHosts(options: LoadedHostsOptions): Promise<LoadedHostsResult> {
  const missing = missingForHosts();
  if (missing !== undefined) return { ok: false, reason: missing };
  const mounts = readFileSync('/proc/mounts', 'utf8');
  removeAbandonedGroups(GROUPS, mounts, (pid) => existsSync(`/proc/${pid}`));
  const opened = openCpuGroups(`${GROUPS}${process.pid}`, mounts);
  if (!opened.ok) return opened;
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-hosts-'));
  chmodSync(folder, 0o755);
  const hosts = new Hosts(opened.groups, folder, options);
  try {
    await hosts.start();
  } catch (error) {
    await hosts.stop();
    throw error;
  }
  return { ok: true, hosts };
}

class Hosts implements LoadedHosts {
  readonly names: readonly string[];
  readonly folder: string;
  readonly #groups: CpuGroups;
  readonly #options: LoadedHostsOptions;
  readonly #quotaCores: number;
  readonly #hostGroups = new Map<string, CpuGroup>();
  readonly #collectds: OwnedProcess[] = [];
  /** Generators by host, or by server within one. */
  readonly #work = new Map<string, { generator: OwnedProcess; group: CpuGroup }>();
  readonly #serverGroups = new Map<string, CpuGroup>();

  constructor(groups: CpuGroups, folder: string, options: LoadedHostsOptions) {
    this.names = options.names;
    this.folder = folder;
    this.#groups = groups;
    this.#options = options;
    this.#quotaCores = options.quotaCores ?? 0.2;
  }

  async start(): Promise<void> {
    for (const name of this.names) {
      const group = this.#groups.create(name, this.#quotaCores);
      this.#hostGroups.set(name, group);
      this.#collectds.push(
        await startCollectd({
          name,
          group,
          quotaCores: this.#quotaCores,
          cores: this.#options.cores ?? 12,
          port: this.#options.port,
          signer: this.#options.signer,
          intervalSeconds: this.#options.intervalSeconds ?? 1,
          folder: join(this.folder, name),
        }),
      );
    }
  }

  async load(host: string, percent: number): Promise<void> {
    await this.#setWork(host, this.#groupOf(host), percent);
  }

  async loadServer(serverId: string, host: string, percent: number): Promise<void> {
    await this.#endWork(serverId);
    const old = this.#serverGroups.get(serverId);
    if (old !== undefined) this.#groups.remove(old);
    const group = this.#groups.createWithin(this.#groupOf(host), serverId);
    this.#serverGroups.set(serverId, group);
    await this.#setWork(serverId, group, percent);
  }

  throttling(): Record<string, string> {
    const stat = (group: CpuGroup) =>
      readFileSync(join(group.folders[0] ?? '', 'cpu.stat'), 'utf8');
    return Object.fromEntries(
      [...this.#hostGroups].map(([name, group]) => [
        name,
        stat(group).trim().replaceAll('\n', ' '),
      ]),
    );
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#work.keys()].map((key) => this.#endWork(key)));
    await Promise.all(this.#collectds.map((collectd) => collectd.stop()));
    await this.#groups.removeAll();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #groupOf(host: string): CpuGroup {
    const group = this.#hostGroups.get(host);
    if (group === undefined) throw new Error(`no host ${host} among ${this.names.join(', ')}`);
    return group;
  }

  async #setWork(key: string, group: CpuGroup, percent: number): Promise<void> {
    await this.#endWork(key);
    if (percent <= 0) return;
    const logFile = join(this.folder, 'stress-ng.log');
    const args = stressArguments(group, percent, this.#quotaCores, this.folder);
    this.#work.set(key, {
      group,
      generator: await startProcess({ command: '/bin/sh', args, logFile }),
    });
  }

  async #endWork(key: string): Promise<void> {
    const work = this.#work.get(key);
    if (work === undefined) return;
    this.#work.delete(key);
    await work.generator.stop();
    await this.#groups.empty(work.group);
  }
}

// The shell joins the group and becomes stress-ng, so that all that stress-ng starts is in the group from its birth.
const JOIN = 'for f in $1; do echo $$ > $f/cgroup.procs || exit 1; done; shift; exec "$@"';

/** Arguments of /bin/sh for a stress-ng within a group that uses about so much of the group's quota. */
export function stressArguments(
  group: CpuGroup,
  percent: number,
  quotaCores: number,
  folder: string,
): string[] {
  const full = percent >= 100;
  // stress-ng's load is of one core; the group's of its quota.
  const share = full ? [] : ['--cpu-load', String(Math.max(1, Math.round(percent * quotaCores)))];
  const stress = ['stress-ng', '--quiet', '--cpu', '1', ...share, '--temp-path', folder];
  return ['-c', JOIN, 'sh', group.folders.join(' '), ...stress];
}
