import { openApiDocument } from '@sidestep/contracts';
import { cloud } from '@sidestep/fleet/testing';
import { badRequests, testToken } from '@sidestep/service-kit/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Asked, type Served, served } from './fakes/served.ts';

const open: Served[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function service(settings?: Record<string, string>): Promise<Served> {
  const made = await served(settings);
  open.push(made);
  return made;
}

const bodyOf = <T>({ body }: Asked) => body as T;
type Identified = { id: string; state: string };

describe('parameters of the policy', () => {
  test('are kept with the settings, shown with them, and in the record of what they decided', async () => {
    const { ask, migration, telemetry } = await service();
    const given = { mode: 'recommend', policy: 'least-cpu', policyParams: { delayWeight: 2 } };

    const put = await ask('PUT', '/settings', given, 'admin');
    telemetry.raise('h1');
    await migration.reconcile();
    const { body } = await ask('GET', '/decisions');

    expect(put).toMatchObject({ status: 200, body: given });
    expect((await ask('GET', '/settings')).body).toMatchObject(given);
    expect(bodyOf<{ decisions: object[] }>({ ...put, body }).decisions[0]).toMatchObject({
      params: { delayWeight: 2, reliefWeight: 0.5 },
    });
  });

  test('that the policy does not know or that are out of its bounds are refused, each by name', async () => {
    const { ask } = await service();
    const policyParams = { maxRisk: 3, colour: 1, safeRisk: 0.1 };

    const refused = await ask(
      'PUT',
      '/settings',
      { mode: 'recommend', policy: 'least-risk', policyParams },
      'admin',
    );

    expect(refused).toMatchObject({
      status: 422,
      body: {
        errors: [
          { pointer: '/body/policyParams/maxRisk', detail: 'must be from 0 to 1' },
          { pointer: '/body/policyParams/colour', detail: 'is no parameter of least-risk' },
        ],
      },
    });
    expect((await ask('GET', '/settings')).body).toMatchObject({ policyParams: {} });
  });
});

describe('movability', () => {
  test('of a server tells where it could go and what is against every other host', async () => {
    const { ask, places } = await service();
    places.answers.set('h3', { kind: 'refused', why: 'traits', detail: 'no SSD' });

    const { status, body } = await ask('GET', '/servers/s1/movability', undefined, 'viewer');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      serverId: 's1',
      hostId: 'h1',
      movable: true,
      obstacles: [],
      rests: null,
      destinations: [{ hostId: 'h2', cpuPercent: 20 }],
      rejected: [{ hostId: 'h3', why: 'traits', detail: 'no SSD' }],
      unasked: null,
    });
  });

  test('of a server that is pinned, or while Placement is silent, says so', async () => {
    const { ask, places, telemetry } = await service();
    const { view } = telemetry;
    telemetry.view = {
      ...view,
      servers: view.servers.map((server) => ({ ...server, tags: ['sidestep:pinned'] })),
    };
    places.away = true;

    const { body } = await ask('GET', '/servers/s1/movability');

    expect(body).toMatchObject({
      movable: false,
      obstacles: [{ name: 'pinned' }],
      unasked: 'placement: no answer',
    });
    expect((await ask('GET', '/servers/s9/movability')).status).toBe(404);
  });
});

