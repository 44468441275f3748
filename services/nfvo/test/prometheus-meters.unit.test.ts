import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { prometheusMeters } from '../src/adapters/prometheus/prometheus-meters.ts';
import { repath } from '../src/usecases/repath.ts';
import { house } from './fakes/house.ts';

test('Prometheus reads re-renders by outcome, gaps and bypasses, orphans and what is open', async () => {
  const registry = new Registry();
  const meters = prometheusMeters(registry);

  meters.repathEnded('completed');
  meters.repathEnded('failed');
  meters.hopRendered({ method: 'holder', gapMs: 750, bypassMs: 0 });
  meters.openOperations('repath', 2);
  meters.orphans(3);

  const lines = (await registry.metrics()).split('\n');
  for (const line of [
    'sidestep_repaths_total{outcome="completed"} 1',
    'sidestep_repaths_total{outcome="failed"} 1',
    'sidestep_repath_gap_seconds_sum{method="holder"} 0.75',
    'sidestep_repath_bypass_seconds_sum{method="holder"} 0',
    'sidestep_nfvo_open_operations{kind="repath"} 2',
    'sidestep_nfvo_orphans 3',
  ])
    expect(lines).toContain(line);
});

test('orphans that were never looked for are not told as none', async () => {
  const registry = new Registry();
  prometheusMeters(registry);

  expect(await registry.metrics()).toMatch(/^sidestep_nfvo_orphans nan$/im);
});

test('a re-render counts once, and so does each of its hops; the record again counts nothing', async () => {
  const it = house();
  for (const id of ['fw', 'ips']) it.cloud.server(id, 'host1');
  await it.chain([['fw'], ['ips']]);
  it.cloud.move('fw', 'host2');

  await repath(it.context, 'r1', 'fw');
  await repath(it.context, 'r1', 'fw');
  await it.restart();

  expect(it.metered.filter((each) => !each.startsWith('open'))).toEqual([
    'repath completed',
    'hop holder',
  ]);
  expect(it.metered).toContain('open repath 0');
});
