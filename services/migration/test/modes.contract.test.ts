import { sqliteRecords, systemClock } from '@sidestep/service-kit';
import { describe, expect, onTestFinished, test } from 'vitest';
import { moveWrite } from '../src/usecases/guard-ledger.ts';
import { createLedger } from '../src/usecases/ledger.ts';
import { type Served, served } from './fakes/served.ts';

async function service(parts: Parameters<typeof served>[1] = {}): Promise<Served> {
  const made = await served({}, parts);
  onTestFinished(() => made.close());
  return made;
}
const declare = (ask: Served['ask'], serverIds: string[]) =>
  ask('PUT', '/owners', { owners: [{ subject: 'viewer', serverIds }] }, 'admin');

describe('modes', () => {
  test('are set by an admin, and shown with who set them', async () => {
    const { ask } = await service();
    const modes = {
      rules: [
        {
          scope: 'server',
          id: 's1',
          mode: 'approve',
          approvers: { role: 'admin', subjects: ['bob'] },
        },
      ],
      controlShare: 0.1,
    };

    expect(await ask('GET', '/modes', undefined, 'viewer')).toMatchObject({
      status: 200,
      body: { rules: [], controlShare: 0, updatedBy: null },
    });
    expect((await ask('PUT', '/modes', modes)).status).toBe(403);
    expect(await ask('PUT', '/modes', modes, 'admin')).toMatchObject({
      status: 200,
      body: { ...modes, updatedBy: 'admin' },
    });
  });

  test('said twice are refused, each by its place', async () => {
    const { ask } = await service();
    const rule = { scope: 'server', id: 's1', mode: 'auto' };

    expect(
      await ask('PUT', '/modes', { rules: [rule, rule], controlShare: 0 }, 'admin'),
    ).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/rules/1', detail: 'server s1 was said before' }] },
    });
  });

  test('say who may approve: others are refused, and told who', async () => {
    const { ask } = await service();
    const approvers = { role: 'admin', subjects: ['bob'] };
    const rules = [{ scope: 'server', id: 's1', mode: 'approve', approvers }];
    await ask('PUT', '/modes', { rules, controlShare: 0 }, 'admin');
    const decision = await ask('POST', '/decisions', { hostId: 'h1' });

    expect(decision).toMatchObject({
      body: { mode: 'approve', modeFrom: { scope: 'server', id: 's1' }, approvers },
    });
    expect(await ask('POST', `${decision.location}/approval`)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', detail: expect.stringContaining('the role admin, bob') },
    });
    expect(await ask('POST', `${decision.location}/approval`, undefined, 'admin')).toMatchObject({
      status: 202,
    });
  });

  test('by name let a viewer approve', async () => {
    const { ask } = await service();
    const approvers = { role: null, subjects: ['viewer'] };
    const rules = [{ scope: 'server', id: 's1', mode: 'approve', approvers }];
    await ask('PUT', '/modes', { rules, controlShare: 0 }, 'admin');
    const { location } = await ask('POST', '/decisions', { hostId: 'h1' });

    expect((await ask('POST', `${location}/approval`, undefined, 'admin')).status).toBe(403);
    expect((await ask('POST', `${location}/approval`, undefined, 'viewer')).status).toBe(202);
  });
});