describe('recommend', () => {
  test('an alarm becomes a proposal, its approval an operation, and both are told of to the end', async () => {
    const { ask, migration, telemetry, jobs } = await service();
    telemetry.raise('h1');

    await migration.reconcile();
    const listed = await ask('GET', '/decisions?state=proposed&hostId=h1');
    const [proposed] = bodyOf<{ decisions: Identified[] }>(listed).decisions;
    const approved = await ask('POST', `/decisions/${proposed?.id}/approval`);
    await jobs.drain();
    const operation = await ask('GET', approved.location ?? '');
    const decision = await ask('GET', `/decisions/${proposed?.id}`);

    expect(listed.status).toBe(200);
    expect(approved).toMatchObject({ status: 202, body: { state: 'STARTING' } });
    expect(operation).toMatchObject({
      status: 200,
      body: {
        state: 'COMPLETED',
        decisionId: proposed?.id,
        sourceHostId: 'h1',
        destinationHostId: 'h2',
        nova: { requestId: 'req-1', migrationId: 1, status: 'completed' },
        repath: { state: 'completed', hops: 1, gapMs: 700 },
        problem: null,
      },
    });
    expect(decision).toMatchObject({
      status: 200,
      body: { state: 'executed', operationId: bodyOf<Identified>(operation).id },
    });
  });

  test('a proposal is refused with a reason, once', async () => {
    const { ask, migration, telemetry } = await service();
    telemetry.raise('h1');
    await migration.reconcile();
    const [proposed] = bodyOf<{ decisions: Identified[] }>(
      await ask('GET', '/decisions'),
    ).decisions;
    const veto = { reason: 'the host is in maintenance tonight' };

    const first = await ask('POST', `/decisions/${proposed?.id}/veto`, veto);
    const again = await ask('POST', `/decisions/${proposed?.id}/veto`, veto);

    expect(first).toMatchObject({
      status: 200,
      body: { state: 'vetoed', history: [{}, { by: 'operator', reason: veto.reason }] },
    });
    expect(again).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
  });
});

describe('auto', () => {
  test('an alarm’s wake-up is enough; what failed says why, as a problem', async () => {
    const { ask, telemetry, jobs, compute } = await service({ SIDESTEP_MODE: 'auto' });
    compute.script({
      statuses: ['accepted', 'error'],
      events: [
        {
          event: 'conductor_live_migrate_instance',
          result: 'Error',
          details: 'No valid host was found. ',
        },
      ],
    });
    telemetry.raise('h1');

    await jobs.enqueue('alarm-wake', { name: 'alarm-changed', data: {} });
    await jobs.drain();
    const failed = await ask('GET', '/operations?state=ROLLED_BACK&serverId=s1');

    expect(failed).toMatchObject({
      status: 200,
      body: {
        operations: [
          {
            state: 'ROLLED_BACK',
            step: 'migrate',
            problem: {
              code: 'MIGRATION_FAILED',
              status: 502,
              detail: 'conductor_live_migrate_instance: No valid host was found.',
            },
          },
        ],
      },
    });
  });

  test('with the queue away the operation is worked all the same', async () => {
    const { ask, telemetry, jobs, migration } = await service({ SIDESTEP_MODE: 'auto' });
    telemetry.raise('h1');
    jobs.away(true);

    await migration.reconcile();

    await expect
      .poll(async () => (await ask('GET', '/operations')).body, { timeout: 10_000 })
      .toMatchObject({ operations: [{ state: 'COMPLETED' }] });
    expect(await ask('GET', '/ready')).toMatchObject({ status: 503 });
  });
});

