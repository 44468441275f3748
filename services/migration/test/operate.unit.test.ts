import { expect, test } from 'vitest';
import { world } from './fakes/world.ts';

test('a hot host’s largest server is moved, its chain re-pathed, and the record tells all of it', async () => {
  const sut = world();
  sut.telemetry.raise('h1', { raisedAtMs: sut.clock.now() - 300 });

  await sut.reconcile();
  await sut.run(sut.woken[0]?.id ?? '');

  const operation = await sut.operation();
  expect(operation).toMatchObject({
    state: 'COMPLETED',
    step: 'settle',
    from: 'h1',
    to: 'h2',
    nova: { requestId: 'req-1', migrationId: 1, status: 'completed' },
    repath: { state: 'completed', hops: 1, gapMs: 700 },
    chains: [{ chainId: 'c1', before: sut.telemetry.quality, after: sut.telemetry.quality }],
    problem: null,
  });
  expect(operation.steps.map(({ name, outcome }) => [name, outcome])).toEqual([
    ['reserve', 'done'],
    ['precheck', 'done'],
    ['migrate', 'done'],
    ['verify', 'done'],
    ['repath', 'done'],
    ['settle', 'done'],
  ]);
  expect(sut.compute.calls).toEqual(['h2']);
  expect(sut.counted.alarmToCallMs).toEqual([300]);
  const decision = await sut.ledger.decision(operation.decisionId);
  expect(decision?.value).toMatchObject({ state: 'executed', operationId: operation.id });
  expect(decision?.value.history.map(({ state }) => state)).toEqual([
    'proposed',
    'approved',
    'executed',
  ]);
  expect(await sut.ledger.reservation('host:h2')).toBeUndefined();
  expect(await sut.ledger.standing()).toEqual([]);
});
