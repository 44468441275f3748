import { answer } from '@sidestep/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { chainId, serverId } from './cloud.ts';
import {
  alarmOf,
  approve,
  chainIsWhole,
  decision,
  decisionOf,
  ended,
  heat,
  hostOf,
  liveMigrationCalls,
  noHopWasEverOpen,
  nothingIsLeftBehind,
  putSettings,
  setKillSwitch,
} from './moves.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  // A host that was handled rests for the length of the file: each test has a host of its own.
  rig = await startRig({
    settings: {
      SIDESTEP_MODE: 'auto',
      SIDESTEP_HOST_REST_MS: '600000',
      SIDESTEP_LOG_LEVEL: 'info',
    },
  });
}, 90_000);
afterAll(() => rig?.close());

test('a host that runs hot loses its VNF to the idlest host by one live migration, and the chain is whole again', async () => {
  const before = rig.cloud.calls().length;

  heat(rig, 'compute1', 12_000);
  const approved = await decisionOf(rig, 'compute1', ['approved', 'executed']);
  const done = await ended(rig, approved.operationId ?? '');

  // The move itself.
  expect(done).toMatchObject({
    state: 'COMPLETED',
    serverId: serverId('fw'),
    sourceHostId: 'compute1',
    destinationHostId: 'compute5',
    problem: null,
    repath: { state: 'completed', hops: 1 },
    nova: { status: 'completed' },
  });
  expect(done.steps.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'reserve done',
    'precheck done',
    'drain skipped',
    'migrate done',
    'verify done',
    'repath done',
    'probe skipped',
    'undrain skipped',
    'settle done',
  ]);
  expect(done.effects).toMatchObject({ serverMetrics: 'flowing' });
  expect(liveMigrationCalls(rig, 'fw')).toMatchObject([{ status: 202 }]);
  expect(hostOf(rig, 'fw')).toBe('compute5');

  // The chain: rendered anew on the new host, and never open.
  await chainIsWhole(rig);
  noHopWasEverOpen(rig);
  await nothingIsLeftBehind(rig);
  const hops = rig.cloud.flows().chains.find((each) => each.chainId === chainId)?.hops ?? [];
  expect(hops[0]?.members).toMatchObject([
    { serverId: serverId('fw'), isOn: 'compute5', sentTo: 'compute5' },
  ]);

  // Nothing else was touched.
  const touched = rig.cloud
    .calls()
    .slice(before)
    .filter(({ service }) => service === 'compute');
  expect(touched).toHaveLength(1);

  // The records tell what, why and what it cost.
  const { alarms } = await answer('monitoring', rig.client('monitoring').GET('/alarms'));
  const alarm = alarms.find(({ resource }) => resource === 'compute1');
  const record = await decision(rig, approved.id);
  expect(record).toMatchObject({
    state: 'executed',
    trigger: { kind: 'alarm', alarmIds: [alarm?.id], ruleIds: ['host-cpu-high'] },
    policy: 'least-cpu',
    mode: 'auto',
    serverId: serverId('fw'),
    destinationHostId: 'compute5',
    victims: [{ name: 'fw', chosen: true }],
  });
  expect(record.history.map(({ state }) => state)).toEqual(['proposed', 'approved', 'executed']);
  expect(record.candidates[0]?.hostId).toBe('compute5');
  expect(record.data.oldestSampleAgeMs).toBeLessThan(3_000);
  const [effect] = done.chains;
  expect(effect?.chainId).toBe(chainId);
  for (const time of [effect?.before, effect?.during, effect?.after]) {
    expect(time?.requestsPerSecond).toEqual(expect.any(Number));
    expect(time?.responseTimeMs).toEqual(expect.any(Number));
  }
});

test('in recommend nothing moves before somebody approves', async () => {
  await putSettings(rig, { mode: 'recommend', policy: 'least-cpu' });

  heat(rig, 'compute2', 12_000);
  const proposed = await decisionOf(rig, 'compute2', ['proposed']);
  // Looked at again, it is still the same proposal.
  await poll('the alarms were looked at again', 5_000, async () => {
    const now = Date.now();
    return now - Date.parse(proposed.createdAt) > 1_500 || undefined;
  });
  expect(await decision(rig, proposed.id)).toMatchObject({ state: 'proposed', operationId: null });
  expect(liveMigrationCalls(rig, 'ips')).toEqual([]);

  const done = await ended(rig, await approve(rig, proposed));

  expect(done).toMatchObject({ state: 'COMPLETED', decisionId: proposed.id });
  expect(liveMigrationCalls(rig, 'ips')).toHaveLength(1);
  expect((await decision(rig, proposed.id)).history.map(({ state, by }) => [state, by])).toEqual([
    ['proposed', null],
    ['approved', 'operator'],
    ['executed', null],
  ]);
  await chainIsWhole(rig);
  noHopWasEverOpen(rig);
});