describe('controls', () => {
  test('mode and policy are changed by an admin, and remembered with who did it', async () => {
    const { ask } = await service();

    const before = await ask('GET', '/settings');
    const refused = await ask('PUT', '/settings', { mode: 'auto', policy: 'random' });
    const changed = await ask('PUT', '/settings', { mode: 'auto', policy: 'random' }, 'admin');

    expect(before.body).toEqual({
      mode: 'recommend',
      policy: 'least-cpu',
      policyParams: {},
      updatedAt: null,
      updatedBy: null,
    });
    expect(refused.status).toBe(403);
    expect(changed).toMatchObject({ status: 200, body: { mode: 'auto', updatedBy: 'admin' } });
  });

  test('a policy that there is not is refused by its name', async () => {
    const { ask } = await service();

    const settings = await ask('PUT', '/settings', { mode: 'auto', policy: 'best' }, 'admin');
    const decision = await ask('POST', '/decisions', { hostId: 'h1', policy: 'best' });

    for (const { status, body } of [settings, decision]) {
      expect(status).toBe(422);
      expect(body).toMatchObject({
        code: 'UNPROCESSABLE',
        errors: [{ pointer: '/body/policy', detail: 'There is no policy best' }],
      });
    }
  });

  test('the kill switch holds an approval back', async () => {
    const { ask } = await service();
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });

    const engaged = await ask('PUT', '/kill-switch', { engaged: true, reason: 'drill' });
    const approval = await ask('POST', `${decision.location}/approval`);

    expect(engaged).toMatchObject({ status: 200, body: { engaged: true, updatedBy: 'operator' } });
    expect(approval).toMatchObject({ status: 409, body: { code: 'KILL_SWITCH' } });
    expect(await ask('GET', '/kill-switch')).toMatchObject({ body: { reason: 'drill' } });
  });

  test('the policies are listed with what they need', async () => {
    const { ask } = await service();

    const { status, body } = await ask('GET', '/policies');

    expect(status).toBe(200);
    expect(body).toMatchObject({
      policies: [
        { name: 'least-cpu', needs: ['host.cpuPercent'] },
        { name: 'least-risk', params: { maxRisk: { default: 0.5 } } },
        { name: 'no-migration' },
        { name: 'random' },
        { name: 'svm-class', needs: ['host.cpuPercent'] },
      ],
    });
  });
});

describe('decisions that are asked for', () => {
  test('are made for a host, even a server of it, with a seed', async () => {
    const { ask } = await service();
    const request = { hostId: 'h1', serverId: 's1', policy: 'random', seed: 3 };

    const made = await ask('POST', '/decisions', request);

    expect(made).toMatchObject({
      status: 201,
      body: { state: 'proposed', seed: 3, policy: 'random', trigger: { requestedBy: 'operator' } },
    });
    expect((await ask('GET', made.location ?? '')).body).toEqual(made.body);
  });

  test.each([
    ['for an unknown host', { hostId: 'h9' }, 404, 'NOT_FOUND'],
    ['for a server that is elsewhere', { hostId: 'h2', serverId: 's1' }, 422, 'UNPROCESSABLE'],
  ])('%s are refused', async (_case, body, status, code) => {
    const { ask } = await service();

    expect(await ask('POST', '/decisions', body)).toMatchObject({ status, body: { code } });
  });

  test('while Monitoring is away are answered with who is away', async () => {
    const { ask, telemetry } = await service();
    telemetry.away = true;

    expect(await ask('POST', '/decisions', { hostId: 'h1' })).toMatchObject({
      status: 504,
      body: { code: 'UPSTREAM_TIMEOUT', detail: 'monitoring: no answer' },
    });
  });
});