describe('an owner', () => {
  test('sees, approves and vetoes moves of own VNFs', async () => {
    const { ask } = await service();
    expect((await declare(ask, ['s1'])).status).toBe(200);
    const first = await ask('POST', '/decisions', { hostId: 'h1' });

    expect(await ask('GET', '/decisions', undefined, 'viewer')).toMatchObject({
      body: { decisions: [{ owners: ['viewer'], serverId: 's1' }] },
    });
    const reason = 'not during the match';
    expect(await ask('POST', `${first.location}/veto`, { reason }, 'viewer')).toMatchObject({
      status: 200,
      body: { state: 'vetoed', history: [{}, { by: 'viewer', reason }] },
    });
    const second = await ask('POST', '/decisions', { hostId: 'h1' });
    const approved = await ask('POST', `${second.location}/approval`, undefined, 'viewer');
    expect(approved.status).toBe(202);
    expect((await ask('GET', approved.location ?? '', undefined, 'viewer')).status).toBe(200);
    expect(await ask('GET', '/operations', undefined, 'viewer')).toMatchObject({
      body: { operations: [{ serverId: 's1' }] },
    });
  });

  test('of another VNF does not even learn that there is a decision', async () => {
    const { ask } = await service();
    await declare(ask, ['s9']);
    const { location } = await ask('POST', '/decisions', { hostId: 'h1' });
    const viewed = (method: string, path: string, body?: unknown) =>
      ask(method, path, body, 'viewer');

    expect(await viewed('GET', '/decisions')).toMatchObject({ body: { decisions: [] } });
    expect((await viewed('GET', location ?? '')).status).toBe(404);
    expect((await viewed('POST', `${location}/approval`)).status).toBe(404);
    expect((await viewed('POST', `${location}/veto`, { reason: 'no' })).status).toBe(404);
    const approved = await ask('POST', `${location}/approval`);
    expect((await viewed('GET', approved.location ?? '')).status).toBe(404);
    expect(await viewed('GET', '/operations')).toMatchObject({ body: { operations: [] } });
  });

  test('of a project sees what concerns its servers, and nothing of the others', async () => {
    const records = sqliteRecords(':memory:', systemClock);
    const { guard } = createLedger(records, { mode: 'recommend', policy: 'random' });
    const sut = await service({ records });
    const { ask } = sut;
    const { view } = sut.telemetry;
    const [s1] = view.servers;
    if (s1 === undefined) throw new Error('the view has no server');
    const theirs = { ...s1, id: 's2', name: 's2', projectId: 'p-b' };
    sut.telemetry.view = { ...view, servers: [{ ...s1, projectId: 'p-a' }, theirs] };
    const resident = { status: 'ACTIVE', taskState: null, volumeBacked: true, hostId: 'h1' };
    sut.hosts.residents = ['s1', 's2'].map((id) => ({ ...resident, id, name: id }));
    const owns = (...projectIds: string[]) =>
      ask('PUT', '/owners', { owners: [{ subject: 'viewer', projectIds }] }, 'admin');
    const seen = async (path: string) => (await ask('GET', path, undefined, 'viewer')).body;
    const way = { from: 'h1', to: 'h2' };
    const atMs = Date.now();
    const times = { decidedAtMs: atMs, takenAtMs: atMs, endedAtMs: atMs };
    const made = {
      decisionId: 'd',
      purpose: 'move',
      result: 'completed',
      approvedBy: null,
    } as const;
    const held = { guardrail: 'cooldown', reason: 'rests', times: 1, untilMs: null } as const;
    for (const serverId of ['s1', 's2']) {
      const move = { ...made, ...times, ...way, serverId, operationId: serverId };
      await records.commit([moveWrite(move, 'absent')]);
      await guard.noteHeldBack([{ ...held, ...way, serverId, firstAtMs: atMs, lastAtMs: atMs }]);
    }
    await ask('PUT', '/kill-switch', { engaged: true, reason: 'drill' });
    const { location } = await ask('POST', '/hosts/h1/drain', { reason: 'new memory' });

    await owns('p-a');
    const guardrails = await seen('/guardrails');
    const drains = await seen('/host-drains');
    const drain = await seen(location ?? '');
    await owns('p-c');
    const none = await seen('/host-drains');
    const hidden = await ask('GET', location ?? '', undefined, 'viewer');
    const all = await ask('GET', location ?? '');

    expect(guardrails).toMatchObject({
      guardrails: expect.arrayContaining([
        expect.objectContaining({
          name: 'cooldown',
          fill: [expect.objectContaining({ of: 's1' })],
          heldBack: [expect.objectContaining({ serverId: 's1' })],
        }),
      ]),
    });
    expect(JSON.stringify(guardrails)).not.toContain('"s2"');
    expect(drains).toMatchObject({ hostDrains: [{ servers: [{ serverId: 's1' }] }] });
    expect(drain).toMatchObject({ progress: { waiting: 1 }, servers: [{ serverId: 's1' }] });
    expect(JSON.stringify(drain)).not.toContain('s2');
    expect(none).toMatchObject({ hostDrains: [] });
    expect(hidden.status).toBe(404);
    expect(all.body).toMatchObject({ servers: [{ serverId: 's1' }, { serverId: 's2' }] });
  });

  test('sees no optimization that moves none of its servers', async () => {
    const { ask } = await service();
    const { location } = await ask('POST', '/optimizations', {});
    const before = await ask('GET', '/optimizations', undefined, 'viewer');

    await declare(ask, ['s9']);

    expect(before.body).toMatchObject({ optimizations: [{}] });
    expect(await ask('GET', '/optimizations', undefined, 'viewer')).toMatchObject({
      body: { optimizations: [] },
    });
    expect((await ask('GET', location ?? '', undefined, 'viewer')).status).toBe(404);
  });

  test('is declared once; whoever is none sees all and answers nothing', async () => {
    const { ask } = await service();
    const twice = { owners: [{ subject: 'a' }, { subject: 'a' }] };
    const { location } = await ask('POST', '/decisions', { hostId: 'h1' });

    expect(await ask('PUT', '/owners', twice, 'admin')).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: '/body/owners/1' }] },
    });
    expect((await ask('GET', location ?? '', undefined, 'viewer')).status).toBe(200);
    expect((await ask('POST', `${location}/approval`, undefined, 'viewer')).status).toBe(403);
    expect(await ask('GET', '/owners')).toMatchObject({ status: 200, body: { owners: [] } });
  });
});
