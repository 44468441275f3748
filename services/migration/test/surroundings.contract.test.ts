import { type monitoring, type nfvo, serviceClient } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';
import { fakeService, manualClock, testToken } from '@sidestep/service-kit/testing';
import { expect, onTestFinished, test } from 'vitest';
import { serviceSurroundings } from '../src/adapters/services/surroundings.ts';

const link = { id: 'l1', node1_id: 'h1', node2_id: 'h2', delay_us: 1_500, max_bw_mbps: null };
const unmeasured = { ...link, id: 'l2', node2_id: 'h3', delay_us: null };
const sla = { bandwidth_mbps: 100, delay_ms: 5, criticality: 4 };

async function around() {
  const state = { away: false, links: 0 };
  const there = () => {
    if (state.away) throw new ProblemError('UPSTREAM_FAILED', 'out of order');
  };
  const monitor = await fakeService<monitoring.operations>('monitoring', {
    listLinks: () => {
      there();
      state.links += 1;
      return { status: 200, body: [link, unmeasured] };
    },
  });
  const orchestrator = await fakeService<nfvo.operations>('nfvo', {
    listPromises: ({ query }) => ({
      status: 200,
      body:
        query.cursor === undefined
          ? { promises: [{ sfc_id: 'c1', sla }], nextCursor: 'more' }
          : {
              promises: [{ sfc_id: 'c2', sla: { bandwidth_mbps: null, delay_ms: 7 } }],
              nextCursor: null,
            },
    }),
  });
  onTestFinished(async () => {
    await Promise.all([monitor.close(100), orchestrator.close(100)]);
  });
  const clock = manualClock(0);
  const call = { token: testToken('viewer'), timeoutMs: 1_000, retries: 0 };
  const clients = {
    monitoring: serviceClient('monitoring', { baseUrl: monitor.url, ...call }),
    nfvo: serviceClient('nfvo', { baseUrl: orchestrator.url, ...call }),
  };
  return { state, clock, surroundings: serviceSurroundings(clients, () => clock.now()) };
}

test('links come from Monitoring, a delay that nobody measured is unknown; promises come from NFVO, page by page', async () => {
  const { surroundings } = await around();

  expect(await surroundings.links()).toEqual([
    { id: 'l1', ends: ['h1', 'h2'], delayMs: 1.5, bandwidthMbps: 'unknown' },
    { id: 'l2', ends: ['h1', 'h3'], delayMs: 'unknown', bandwidthMbps: 'unknown' },
  ]);
  expect(Object.fromEntries(await surroundings.promises())).toEqual({
    c1: { delayMs: 5, bandwidthMbps: 100, criticality: 4 },
    c2: { delayMs: 7, bandwidthMbps: null, criticality: 3 },
  });
});

test('a reading serves for a while, and the last one goes on serving while there is no other', async () => {
  const { state, clock, surroundings } = await around();

  await surroundings.links();
  await surroundings.links();
  expect(state.links).toBe(1);
  state.away = true;
  clock.advance(60_000);

  expect(await surroundings.links()).toHaveLength(2);
});

test('who did not answer is not asked again at once', async () => {
  const { state, clock, surroundings } = await around();
  state.away = true;
  await expect(surroundings.links()).rejects.toBeInstanceOf(ProblemError);
  state.away = false;

  await expect(surroundings.links()).rejects.toBeInstanceOf(ProblemError);
  clock.advance(10_000);

  expect(await surroundings.links()).toHaveLength(2);
});