describe('operations', () => {
  test('are paged, newest first, and found by when they were changed', async () => {
    const { ask, jobs, compute } = await service();
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      compute.script({ reply: 'refused' });
      const decision = await ask('POST', '/decisions', { hostId: 'h1' });
      ids.unshift(bodyOf<Identified>(await ask('POST', `${decision.location}/approval`)).id);
      await jobs.drain();
    }
    const page = async (query: string) =>
      bodyOf<{ operations: Identified[]; nextCursor: string | null }>(
        await ask('GET', `/operations?${query}`),
      );

    const first = await page('limit=2');
    const second = await page(`limit=2&cursor=${first.nextCursor}`);

    expect([...first.operations, ...second.operations].map(({ id }) => id)).toEqual(ids);
    expect(second.nextCursor).toBeNull();
    expect((await page('updatedSince=2020-01-01T00:00:00Z')).operations).toHaveLength(3);
    expect((await page('updatedSince=2100-01-01T00:00:00Z')).operations).toEqual([]);
  });

  test('that have not begun are aborted; that have ended are not', async () => {
    const { ask, jobs } = await service();
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });
    const { location } = await ask('POST', `${decision.location}/approval`);

    const aborted = await ask('POST', `${location}/abort`);
    await jobs.drain();

    expect(aborted.status).toBe(202);
    expect(await ask('GET', location ?? '')).toMatchObject({
      body: { state: 'ROLLED_BACK', problem: { code: 'OPERATION_ABORTED' } },
    });
    expect(await ask('POST', `${location}/abort`)).toMatchObject({ status: 409 });
  });

  test.each([
    ['retry', 'COMPLETED'],
    ['rollback', 'ROLLED_BACK'],
    ['fail', 'FAILED'],
  ])('that have failed for now take a %s, and end as %s', async (answer, state) => {
    const { ask, jobs, compute } = await service({ SIDESTEP_ON_FAILURE: 'wait' });
    compute.script({ statuses: ['accepted', 'running', 'error'] });
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });
    const { location } = await ask('POST', `${decision.location}/approval`);

    const early = await ask('POST', `${location}/${answer}`);
    await jobs.drain();
    const waiting = await ask('GET', location ?? '');
    const answered = await ask('POST', `${location}/${answer}`);
    await jobs.drain();

    expect(early).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(waiting.body).toMatchObject({ state: 'FAILED_TEMP', recovery: { kind: 'wait' } });
    expect(answered).toMatchObject({ status: 202, location });
    expect(answered.body).toMatchObject({ answers: [{ kind: answer, by: 'operator' }] });
    expect((await ask('GET', location ?? '')).body).toMatchObject({ state });
  });

  test('are read along as they change, and gone on with after the last event that was read', async () => {
    const { ask, jobs, migration } = await service();
    const before = await readAlong(migration);
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });
    const { location } = await ask('POST', `${decision.location}/approval`);
    await jobs.drain();

    await before.until('"state":"COMPLETED"');
    before.leave();
    const lastId = /id: (\d+)\n/.exec(before.text())?.[1] ?? '';
    const after = await readAlong(migration, lastId);
    await after.until('"state":"COMPLETED"');
    after.leave();

    expect(before.type).toMatch(/^text\/event-stream/);
    expect(after.text()).toContain(location?.split('/').at(-1));
    expect((await readAlong(migration, 'yesterday')).status).toBe(400);
  });

  test.each([
    ['GET', '/decisions/none'],
    ['GET', '/operations/none'],
    ['POST', '/decisions/none/approval'],
    ['POST', '/operations/none/abort'],
    ['POST', '/operations/none/retry'],
    ['POST', '/operations/none/rollback'],
    ['POST', '/operations/none/fail'],
  ])('%s %s: there is none', async (method, path) => {
    const { ask } = await service();

    expect(await ask(method, path)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  });
});

async function readAlong(migration: Served['migration'], lastEventId?: string) {
  const left = new AbortController();
  const response = await fetch(`${migration.address()?.url}/operations/stream`, {
    headers: {
      authorization: `Bearer ${testToken('viewer')}`,
      ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
    },
    signal: left.signal,
  });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = (await reader?.read())?.value ?? '';
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: () => text,
    until: async (part: string) => {
      while (!text.includes(part)) {
        const { value, done } = (await reader?.read()) ?? { done: true };
        if (done) throw new Error(`the stream ended with ${text}`);
        text += value;
      }
    },
    leave: () => left.abort(),
  };
}

test('what it can do is said even while everything is away', async () => {
  const { ask } = await service();

  const { status, body } = await ask('GET', '/capabilities');

  expect(status).toBe(200);
  expect(body).toMatchObject({
    service: 'migration',
    capabilities: [
      { name: 'live-migration', available: false },
      { name: 'capacity', available: false },
      { name: 'port-bindings', available: false },
      { name: 're-path', available: false },
      { name: 'fencing-hook', available: false },
    ],
  });
});

