import { encodeDatagrams } from '@sidestep/collectd';
import { openApiDocument } from '@sidestep/contracts';
import { contractOperations, type Listening, listen } from '@sidestep/service-kit';
import { badRequests, testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { defaultRules } from '../src/domain/alarm-rule.ts';
import { callsTo } from './fakes/calls-to.ts';
import { hostNamed, serverNamed } from './fakes/inventory.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

const server = serverNamed('s1', {
  ports: [
    { id: 'p1', name: 'tapp1', networkId: 'n1', hostId: 'compute1', ipAddresses: ['10.0.0.4'] },
  ],
});
const member = { portPairId: 'pp1', ingressPortId: 'p1', egressPortId: 'p1', serverId: 's1' };
const inventory = {
  hosts: [hostNamed('compute1'), hostNamed('compute2', { status: 'disabled' })],
  servers: [server],
  serverGroups: [{ id: 'g1', name: 'apart', policy: 'anti-affinity', memberIds: ['s1'] }],
  chains: [
    {
      id: 'c1',
      name: 'web',
      flowClassifierIds: ['fc1'],
      hops: [{ portPairGroupId: 'ppg1', members: [member] }],
    },
  ],
  flavors: [{ id: 'f1', name: 'vnf', vcpus: 2, ramMiB: 1024 }],
};
const links = [
  { id: 'l1', node1Id: 'compute1', node2Id: 'compute2', delayUs: 200, maxBwMbps: 10_000 },
];

let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeAll(async () => {
  // Replies are checked against the document by the app itself: one that does not keep to it is a 500.
  service = await monitoringForTests(inventory, {
    links,
    post: async () => {
      throw new Error('nobody');
    },
  });
  http = await listen(service.app, '127.0.0.1', 0);
});
afterAll(() => http.close(100));

const call = callsTo(() => http, 'operator');
const get = (path: string) => call('GET', path);

const reading = (
  timeMs: number,
  plugin: string,
  type: string,
  typeInstance: string,
  value: number,
) => ({
  host: 'compute1',
  plugin,
  type,
  typeInstance,
  timeMs,
  intervalMs: 1000,
  values: [{ kind: 'gauge' as const, value }],
});

async function report(idlePercent: number): Promise<void> {
  service.clock.advance(1000);
  const timeMs = service.clock.now();
  const lists = [
    reading(timeMs, 'cpu', 'percent', 'idle', idlePercent),
    reading(timeMs, 'memory', 'memory', 'free', 1e9),
    reading(timeMs, 'memory', 'memory', 'used', 1e9),
  ];
  for (const datagram of encodeDatagrams(lists)) service.collectd.datagram(datagram);
  await service.run('flush');
}

describe('series', () => {
  test('what collectd reported is the newest sample, fresh until three intervals have passed', async () => {
    await report(60);
    const { body } = await get('/latest?metric=host.cpuPercent');
    service.clock.advance(3001);
    const later = await get('/latest?metric=host.cpuPercent&resource=compute1');

    expect(body.samples).toEqual([
      {
        resource: 'compute1',
        metric: 'host.cpuPercent',
        labels: {},
        timestamp: new Date(START_MS + 1000).toISOString(),
        value: 40,
        ageMs: 0,
        fresh: true,
      },
    ]);
    expect(later.body.samples[0]).toMatchObject({ ageMs: 3001, fresh: false });
  });

  test('samples that were written are found by a query', async () => {
    const timestampMs = service.clock.now() - 5000;
    const sample = {
      resource: 's9',
      metric: 'server.cpuPercent',
      labels: { by: 'hand' },
      timestampMs,
      value: 12.5,
    };

    const written = await call('POST', '/samples', { samples: [sample] });
    const found = await call('POST', '/query', {
      metrics: ['server.cpuPercent'],
      lastMs: 60_000,
      stepMs: 60_000,
      aggregate: 'mean',
    });

    expect(written).toMatchObject({ status: 200, body: { stored: 1 } });
    expect(found.body.series).toHaveLength(1);
    expect(found.body.series[0]).toMatchObject({ resource: 's9', labels: { by: 'hand' } });
    expect(found.body.series[0].values).toContain(12.5);
    expect(found.body.steps).toBe(found.body.series[0].values.length);
  });

  test('series are listed page by page, each once', async () => {
    const seen = [];
    let cursor: string | null = null;
    do {
      const at = cursor === null ? '' : `&cursor=${cursor}`;
      const { body, status } = await get(`/series?limit=2${at}`);
      expect(status).toBe(200);
      expect(body.series.length).toBeLessThanOrEqual(2);
      seen.push(
        ...body.series.map(
          (s: { resource: string; metric: string }) => `${s.resource} ${s.metric}`,
        ),
      );
      cursor = body.nextCursor;
    } while (cursor !== null);

    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('compute1 host.cpuPercent');
    expect(seen).toContain('compute1 collectd.memory_free___value___gauge');
  });

  test.each([
    [{ lastMs: 1000, from: '2026-11-20T12:00:00Z' }, '/lastMs'],
    [{}, '/from'],
    [{ from: '2026-11-20T12:00:00Z' }, '/to'],
    [{ from: '2026-11-20T12:00:00Z', to: '2026-11-20T11:00:00Z' }, '/to'],
    [{ lastMs: 1000, aggregate: 'percentile' }, '/percentile'],
    [{ lastMs: 1000, percentile: 50 }, '/percentile'],
  ])('a query of %o is refused and told where the fault is', async (over, pointer) => {
    const query = { metrics: ['host.cpuPercent'], stepMs: 1000, aggregate: 'mean', ...over };

    const { status, body } = await call('POST', '/query', query);

    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ pointer })]);
  });

  test('a query of too many steps is refused and told how to narrow it', async () => {
    const { status, body } = await call('POST', '/query', {
      metrics: ['host.cpuPercent'],
      lastMs: 30_000_000_000,
      stepMs: 1000,
      aggregate: 'mean',
    });

    expect(status).toBe(422);
    expect(body).toMatchObject({ code: 'QUERY_TOO_LARGE' });
    expect(body.detail).toMatch(/longer step/);
  });

  test('samples are not acknowledged while the store is away, nor taken from the future', async () => {
    const sample = { resource: 's8', metric: 'server.cpuPercent', timestampMs: START_MS, value: 1 };
    service.store.away(true);
    const away = await call('POST', '/samples', { samples: [sample] });
    service.store.away(false);
    const future = await call('POST', '/samples', {
      samples: [sample, { ...sample, timestampMs: START_MS + 86_400_000 }],
    });

    const inSeconds = await call('POST', '/samples', {
      samples: [{ ...sample, timestampMs: START_MS / 1000 }],
    });

    expect(away).toMatchObject({ status: 503, body: { code: 'UNAVAILABLE' } });
    expect(inSeconds.status).toBe(400);
    expect(future.status).toBe(400);
    expect(future.body.errors).toEqual([
      expect.objectContaining({ pointer: '/samples/1/timestampMs' }),
    ]);
  });
});

