import { answer } from '@sidestep/contracts';
import { createOpenStack } from '@sidestep/openstack';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { serverId } from './cloud.ts';
import {
  approve,
  type BegunMove,
  beginMove,
  chainIsWhole,
  decision,
  ended,
  hostOf,
  liveMigrationCalls,
  movedOnce,
  noHopWasEverOpen,
  type Operation,
  operation,
  propose,
} from './moves.ts';
import { type Rig, startRig } from './rig.ts';

let rig: Rig;
beforeAll(async () => {
  rig = await startRig({
    settings: {
      SIDESTEP_PATIENCE_MS: '3000',
      SIDESTEP_MIGRATION_TIMEOUT_MS: '6000',
      SIDESTEP_ABORT_TIMEOUT_MS: '3000',
      SIDESTEP_REPATH_RETRIES: '0',
    },
  });
}, 90_000);
afterEach(() => rig.cloud.faults.reset());
afterAll(() => rig?.close());

/** The operation ended where it began: nothing moved, the reason on it, the server free for the next move. */
async function rolledBack(begun: BegunMove, calls: number): Promise<Operation> {
  const over = await ended(rig, begun.id);
  rig.cloud.faults.reset();
  expect(over.state).toBe('ROLLED_BACK');
  expect(hostOf(rig, 'fw')).toBe(begun.from);
  expect(liveMigrationCalls(rig, 'fw').slice(begun.callsBefore)).toHaveLength(calls);
  await chainIsWhole(rig);
  noHopWasEverOpen(rig);
  return over;
}

/** Approves a move of the firewall that is decided already; `before` breaks something in between. */
async function approvedAfter(before: (destination: string) => Promise<void> | void) {
  const from = hostOf(rig, 'fw');
  const callsBefore = liveMigrationCalls(rig, 'fw').length;
  const proposed = await propose(rig, 'fw');
  await before(proposed.destinationHostId ?? '');
  return { id: await approve(rig, proposed), from, callsBefore };
}

const novaWasAsked = (begun: BegunMove) =>
  poll('Nova was asked', 10_000, async () => {
    return (await operation(rig, begun.id)).nova !== null || undefined;
  });

test('Keystone refuses: the operation ends with that, Nova never asked', async () => {
  const begun = await approvedAfter(() => {
    rig.cloud.faults.api({ service: 'identity', effect: 401 });
    rig.cloud.faults.expireTokens();
  });

  const over = await rolledBack(begun, 0);

  expect(over.problem).toMatchObject({ code: 'UPSTREAM_FAILED' });
  expect(over.problem?.detail).toMatch(/identity.*401/);
  expect(over.nova).toBeNull();
});

test.each([
  ['answers 503', 503],
  ['is silent', 'timeout'],
] as const)('Nova %s for two seconds of the move: it is waited for', async (_how, effect) => {
  const begun = await beginMove(rig);
  await novaWasAsked(begun);
  rig.cloud.faults.api({ service: 'compute', effect, forMs: 2_000 });

  await movedOnce(rig, begun);
});

test.each([
  ['503', 503],
  ['500', 500],
  ['silence', 'timeout'],
] as const)(
  'Nova answers the request for a live migration with %s: it is made again, and the server moved once',
  async (_how, effect) => {
    rig.cloud.faults.api({
      service: 'compute',
      method: 'POST',
      path: '/action$',
      effect,
      count: 1,
    });

    const begun = await beginMove(rig);
    const done = await ended(rig, begun.id);

    expect(done).toMatchObject({ state: 'COMPLETED', problem: null });
    expect(hostOf(rig, 'fw')).toBe(done.destinationHostId);
    const calls = liveMigrationCalls(rig, 'fw').slice(begun.callsBefore);
    expect(calls.filter(({ status }) => status === 202)).toHaveLength(1);
    await chainIsWhole(rig);
  },
);

test('Nova takes no live migration for good: tries are bounded, the reason is on the operation', async () => {
  rig.cloud.faults.api({ service: 'compute', method: 'POST', path: '/action$', effect: 503 });

  const begun = await beginMove(rig);
  const over = await ended(rig, begun.id);

  expect(over.state).toBe('ROLLED_BACK');
  expect(over.problem).toMatchObject({
    code: 'MIGRATION_FAILED',
    detail: 'Nova did not take the request in 3 tries',
  });
  expect(liveMigrationCalls(rig, 'fw').slice(begun.callsBefore)).toHaveLength(3);
  expect(hostOf(rig, 'fw')).toBe(begun.from);
});