test('its counters are there for Prometheus', async () => {
  const { ask, telemetry, migration, jobs } = await service({ SIDESTEP_MODE: 'auto' });
  telemetry.raise('h1');
  await migration.reconcile();
  await jobs.drain();

  const { body } = await ask('GET', '/metrics');

  for (const line of [
    'sidestep_decisions_total{outcome="approved"} 1',
    'sidestep_operations_total{state="COMPLETED"} 1',
    'sidestep_decide_duration_seconds_count 1',
    'sidestep_alarm_to_call_seconds_count 1',
  ]) {
    expect(body).toContain(line);
  }
});

test('one bad value for each constraint of the contract is refused, with its place', async () => {
  const { migration } = await service();
  const bad = badRequests(openApiDocument('migration'));
  expect(bad.length).toBeGreaterThan(30);

  for (const { method, path, body, why, operationId } of bad) {
    const response = await fetch(`${migration.address()?.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${testToken('admin')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    expect(response.status, `${operationId}: ${why}`).toBe(400);
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(((await response.json()) as { errors: unknown[] }).errors.length).toBeGreaterThan(0);
  }
});

describe('optimizations', () => {
  const twoHops = () =>
    cloud(Date.now())
      .host('h1')
      .server('s1', { on: 'h1' })
      .host('h2')
      .server('s2', { on: 'h2' })
      .host('h3')
      .link('h1', 'h2', 4)
      .chain('c1', ['s1'], ['s2'])
      .build();

  test('a search is asked for, looked at, approved, and its move carried out like any other', async () => {
    const { ask, telemetry, forecasts, jobs } = await service();
    telemetry.view = twoHops();
    forecasts.risks = new Map([
      ['h1', 0.01],
      ['h2', 0.6],
    ]);

    const asked = await ask('POST', '/optimizations', { maxIterations: 200, moveBudget: 1 });
    const path = asked.location ?? '';
    const proposed = await vi.waitUntil(async () => {
      const { body } = await ask('GET', path);
      return (body as Identified).state === 'proposed' ? body : undefined;
    });
    const listed = await ask('GET', '/optimizations?state=proposed');
    const approved = await ask('POST', `${path}/approval`);
    await vi.waitUntil(async () => {
      await jobs.drain();
      const { state } = bodyOf<Identified>(await ask('GET', path));
      return state === 'completed' || state === 'partly';
    });
    const [decision] = bodyOf<{ decisions: unknown[] }>(await ask('GET', '/decisions')).decisions;

    expect(asked).toMatchObject({ status: 202, body: { state: 'computing', moves: [] } });
    expect(proposed).toMatchObject({
      result: { before: { totalDelayMs: 4 }, after: { totalDelayMs: 0, moves: 1 } },
      moves: [{ serverId: 's2', from: 'h2', to: 'h1', state: 'proposed' }],
    });
    expect(bodyOf<{ optimizations: unknown[] }>(listed).optimizations).toHaveLength(1);
    expect(approved).toMatchObject({ status: 202, body: { state: 'approved' } });
    expect(decision).toMatchObject({
      trigger: { kind: 'optimization', requestedBy: 'operator' },
      hostId: 'h2',
      destinationHostId: 'h1',
    });
  });

  test('what is settled is neither approved nor vetoed, and what is not there is not found', async () => {
    const { ask } = await service();
    const asked = await ask('POST', '/optimizations', { maxIterations: 1 });
    const veto = { reason: 'not before the weekend' };
    await vi.waitUntil(async () => {
      const looked = await ask('GET', asked.location ?? '');
      return bodyOf<Identified>(looked).state !== 'computing';
    });

    const refused = await ask('POST', `${asked.location}/approval`);
    const tooLate = await ask('POST', `${asked.location}/veto`, veto);
    const missing = await ask('GET', '/optimizations/none');
    const missingVeto = await ask('POST', '/optimizations/none/veto', veto);

    expect(refused).toMatchObject({ status: 409, body: { code: 'CONFLICT' } });
    expect(tooLate.status).toBe(409);
    expect([missing.status, missingVeto.status]).toEqual([404, 404]);
  });
});
