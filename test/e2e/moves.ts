import { answer, type migration } from '@sidestep/contracts';
import type { ApiCall } from '@sidestep/emulator';
import { expect } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { chainId, type ServerName, serverId } from './cloud.ts';
import type { Rig } from './rig.ts';

export type Decision = migration.components['schemas']['Decision'];
export type Operation = migration.components['schemas']['Operation'];

const finalStates: readonly Operation['state'][] = ['COMPLETED', 'FAILED', 'ROLLED_BACK'];

/** Stress from outside its servers, beyond what the host has. */
export function heat({ cloud }: Rig, host: string, durationMs: number): void {
  cloud.addStress({ host, cores: 14, startMs: cloud.clock.nowMs(), durationMs, rampMs: 200 });
}

/** Where a server runs now, as the cloud itself knows. */
export function hostOf({ cloud }: Rig, server: ServerName): string {
  const host = cloud.placements().get(serverId(server));
  if (host === undefined) throw new Error(`${server} is nowhere`);
  return host;
}

/** The requests for a live migration of a server that reached Nova, oldest first. */
export function liveMigrationCalls({ cloud }: Rig, server: ServerName): readonly ApiCall[] {
  return cloud
    .calls()
    .filter(
      ({ path, body }) =>
        path === `/servers/${serverId(server)}/action` &&
        JSON.stringify(body).includes('os-migrateLive'),
    );
}

/** Decides for a server where it is; the decision is only proposed. `random` moves it whether that helps or not. */
export async function propose(rig: Rig, server: ServerName): Promise<Decision> {
  let last: unknown;
  // The inventory may be half a second behind the last move: then the server is not where it is said to be.
  return poll(`a destination for ${server}`, 20_000, async () => {
    const { data, error } = await rig.client('migration').POST('/decisions', {
      body: { hostId: hostOf(rig, server), serverId: serverId(server), policy: 'random' },
    });
    last = data ?? error;
    return data?.state === 'proposed' ? data : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; the last answer is ${JSON.stringify(last)}`);
  });
}

/** Has a decision carried out; answers its operation's id. */
export async function approve(rig: Rig, decision: Decision): Promise<string> {
  const { id } = await answer(
    'migration',
    rig.client('migration').POST('/decisions/{decisionId}/approval', {
      params: { path: { decisionId: decision.id } },
    }),
  );
  return id;
}

export async function operation(rig: Rig, operationId: string): Promise<Operation> {
  return answer(
    'migration',
    rig.client('migration').GET('/operations/{operationId}', { params: { path: { operationId } } }),
  );
}

/** The operation once it is in a final state. */
export function ended(rig: Rig, operationId: string, withinMs = 40_000): Promise<Operation> {
  let last: Operation | undefined;
  return poll(`operation ${operationId} ends`, withinMs, async () => {
    last = await operation(rig, operationId);
    return finalStates.includes(last.state) ? last : undefined;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it reads ${JSON.stringify(last)}`);
  });
}

export async function decision(rig: Rig, decisionId: string): Promise<Decision> {
  return answer(
    'migration',
    rig.client('migration').GET('/decisions/{decisionId}', { params: { path: { decisionId } } }),
  );
}

/** The newest decision of a host in one of the states, made after a time. */
export function decisionOf(
  rig: Rig,
  hostId: string,
  states: readonly Decision['state'][],
  since = 0,
): Promise<Decision> {
  return poll(`a decision for ${hostId} that is ${states.join(' or ')}`, 20_000, async () => {
    const { decisions } = await answer(
      'migration',
      rig.client('migration').GET('/decisions', { params: { query: { hostId } } }),
    );
    return decisions.find(
      ({ state, createdAt }) => states.includes(state) && Date.parse(createdAt) >= since,
    );
  });
}

/** Until the chain's traffic meets every hop where it is. */
export async function chainIsWhole({ cloud }: Rig): Promise<void> {
  await poll('the chain is whole', 15_000, () => {
    const path = cloud.flows().chains.find((each) => each.chainId === chainId);
    return path?.state === 'whole' || undefined;
  });
}

/** No host was ever told to steer past a hop: a firewall would have been bypassed. */
export function noHopWasEverOpen({ cloud }: Rig): void {
  const { emptyNextHops, gaps } = cloud.flows();
  expect(emptyNextHops).toEqual([]);
  expect(gaps.filter(({ kind }) => kind === 'bypass')).toEqual([]);
}

/** Nothing of a re-render is left: no pair outside a group, no holder's port, no orphan. */
export async function nothingIsLeftBehind(rig: Rig): Promise<void> {
  const { orphans } = await answer('nfvo', rig.client('nfvo').GET('/orphans'));
  expect(orphans).toEqual([]);
}

export async function putSettings(
  rig: Rig,
  settings: migration.components['schemas']['SettingsSpec'],
): Promise<void> {
  await answer('migration', rig.client('migration', 'admin').PUT('/settings', { body: settings }));
}

export async function setKillSwitch(rig: Rig, engaged: boolean): Promise<void> {
  await answer(
    'migration',
    rig.client('migration').PUT('/kill-switch', { body: { engaged, reason: 'a test' } }),
  );
}

/** A move of the firewall, which is alone in its hop. */
export type BegunMove = { id: string; from: string; callsBefore: number };

export async function beginMove(
  rig: Rig,
  carryOut: (decision: Decision) => Promise<string> = (proposed) => approve(rig, proposed),
): Promise<BegunMove> {
  const from = hostOf(rig, 'fw');
  const callsBefore = liveMigrationCalls(rig, 'fw').length;
  const id = await carryOut(await propose(rig, 'fw'));
  return { id, from, callsBefore };
}

/** The move was done once, to its end. That it left no reservation shows at the next move of the same server. */
export async function movedOnce(rig: Rig, begun: BegunMove): Promise<Operation> {
  const done = await ended(rig, begun.id);
  expect(done).toMatchObject({ state: 'COMPLETED', problem: null });
  expect(hostOf(rig, 'fw')).toBe(done.destinationHostId);
  expect(hostOf(rig, 'fw')).not.toBe(begun.from);
  expect(liveMigrationCalls(rig, 'fw').slice(begun.callsBefore)).toHaveLength(1);
  await chainIsWhole(rig);
  noHopWasEverOpen(rig);
  await nothingIsLeftBehind(rig);
  expect(await decision(rig, done.decisionId)).toMatchObject({ state: 'executed' });
  return done;
}

/** Until the alarm of a host's CPU is in a state. */
export async function alarmOf(rig: Rig, host: string, state: 'raised' | 'cleared'): Promise<void> {
  await poll(`the alarm of ${host} is ${state}`, 60_000, async () => {
    const { alarms } = await answer('monitoring', rig.client('monitoring').GET('/alarms'));
    const hot = alarms.find(
      ({ resource, ruleId }) => resource === host && ruleId === 'host-cpu-high',
    );
    return hot?.state === state || undefined;
  });
}