describe('inventory', () => {
  test('the fleet tells its age, and of each host whether its telemetry arrives', async () => {
    await report(50);
    const { status, body } = await get('/fleet');

    expect(status).toBe(200);
    expect(body).toMatchObject({ problem: null, servers: [{ id: 's1' }], chains: [{ id: 'c1' }] });
    expect(body.hosts.map((host: { telemetry: string }) => host.telemetry)).toEqual([
      'fresh',
      'missing',
    ]);
  });

  test('while the VIM is away the last known fleet stays, with its age and the reason', async () => {
    service.source.become(new Error('keystone refused'));
    service.clock.advance(60_000);
    await service.run('inventory');
    const { body } = await get('/fleet');
    const ready = await get('/ready');
    service.source.become({ ...inventory });
    await service.run('inventory');

    expect(body).toMatchObject({ problem: 'keystone refused', hosts: [{ id: 'compute1' }, {}] });
    expect(body.ageMs).toBeGreaterThanOrEqual(60_000);
    expect(ready.status).toBe(503);
    expect((await get('/fleet')).body).toMatchObject({ problem: null, ageMs: 0 });
  });
});

describe('quality', () => {
  test('a host that reports is good, one that does not is unknown, and the fleet says so as well', async () => {
    // Long enough for the gap that earlier tests have left to be forgotten.
    for (let second = 0; second < 70; second += 1) await report(50 + (second % 3));
    const { status, body } = await get('/quality?kind=host');
    const unknown = await get('/quality?verdict=unknown&kind=host');
    const fleet = await get('/fleet');

    expect(status).toBe(200);
    expect(body.resources).toEqual([
      { resource: 'compute1', kind: 'host', verdict: 'good', trusted: false, reasons: [] },
      {
        resource: 'compute2',
        kind: 'host',
        verdict: 'unknown',
        trusted: true,
        reasons: [{ metric: 'host.cpuPercent', fault: 'missing' }],
      },
    ]);
    expect(unknown.body.resources).toHaveLength(1);
    expect(fleet.body.hosts[0].quality).toEqual({ verdict: 'good', reasons: [] });
  });

  test('each series of a host has its figures', async () => {
    const { body } = await get('/quality/compute1');
    const nobody = await get('/quality/nobody');

    expect(body.series).toContainEqual(
      expect.objectContaining({ metric: 'host.cpuPercent', freshness: 'fresh', faults: [] }),
    );
    expect(nobody.status).toBe(404);
  });
});

