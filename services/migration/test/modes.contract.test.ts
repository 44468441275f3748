import { describe, expect, onTestFinished, test } from 'vitest';
import { type Served, served } from './fakes/served.ts';

async function service(): Promise<Served> {
  const made = await served();
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
