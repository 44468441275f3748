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