test('Neutron fails in the middle of the re-render: it is gone on with', async () => {
  const group = '/sfc/port_pair_groups/';
  rig.cloud.faults.api({ service: 'network', method: 'PUT', path: group, effect: 500, count: 2 });

  await movedOnce(rig, await beginMove(rig));
});

test('Neutron takes no change for long: the operation fails with that, and the chain is made whole once it does', async () => {
  for (const method of ['POST', 'PUT', 'DELETE'])
    rig.cloud.faults.api({ service: 'network', method, effect: 503 });

  const begun = await beginMove(rig);
  const over = await ended(rig, begun.id);
  rig.cloud.faults.reset();

  expect(over).toMatchObject({
    state: 'FAILED',
    step: 'repath',
    problem: { code: 'REPATH_FAILED' },
    repath: { state: 'failed' },
    nova: { status: 'completed' },
  });
  expect(over.problem?.detail).toMatch(/network.*503/);
  expect(await decision(rig, over.decisionId)).toMatchObject({ state: 'executed' });
  await poll('the chain is whole', 30_000, () => {
    return rig.cloud.flows().chains.every(({ state }) => state === 'whole') || undefined;
  });
  noHopWasEverOpen(rig);
});

test('the destination fails Nova’s pre-check: rolled back, with Nova’s words', async () => {
  rig.cloud.faults.liveMigration('*', { precheckFail: 'CPU is not compatible' });

  const over = await rolledBack(await beginMove(rig), 1);

  expect(over.problem).toMatchObject({ code: 'MIGRATION_FAILED' });
  expect(over.problem?.detail).toMatch(/CPU is not compatible/);
});

test('the hypervisor fails during the copy, with every event a success: rolled back, and said so', async () => {
  rig.cloud.faults.liveMigration('*', { fail: true });

  const over = await rolledBack(await beginMove(rig), 1);

  expect(over.problem).toMatchObject({ code: 'MIGRATION_FAILED' });
  expect(over.problem?.detail).toMatch(/failed although every step of it reads Success/);
  expect(over.nova).toMatchObject({ status: 'failed' });
});

test('a copy that never ends is aborted when its time is over', async () => {
  rig.cloud.faults.liveMigration('*', { hang: true });

  const over = await rolledBack(await beginMove(rig), 1);

  expect(over.problem).toMatchObject({ code: 'MIGRATION_TIMEOUT' });
  expect(over.nova).toMatchObject({ status: 'cancelled' });
});

test('the destination dies a moment before: rolled back with the reason', async () => {
  const begun = await approvedAfter((destination) => rig.cloud.faults.hostDown(destination));

  const over = await rolledBack(begun, 1);

  expect(over.problem).toMatchObject({ code: 'MIGRATION_FAILED' });
  expect(over.problem?.detail).toMatch(/No valid host was found/);
});

test('the destination is disabled between decision and call: the precheck refuses, Nova never asked', async () => {
  const { credentials, authUrl } = rig.cloud;
  const { username, password, projectName, regionName } = credentials;
  const auth = { kind: 'password', username, password, projectName } as const;
  const { nova } = createOpenStack({ authUrl, auth, region: regionName });
  let disabled = '';

  const begun = await approvedAfter(async (destination) => {
    const [service] = await nova.listComputeServices({ host: destination, binary: 'nova-compute' });
    disabled = service?.id ?? '';
    await nova.disableComputeService(disabled, 'maintenance');
  });
  const over = await rolledBack(begun, 0);
  await nova.enableComputeService(disabled);

  expect(over).toMatchObject({ step: 'precheck', problem: { code: 'PRECHECK_FAILED' } });
  expect(over.problem?.detail).toMatch(/is disabled/);
});

test('a host whose series is older than three intervals is no destination', async () => {
  const idlest = 'compute5';
  rig.cloud.faults.telemetryDown(idlest);

  await poll(`${idlest} is stale`, 10_000, async () => {
    const { data } = await rig.client('monitoring').GET('/fleet');
    const host = data?.hosts.find(({ id }) => id === idlest);
    return host?.telemetry === 'stale' || undefined;
  });
  const made = await answer(
    'migration',
    rig.client('migration').POST('/decisions', {
      body: { hostId: hostOf(rig, 'web'), serverId: serverId('web'), policy: 'least-cpu' },
    }),
  );

  expect(made.destinationHostId).not.toBe(idlest);
  expect(made.candidates.map(({ hostId }) => hostId)).not.toContain(idlest);
  expect(made.rejected).toContainEqual(
    expect.objectContaining({ hostId: idlest, why: 'load-unknown' }),
  );
});