describe('alarms', () => {
  test('a host that runs hot raises the alarm that ships, and wakes Migration', async () => {
    for (let second = 0; second < 40; second += 1) await report(3);
    await service.run('alarms');

    const { body } = await get('/alarms?state=raised');
    expect(body.alarms).toHaveLength(1);
    const [alarm] = body.alarms;
    expect(alarm).toMatchObject({
      ruleId: 'host-cpu-high',
      resource: 'compute1',
      severity: 'critical',
      value: 97,
    });
    expect((await get(`/alarms/${alarm.id}`)).body).toEqual(alarm);
    expect(service.jobs.enqueued).toContainEqual(
      expect.objectContaining({
        queue: 'alarm-wake',
        data: { alarmId: alarm.id, resource: 'compute1', state: 'raised' },
      }),
    );
  });

  test('rules are added, changed and removed', async () => {
    const spec = {
      name: 'Host memory high!',
      metric: 'host.memPercent',
      comparison: '>=',
      threshold: 95,
      forMs: 0,
      clearThreshold: 85,
      clearForMs: 0,
      severity: 'warning',
    };

    const added = await call('POST', '/alarm-rules', spec);
    const at = added.headers.get('location') ?? '';
    const changed = await call('PUT', at, { ...spec, threshold: 90, enabled: false });
    const removed = await call('DELETE', at);

    expect(added).toMatchObject({
      status: 201,
      body: { ...spec, id: 'host-memory-high', windowMs: 0, enabled: true },
    });
    expect(at).toBe('/alarm-rules/host-memory-high');
    expect(changed.body).toMatchObject({ threshold: 90, enabled: false });
    expect(removed.status).toBe(204);
    expect((await get(at)).status).toBe(404);
    expect((await get('/alarm-rules')).body.rules).toHaveLength(defaultRules.length);
  });

  test('a clear threshold on the wrong side is refused', async () => {
    const { status, body } = await call('POST', '/alarm-rules', {
      name: 'x',
      metric: 'host.memPercent',
      comparison: '>=',
      threshold: 80,
      forMs: 0,
      clearThreshold: 85,
      clearForMs: 0,
      severity: 'warning',
    });

    expect(status).toBe(400);
    expect(body.errors).toEqual([expect.objectContaining({ pointer: '/clearThreshold' })]);
  });
});

