import { expect, onTestFinished, test } from 'vitest';
import { served } from './fakes/served.ts';

test('the chain is shown, verified, and exported while the service runs', async () => {
  const { ask, close } = await served({ SIDESTEP_HEAD_EXPORT_MS: '100' });
  onTestFinished(close);
  expect(await ask('GET', '/decisions/head')).toMatchObject({
    status: 200,
    body: { sequence: 0, hash: '0'.repeat(64), at: null },
  });
  await ask('POST', '/decisions', { hostId: 'h1' });

  const head = await ask('GET', '/decisions/head', undefined, 'viewer');

  expect(head).toMatchObject({ status: 200, body: { sequence: 1 } });
  expect(await ask('GET', '/decisions/verification?from=1&limit=10', undefined, 'viewer')).toEqual(
    expect.objectContaining({
      status: 200,
      body: {
        intact: true,
        fromSequence: 1,
        toSequence: 1,
        faults: [],
        head: head.body,
        nextFrom: null,
      },
    }),
  );
  await expect
    .poll(async () => (await ask('GET', '/metrics')).body, { timeout: 5_000 })
    .toContain('sidestep_decision_chain_sequence 1');
});

test('what each policy would have chosen is shown, and how they fare', async () => {
  const { ask, close, migration, telemetry } = await served();
  onTestFinished(close);
  telemetry.raise('h1');
  await migration.reconcile();
  const { decisions } = (await ask('GET', '/decisions')).body as { decisions: { id: string }[] };
  const [decision] = decisions;

  const shown = await ask('GET', `/decisions/${decision?.id}/counterfactuals`, undefined, 'viewer');

  expect(shown).toMatchObject({
    status: 200,
    body: { decisionId: decision?.id, policy: 'least-cpu' },
  });
  expect((shown.body as { choices: object[] }).choices).toContainEqual({
    policy: 'least-cpu',
    serverId: 's1',
    destinationHostId: 'h2',
    health: 'pending',
  });
  expect(await ask('GET', '/decisions/none/counterfactuals')).toMatchObject({ status: 404 });
  expect(await ask('GET', '/scoreboard', undefined, 'viewer')).toMatchObject({
    status: 200,
    body: { overloadPercent: 90, policies: [] },
  });
});
