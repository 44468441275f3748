import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  type LabCredentials,
  type LabDescription,
  parseLabDescription,
  readCredentials,
} from './lab-description.ts';
import { watchFlows } from './sfc-journal.ts';

/** What lab hosts can be made to do, by the names of the lab's virt driver (deploy/openstack-lab/py/labvirt.py). */
export interface VirtFaults {
  lm_base_s?: number;
  lm_mb_per_s?: number;
  /** A live migration copies for ever. */
  lm_hang?: boolean;
  /** The hypervisor fails half-way through the copy. */
  lm_fail?: boolean;
  /** The host refuses as a destination, with this text. */
  lm_precheck_fail?: string;
  spawn_s?: number;
  spawn_fail?: boolean;
}

/** A running lab, and the faults that can be put into it. */
export interface Lab {
  readonly description: LabDescription;
  credentials(): LabCredentials;
  /** Makes one host, or `all`, misbehave from the next operation on. */
  inject(host: string, faults: VirtFaults): void;
  /** Silences the network agents of these hosts: Neutron calls them dead after 30 s. */
  silenceAgents(hosts: readonly string[]): void;
  /** Kills the nova-compute of a host: Nova calls it down after 20 s. It stays dead until reviveComputes. */
  killCompute(host: string): void;
  reviveComputes(): void;
  /** Takes every injected fault back. */
  heal(): void;
  /** Records the SFC instructions to all hosts from now on. */
  watchFlows(): ReturnType<typeof watchFlows>;
}

/** A lab, or why there is none to test on. */
export type LabResult = { ok: true; lab: Lab } | { ok: false; reason: string };

/** Where the lab keeps its files: $SIDESTEP_LAB, or its default. */
export function labFolder(env: NodeJS.ProcessEnv): string {
  return env.SIDESTEP_LAB ?? join(homedir(), '.cache', 'sidestep-lab');
}

/** Connects to the lab that `sidestep lab up` started. */
export async function connectLab(folder: string): Promise<LabResult> {
  const file = join(folder, 'lab.json');
  if (!existsSync(file)) {
    return { ok: false, reason: `no lab in ${folder}: start one with ./sidestep lab up` };
  }
  const description = parseLabDescription(readFileSync(file, 'utf8'));
  const dead = description.services.filter(({ pid }) => pid === undefined || !isAlive(pid));
  if (dead.length > 0) {
    const names = dead.map(({ name }) => name).join(', ');
    return { ok: false, reason: `the lab in ${folder} is down: ${names}` };
  }
  try {
    await fetch(description.authUrl, { signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    return { ok: false, reason: `Keystone of the lab does not answer: ${String(error)}` };
  }
  return { ok: true, lab: new RunningLab(folder, description) };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

// A pid file may have outlived its process, and the number may have gone to somebody else's.
function isComputeFleet(pid: number): boolean {
  const commandLine = `/proc/${pid}/cmdline`;
  return existsSync(commandLine) && readFileSync(commandLine, 'utf8').includes('compute_fleet.py');
}

class RunningLab implements Lab {
  readonly description: LabDescription;
  readonly #folder: string;
  readonly #injected = new Set<string>();
  #killed = false;

  constructor(folder: string, description: LabDescription) {
    this.#folder = folder;
    this.description = description;
  }

  credentials(): LabCredentials {
    return readCredentials(this.description.credentialsFile);
  }

  inject(host: string, faults: VirtFaults): void {
    const file = join(this.description.virtControlDir, `${host}.ctl.json`);
    this.#injected.add(file);
    writeFileSync(file, JSON.stringify(faults));
  }

  silenceAgents(hosts: readonly string[]): void {
    const file = this.description.agentsDownFile;
    this.#injected.add(file);
    writeFileSync(file, JSON.stringify(hosts));
  }

  killCompute(host: string): void {
    // Read anew: a revived compute has another pid than the description says.
    const file = join(this.#folder, 'run', `compute-${host}.pid`);
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : Number.NaN;
    if (!isComputeFleet(pid)) throw new Error(`${file} names no nova-compute of the lab`);
    process.kill(pid, 'SIGKILL');
    this.#killed = true;
  }

  reviveComputes(): void {
    const fleet = this.description.services.find(({ name }) => name === 'computes')?.pid;
    if (fleet !== undefined && isComputeFleet(fleet)) process.kill(fleet, 'SIGHUP');
  }

  heal(): void {
    for (const file of this.#injected) rmSync(file, { force: true });
    this.#injected.clear();
    // A needless wake-up of the fleet would be answered half a second later, and revive what has just been killed.
    if (this.#killed) this.reviveComputes();
    this.#killed = false;
  }

  watchFlows(): ReturnType<typeof watchFlows> {
    return watchFlows(this.description.sfcJournalFile);
  }
}
