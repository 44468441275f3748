import { answer, type migration, type monitoring, type nfvo } from '@sidestep/contracts';
import type { OpenStack } from '@sidestep/openstack';
import type { PathHop } from './flow-rules.ts';
import { pathFaults } from './flow-rules.ts';
import type { LoadedHosts } from './host-load.ts';
import type { Lab } from './lab.ts';
import { boundHosts, liveMigrations } from './lab-cloud.ts';
import type { LabServer } from './lab-description.ts';
import type { MainJobStack } from './main-job-stack.ts';
import { poll } from './poll.ts';
import { readFlowRules } from './sfc-journal.ts';

export type Alarm = monitoring.components['schemas']['Alarm'];
export type Decision = migration.components['schemas']['Decision'];
export type Operation = migration.components['schemas']['Operation'];
export type Repath = nfvo.components['schemas']['Repath'];

/** The chain under test: its source, and for each hop its members. */
export interface JobChain {
  readonly id: string;
  readonly source: LabServer;
  readonly hops: readonly (readonly LabServer[])[];
}

/** What a job works with. */
export interface JobSite {
  readonly lab: Lab;
  readonly cloud: OpenStack;
  readonly stack: MainJobStack;
  readonly hosts: LoadedHosts;
}

/** One pass of the main job. */
export interface JobPlan {
  readonly policy: string;
  readonly victim: LabServer;
  readonly chain: JobChain;
}

/** What happened in a pass, as the services tell it and as OpenStack does. */
export interface JobAccount {
  readonly from: string;
  /** The host that had nothing to do. */
  readonly idle: string;
  readonly alarm: Alarm;
  readonly cleared: Alarm;
  readonly decision: Decision;
  readonly operation: Operation;
  /** How many operations the victim has had since the host was made hot, up to the alarm's end. */
  readonly operations: number;
  readonly repaths: readonly Repath[];
  readonly hostByNova: string;
  readonly hostsByNeutron: readonly string[];
  readonly newLiveMigrations: readonly string[];
  readonly pathFaults: readonly string[];
  /** When the host was made hot, milliseconds since the epoch. */
  readonly heatedAtMs: number;
}

// Each is many times what it takes on a quiet machine (README.md has the measured times).
const READY_LIMIT_MS = 180_000;
const ALARM_LIMIT_MS = 240_000;
const MOVE_LIMIT_MS = 420_000;
const RULES_LIMIT_MS = 60_000;
const CLEAR_LIMIT_MS = 240_000;

const BACKGROUND_PERCENT = 40;
/** About half of the vCPU that a VNF has of its host's twelve cores. */
const VNF_PERCENT = 5;
const POLL_MS = 500;

const FINAL: readonly Operation['state'][] = ['COMPLETED', 'FAILED', 'ROLLED_BACK'];

/** Makes the victim's host hot, and follows what the services do about it until the alarm is cleared. */
export async function runMainJob(site: JobSite, plan: JobPlan): Promise<JobAccount> {
  const { cloud, hosts, stack } = site;
  const { victim, chain } = plan;
  await answer(
    'migration',
    stack.migration.PUT('/settings', { body: { mode: 'auto', policy: plan.policy } }),
  );
  const from = await hostOf(cloud, victim.id);
  const idle = await idlestOf(site, chain, from);
  for (const name of hosts.names) {
    await hosts.load(name, name === from || name === idle ? 0 : BACKGROUND_PERCENT);
  }
  await hosts.loadServer(victim.id, from, VNF_PERCENT);
  await untilKnown(site, chain, { from, idle, victim });
  const earlier = new Set(await liveMigrations(cloud, victim.id));

  const heatedAtMs = Date.now();
  await hosts.load(from, 100);
  const alarm = await alarmOf(site, { host: from, sinceMs: heatedAtMs }, 'raised', ALARM_LIMIT_MS);
  const operation = await poll(
    `the end of the move of ${victim.name}`,
    MOVE_LIMIT_MS,
    async () =>
      (await operationsOf(site, victim.id, heatedAtMs)).find(({ state }) => FINAL.includes(state)),
    POLL_MS,
  );
  const hostByNova = await hostOf(cloud, victim.id);
  await hosts.load(from, 0);
  await hosts.loadServer(victim.id, hostByNova, VNF_PERCENT);
  const faults = await settledFaults(site, chain);
  const cleared = await alarmOf(
    site,
    { host: from, sinceMs: heatedAtMs },
    'cleared',
    CLEAR_LIMIT_MS,
  );

  const { decisionId } = operation;
  const params = { path: { decisionId } };
  const decision = await answer(
    'migration',
    stack.migration.GET('/decisions/{decisionId}', { params }),
  );
  const { repaths } = await answer('nfvo', stack.nfvo.GET('/repaths'));
  return {
    from,
    idle,
    alarm,
    cleared,
    decision,
    operation,
    operations: (await operationsOf(site, victim.id, heatedAtMs)).length,
    repaths: repaths.filter(
      ({ serverId, startedAt }) => serverId === victim.id && Date.parse(startedAt) >= heatedAtMs,
    ),
    hostByNova,
    hostsByNeutron: await boundHosts(cloud, victim.id),
    newLiveMigrations: (await liveMigrations(cloud, victim.id)).filter((id) => !earlier.has(id)),
    pathFaults: faults,
    heatedAtMs,
  };
}