test('a vetoed decision is not made again while the host stays hot', async () => {
  await putSettings(rig, { mode: 'recommend', policy: 'least-cpu' });

  heat(rig, 'compute3', 8_000);
  const proposed = await decisionOf(rig, 'compute3', ['proposed']);
  const vetoed = await answer(
    'migration',
    rig.client('migration').POST('/decisions/{decisionId}/veto', {
      params: { path: { decisionId: proposed.id } },
      body: { reason: 'maintenance tonight' },
    }),
  );
  await putSettings(rig, { mode: 'auto', policy: 'least-cpu' });
  await alarmOf(rig, 'compute3', 'cleared');

  expect(vetoed).toMatchObject({ state: 'vetoed' });
  expect(vetoed.history.at(-1)).toMatchObject({ by: 'operator', reason: 'maintenance tonight' });
  expect(liveMigrationCalls(rig, 'web')).toEqual([]);
});

test('the kill switch holds every move back; released, the host that is still hot is handled', async () => {
  await putSettings(rig, { mode: 'auto', policy: 'least-cpu' });
  await setKillSwitch(rig, true);

  heat(rig, 'compute4', 30_000);
  const held = await decisionOf(rig, 'compute4', ['proposed']);
  const refused = await rig.client('migration').POST('/decisions/{decisionId}/approval', {
    params: { path: { decisionId: held.id } },
  });
  expect(refused.response.status).toBe(409);
  expect(refused.error).toMatchObject({ code: 'KILL_SWITCH' });
  expect(liveMigrationCalls(rig, 'lone')).toEqual([]);

  await setKillSwitch(rig, false);
  const approved = await decisionOf(rig, 'compute4', ['approved', 'executed']);
  const done = await ended(rig, approved.operationId ?? '');

  expect(done).toMatchObject({
    state: 'COMPLETED',
    serverName: 'lone',
    repath: { state: 'not-needed' },
    chains: [],
  });
  expect(liveMigrationCalls(rig, 'lone')).toHaveLength(1);
});

test('least-risk decides without a model too, and the record names what stood in; a proposal ends with its alarm', async () => {
  await putSettings(rig, { mode: 'recommend', policy: 'least-risk' });

  heat(rig, 'compute5', 3_000);
  const proposed = await decisionOf(rig, 'compute5', ['proposed']);
  await alarmOf(rig, 'compute5', 'cleared');
  const expired = await decisionOf(rig, 'compute5', ['expired']);

  expect(proposed).toMatchObject({ policy: 'least-risk', modelVersion: null });
  expect(proposed.fallback).toMatch(/^persistence: /);
  expect(proposed.candidates.map(({ risk }) => risk)).not.toContain(null);
  expect(expired.id).toBe(proposed.id);
  expect(expired.history.at(-1)).toMatchObject({ reason: 'the alarm cleared', by: null });
});

test('an alarm that clears cancels the operation that has not begun', async () => {
  await putSettings(rig, { mode: 'auto', policy: 'least-cpu' });
  const calls = rig.cloud.calls().length;
  // The precheck waits for Nova to tell of the server; planning asks Monitoring and Placement.
  const mend = rig.cloud.faults.api({
    service: 'compute',
    method: 'GET',
    path: '/servers/[0-9a-f-]{36}$',
    effect: 503,
  });

  heat(rig, 'compute5', 3_000);
  const approved = await decisionOf(rig, 'compute5', ['approved']);
  const over = await ended(rig, approved.operationId ?? '');
  mend();

  expect(over).toMatchObject({
    state: 'ROLLED_BACK',
    step: 'precheck',
    nova: null,
    problem: { code: 'OPERATION_ABORTED' },
  });
  expect(over.problem?.detail).toMatch(/the alarm cleared/);
  expect(await decision(rig, approved.id)).toMatchObject({ state: 'expired' });
  expect(rig.cloud.calls().slice(calls)).toEqual([]);
});
