import { describe, expect, onTestFinished, test } from 'vitest';
import { safeLimits } from '../src/domain/guardrails/limits.ts';
import { type Served, served } from './fakes/served.ts';

async function service(settings?: Record<string, string>): Promise<Served> {
  const made = await served(settings);
  onTestFinished(() => made.close());
  return made;
}

type Guardrail = { name: string; fill: object[]; heldBack: object[] };
const guardrailsOf = ({ body }: { body: unknown }) =>
  Object.fromEntries(
    (body as { guardrails: Guardrail[] }).guardrails.map((each) => [each.name, each]),
  );

describe('the guardrails', () => {
  test('are safe until somebody says otherwise, and every one shows how full it is', async () => {
    const { ask } = await service();

    const shown = await ask('GET', '/guardrails', undefined, 'viewer');

    expect(shown).toMatchObject({ status: 200, body: { limits: safeLimits, updatedBy: null } });
    expect(Object.keys(guardrailsOf(shown))).toHaveLength(10);
    expect(guardrailsOf(shown)['cluster-budget']).toMatchObject({
      fill: [{ of: 'the cluster', used: 0, limit: 10, until: null }],
      heldBack: [],
    });
  });

  test('are changed by an admin; limits that contradict each other are refused, each by its place', async () => {
    const { ask } = await service();
    const limits = { ...safeLimits, concurrentMoves: 2 };
    const absurd = {
      ...limits,
      cooldown: { firstMs: 10, maxMs: 5, quietMs: 1 },
      breaker: { failures: 9, ofLast: 3, coolMs: 0 },
    };

    expect((await ask('PUT', '/guardrails', limits)).status).toBe(403);
    expect(await ask('PUT', '/guardrails', limits, 'admin')).toMatchObject({
      status: 200,
      body: { limits, updatedBy: 'admin' },
    });
    expect(await ask('PUT', '/guardrails', absurd, 'admin')).toMatchObject({
      status: 422,
      body: {
        code: 'UNPROCESSABLE',
        errors: [
          { pointer: '/body/cooldown/maxMs' },
          { pointer: '/body/cooldown/quietMs' },
          { pointer: '/body/breaker/failures' },
        ],
      },
    });
    expect(await ask('GET', '/guardrails')).toMatchObject({ body: { limits } });
  });

  test('list what they held back lately, with why and until when', async () => {
    const { ask, migration, telemetry } = await service({ SIDESTEP_MODE: 'auto' });
    await ask('POST', '/maintenance-windows', {
      hostId: 'h1',
      reason: 'firmware',
      once: { from: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' },
    });
    telemetry.raise('h1');
    await migration.reconcile();

    const shown = guardrailsOf(await ask('GET', '/guardrails'));
    const [decision] = ((await ask('GET', '/decisions')).body as { decisions: object[] }).decisions;

    expect(shown['maintenance-window']).toMatchObject({
      fill: [{ of: 'h1', used: 1, until: '2100-01-01T00:00:00.000Z' }],
      heldBack: [
        {
          serverId: 's1',
          sourceHostId: 'h1',
          destinationHostId: 'h2',
          reason: 'maintenance of h1: firmware',
          until: '2100-01-01T00:00:00.000Z',
        },
      ],
    });
    expect(decision).toMatchObject({
      state: 'stay',
      stayReason: 'held-back',
      heldBack: { serverId: 's1', destinationHostId: 'h2' },
    });
  });

  test('refuse an approval that they hold back, saying which and until when', async () => {
    const { ask } = await service();
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });
    await ask('POST', '/maintenance-windows', {
      hostId: null,
      reason: 'freeze',
      once: { from: '2020-01-01T00:00:00Z', until: '2100-01-01T00:00:00Z' },
    });

    expect(await ask('POST', `${decision.location}/approval`)).toMatchObject({
      status: 409,
      body: {
        code: 'HELD_BACK',
        detail:
          'Held back: maintenance-window: maintenance of every host: freeze until 2100-01-01T00:00:00.000Z',
      },
    });
  });

  test('the breaker is closed by an operator, with a reason', async () => {
    const { ask } = await service();

    expect(
      (await ask('POST', '/guardrails/breaker/closure', { reason: 'x' }, 'viewer')).status,
    ).toBe(403);
    expect(
      guardrailsOf(await ask('POST', '/guardrails/breaker/closure', { reason: 'mended' })).breaker,
    ).toMatchObject({ fill: [{ used: 0, limit: 2 }] });
  });
});

describe('maintenance windows', () => {
  test('are declared once or weekly, listed, and ended', async () => {
    const { ask } = await service();
    const weekly = { days: ['sun', 'mon'], at: '02:30', durationMinutes: 90 };

    const made = await ask('POST', '/maintenance-windows', {
      hostId: null,
      reason: 'night',
      weekly,
    });

    expect(made).toMatchObject({
      status: 201,
      body: { hostId: null, weekly, once: null, createdBy: 'operator' },
    });
    expect(await ask('GET', '/maintenance-windows')).toMatchObject({
      status: 200,
      body: { windows: [made.body] },
    });
    expect((await ask('DELETE', made.location ?? '')).status).toBe(204);
    expect(await ask('DELETE', made.location ?? '')).toMatchObject({ status: 404 });
    expect(await ask('GET', '/maintenance-windows')).toMatchObject({ body: { windows: [] } });
  });

  test.each([
    ['neither once nor weekly', {}, '/body'],
    [
      'both once and weekly',
      {
        once: { from: '2100-01-01T00:00:00Z', until: '2100-01-02T00:00:00Z' },
        weekly: { days: ['sun'], at: '00:00', durationMinutes: 1 },
      },
      '/body',
    ],
    [
      'an end before the beginning',
      { once: { from: '2100-01-02T00:00:00Z', until: '2100-01-01T00:00:00Z' } },
      '/body/once/until',
    ],
    [
      'a time that has passed',
      { once: { from: '2020-01-01T00:00:00Z', until: '2020-01-02T00:00:00Z' } },
      '/body/once/until',
    ],
  ])('with %s are refused', async (_case, times, pointer) => {
    const { ask } = await service();
    const spec = { hostId: 'h1', reason: 'firmware', ...times };

    expect(await ask('POST', '/maintenance-windows', spec)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});