describe('attention', () => {
  const spec = {
    name: 'server busy',
    metric: 'server.cpuPercent',
    comparison: '>=',
    threshold: 50,
    forMs: 0,
    clearThreshold: 40,
    clearForMs: 0,
    windowMs: 10_000,
    aggregate: 'percentile',
    percentile: 95,
    severity: 'minor',
    match: { of: 'attention' },
    labels: { team: 'noc' },
  };

  test('a rule tells what it would have raised on what is stored, and changes nothing', async () => {
    for (const value of [10, 60, 10, 10]) {
      service.clock.advance(20_000);
      const timestampMs = service.clock.now();
      const labels = { of: 'attention' };
      const sample = { resource: 's1', metric: spec.metric, labels, timestampMs, value };
      await call('POST', '/samples', { samples: [sample] });
    }
    const preview = await call('POST', '/alarm-rules/preview', { rule: spec, lastMs: 100_000 });

    expect(preview).toMatchObject({
      status: 200,
      body: { series: 1, samples: 4, alarms: [{ resource: 's1', value: 60 }] },
    });
    expect(preview.body.alarms[0].clearedAt).not.toBeNull();
    const rules = (await get('/alarm-rules')).body.rules.map(({ name }: { name: string }) => name);
    expect(rules).not.toContain(spec.name);
  });

  test('a silence has an author and an end, and is seen on the alarms that it covers', async () => {
    const expiresAt = new Date(service.clock.now() + 3_600_000).toISOString();
    const matcher = { ruleId: 'host-cpu-high' };
    const made = await call('POST', '/silences', { matcher, comment: 'fans', expiresAt });
    const silenced = (await get('/alarms?resource=compute1')).body.alarms.find(
      ({ ruleId }: { ruleId: string }) => ruleId === matcher.ruleId,
    );
    const at = made.headers.get('location') ?? '';
    const ended = await call('DELETE', at);
    const { silences } = (await get('/silences')).body;

    expect(made).toMatchObject({ status: 201, body: { author: 'operator', active: true } });
    expect(silenced.silencedBy).toEqual([made.body.id]);
    expect(ended.status).toBe(204);
    expect(silences).toMatchObject([{ comment: 'fans', active: false }]);
  });

  test('a webhook that refuses leaves a dead letter, which can be tried again', async () => {
    const made = await call('POST', '/webhooks', { name: 'w', url: 'http://hook/' }, 'admin');
    const added = await call('POST', '/alarm-rules', {
      ...spec,
      windowMs: 0,
      aggregate: 'mean',
      percentile: undefined,
    });
    service.clock.advance(1000);
    const timestampMs = service.clock.now();
    const labels = { of: 'attention' };
    await call('POST', '/samples', {
      samples: [{ resource: 's1', metric: spec.metric, labels, timestampMs, value: 99 }],
    });
    await service.run('alarms');
    for (let attempt = 0; attempt < 7; attempt += 1) {
      await service.run('webhooks');
      service.clock.advance(600_000);
    }
    const { deadLetters } = (await get('/dead-letters')).body;
    const retried = await call('POST', `/dead-letters/${deadLetters[0].id}/retry`);
    const listed = await call('GET', '/webhooks', undefined, 'admin');
    const removed = await call('DELETE', made.headers.get('location') ?? '', undefined, 'admin');
    await call('DELETE', added.headers.get('location') ?? '');

    expect(deadLetters).toMatchObject([
      { attempts: 6, problem: 'nobody', alarm: { resource: 's1', labels: { team: 'noc' } } },
    ]);
    expect(retried.status).toBe(204);
    expect((await get('/dead-letters')).body.deadLetters).toEqual([]);
    expect(listed.body.webhooks).toHaveLength(1);
    expect(removed.status).toBe(204);
  });

  test('a percentile without a window, or a window’s percentile without its number, is refused', async () => {
    const windowless = await call('POST', '/alarm-rules', { ...spec, windowMs: 0 });
    const numberless = await call('POST', '/alarm-rules', { ...spec, percentile: undefined });

    expect(windowless.body.errors).toEqual([expect.objectContaining({ pointer: '/windowMs' })]);
    expect(numberless.body.errors).toEqual([expect.objectContaining({ pointer: '/percentile' })]);
  });
});