async function hostOf({ nova }: OpenStack, serverId: string): Promise<string> {
  const { host } = await nova.showServer(serverId);
  if (host === null) throw new Error(`server ${serverId} is on no host`);
  return host;
}

/** The hosts of the chain's source and of each hop's members now, as flow rules are to have them. */
export async function pathOf(
  site: Pick<JobSite, 'lab' | 'cloud'>,
  chain: JobChain,
): Promise<PathHop[]> {
  const placed = new Map(site.lab.description.hosts.map((host) => [host.name, host]));
  const hop = async (servers: readonly LabServer[]) =>
    (await Promise.all(servers.map(({ id }) => hostOf(site.cloud, id)))).map((name) => {
      const host = placed.get(name);
      if (host === undefined) throw new Error(`${name} is no host of the lab`);
      return { name, tunnelIp: host.tunnelIp };
    });
  return Promise.all([[chain.source], ...chain.hops].map(hop));
}

/** A host that has no member of the chain, if there is one: then each member's move is seen in the rules. */
async function idlestOf(site: JobSite, chain: JobChain, from: string): Promise<string> {
  const taken = new Set((await pathOf(site, chain)).flat().map(({ name }) => name));
  const others = site.hosts.names.filter((name) => name !== from);
  const [idle] = [...others.filter((name) => !taken.has(name)), ...others];
  if (idle === undefined) throw new Error('a move needs two hosts');
  return idle;
}

/** Waits until Monitoring knows the chain, and the load of all hosts and of the victim. */
async function untilKnown(
  { hosts, stack }: JobSite,
  chain: JobChain,
  { from, idle, victim }: { from: string; idle: string; victim: LabServer },
): Promise<void> {
  const newest = async (metric: string) => {
    const params = { query: { metric } };
    const { samples } = await answer('monitoring', stack.monitoring.GET('/latest', { params }));
    return new Map(
      samples.filter(({ fresh }) => fresh).map(({ resource, value }) => [resource, value]),
    );
  };
  await poll(
    'chain and loads known to Monitoring',
    READY_LIMIT_MS,
    async () => {
      const fleet = await answer('monitoring', stack.monitoring.GET('/fleet'));
      if (!fleet.hosts.every(({ state, status }) => state === 'up' && status === 'enabled'))
        return undefined;
      if (!fleet.chains.some(({ id }) => id === chain.id)) return undefined;
      if (fleet.servers.find(({ id }) => id === victim.id)?.hostId !== from) return undefined;
      if (!(await newest('server.cpuPercent')).has(victim.id)) return undefined;
      const load = await newest('host.cpuPercent');
      const idleLoad = load.get(idle) ?? Number.POSITIVE_INFINITY;
      const busier = hosts.names
        .filter((name) => name !== from && name !== idle)
        .every((name) => (load.get(name) ?? 0) > idleLoad + BACKGROUND_PERCENT / 4);
      return busier ? true : undefined;
    },
    POLL_MS,
  );
}

function alarmOf(
  { stack }: JobSite,
  { host, sinceMs }: { host: string; sinceMs: number },
  state: 'raised' | 'cleared',
  limitMs: number,
): Promise<Alarm> {
  return poll(
    `the alarm of ${host} ${state}`,
    limitMs,
    async () => {
      const params = { query: { resource: host } };
      const { alarms } = await answer('monitoring', stack.monitoring.GET('/alarms', { params }));
      return alarms.find(
        (alarm) =>
          alarm.metric === 'host.cpuPercent' &&
          alarm.state === state &&
          Date.parse((state === 'raised' ? alarm.raisedAt : alarm.clearedAt) ?? '') >= sinceMs,
      );
    },
    POLL_MS,
  );
}

/** Operations of a server since a moment, newest first. */
async function operationsOf(
  { stack }: JobSite,
  serverId: string,
  sinceMs: number,
): Promise<Operation[]> {
  const params = { query: { serverId } };
  const { operations } = await answer('migration', stack.migration.GET('/operations', { params }));
  return operations.filter(({ createdAt }) => Date.parse(createdAt) >= sinceMs);
}

/** What is wrong with the chain's rules once the agents have had time to get them. */
async function settledFaults(site: JobSite, chain: JobChain): Promise<string[]> {
  const path = await pathOf(site, chain);
  const faults = () => pathFaults(readFlowRules(site.lab.description.sfcFlowsFile), chain.id, path);
  await poll('a whole chain', RULES_LIMIT_MS, () =>
    faults().length === 0 ? true : undefined,
  ).catch(
    // The answer below says what is wrong.
    () => undefined,
  );
  return faults();
}