describe('NI-Mon', () => {
  test('nodes, links, flavors and instances have the fields and types of NI-Mon', async () => {
    expect((await get('/topology')).body).toEqual({
      nodes: ['compute1', 'compute2'],
      links: ['l1'],
    });
    expect((await get('/nodes/compute1')).body).toEqual({
      id: 'compute1',
      name: 'compute1',
      type: 'compute',
      status: 'up',
      ip: '192.0.2.1',
      n_cores: 48,
      n_cores_free: 45,
      core_freq_mhz: null,
      ram_mb: 24_576,
      ram_free_mb: 21_504,
      ram_freq_mhz: null,
    });
    expect((await get('/vnfinstances/s1')).body).toEqual({
      id: 's1',
      name: 'vnf-s1',
      is_container: false,
      status: 'ACTIVE',
      flavor_id: 'f1',
      image_id: null,
      node_id: 'compute1',
      ports: [{ port_id: 'p1', port_name: 'tapp1', network_id: 'n1', ip_addresses: ['10.0.0.4'] }],
    });
    expect((await get('/vnfflavors/f1')).body).toMatchObject({
      id: 'f1',
      n_cores: 2,
      ram_mb: 1024,
    });
    expect((await get('/link/l1')).body).toMatchObject({
      node1_id: 'compute1',
      max_bw_mbps: 10_000,
    });
    const between = '/link_between_nodes?node1_id=compute2&node2_id=compute1';
    expect((await get(between)).body).toMatchObject({ id: 'l1' });
    for (const path of ['/nodes', '/links', '/vnfflavors', '/vnfinstances']) {
      expect((await get(path)).body).toEqual(expect.arrayContaining([expect.any(Object)]));
    }
  });

  test('raw readings are answered under their NI-Mon names', async () => {
    await report(42);
    const types = await get('/measurement_types/compute1');
    const free = '/compute1/memory_free___value___gauge';
    const last = await get(`/last_measurement${free}`);
    const [start, end] = [START_MS, service.clock.now()].map((ms) => new Date(ms).toISOString());
    const all = await get(`/measurements${free}?start_time=${start}&end_time=${end}`);

    expect(types.body).toContain('memory_free___value___gauge');
    expect(types.body).toContain('cpu_usage___value___gauge');
    expect(last.body).toEqual({
      timestamp: end,
      component_type: 'node',
      component_id: 'compute1',
      measurement_type: 'memory_free___value___gauge',
      measurement_value: 1e9,
    });
    expect(all.body).toEqual(expect.arrayContaining([expect.any(Object)]));
    expect(all.body.at(-1)).toEqual(last.body);
    const cpu = await get('/last_measurement/compute1/cpu_usage___value___gauge');
    expect(cpu.body.measurement_value).toBe(58);
  });

  test.each([
    '/nodes/nobody',
    '/link/nobody',
    '/vnfflavors/nobody',
    '/vnfinstances/nobody',
    '/measurement_types/nobody',
    '/last_measurement/nobody/x___value___gauge',
    '/last_measurement/compute1/x___value___gauge',
    '/link_between_nodes?node1_id=compute1&node2_id=nobody',
    '/alarms/0123456789abcdef',
    '/alarm-rules/no-such-rule',
  ])('%s is a 404 that names what is not there', async (path) => {
    const { status, body } = await get(path);

    expect(status).toBe(404);
    expect(body.code).toBe('NOT_FOUND');
  });
});

describe('the contract', () => {
  const document = openApiDocument('monitoring');
  const bad = badRequests(document);

  test.each(bad.map((request) => [`${request.operationId}: ${request.why}`, request] as const))(
    '%s is refused',
    async (_, { method, path, body }) => {
      const response = await call(method, path, body, 'admin');

      expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
      expect([400, 415, 422]).toContain(response.status);
    },
  );

  test('constraints of every operation that takes something were tried', () => {
    const tried = new Set(bad.map(({ operationId }) => operationId));

    const untried = contractOperations(document).filter(
      ({ operationId }) => !tried.has(operationId),
    );
    expect(untried.map(({ operationId }) => operationId)).toEqual([]);
  });

  test('what Monitoring counts of itself is there for Prometheus', async () => {
    const response = await fetch(`${http.url}/metrics`, {
      headers: { authorization: `Bearer ${testToken('viewer')}` },
    });

    const text = await response.text();
    expect(text).toMatch(/^sidestep_collectd_values_total [1-9]/m);
    expect(text).toMatch(/^sidestep_alarms_raised 1$/m);
  });
});
