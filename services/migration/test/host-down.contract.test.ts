import { describe, expect, test } from 'vitest';
import { changeModes, setKillSwitch } from '../src/usecases/change-controls.ts';
import { dismissIncident, releaseFencing } from '../src/usecases/hosts/confirm-fencing.ts';
import { type HostCloud, hostCloud, taken } from './fakes/host-cloud.ts';

const fencedAnswer = { kind: 'fenced', detail: 'IPMI says off' } as const;

const incidentOf = async (sut: HostCloud, hostId = 'h1') => {
  const [newest] = (await sut.known.incidents({ hostId }, { limit: 1 })).items;
  if (newest === undefined) throw new Error(`no incident of ${hostId}`);
  return newest.value;
};
const incidents = async (sut: HostCloud) => (await sut.known.incidents({}, { limit: 10 })).items;

describe('a host that goes down', () => {
  test('opens one incident, however often it is looked at, and nothing is evacuated by itself', async () => {
    const sut = await hostCloud();
    sut.kill('h1');

    await sut.look();
    await sut.look();

    expect(await incidents(sut)).toHaveLength(1);
    const incident = await incidentOf(sut);
    expect(incident).toMatchObject({
      state: 'open',
      evidence: { nova: 'down', series: 'dead' },
      fencing: null,
    });
    expect(incident.waitsFor).toMatch(/an operator who confirms that h1 is fenced .*recommend/);
    expect(sut.asked('evacuate')).toBe(0);
  });

  test('an alarm of Monitoring that Nova contradicts opens none', async () => {
    const sut = await hostCloud();
    sut.telemetry.raise('h1', { metric: 'telemetry.hostDown' });

    await sut.look();

    expect(await incidents(sut)).toEqual([]);
  });

  test('by its series alone, Nova still calling it up, is told of; half the hosts silent at once is not', async () => {
    const sut = await hostCloud();
    const { view } = sut.telemetry;
    const silence = (hostIds: string[]) => {
      sut.telemetry.view = {
        ...view,
        hosts: view.hosts.map((host) =>
          hostIds.includes(host.id) ? { ...host, cpuPercent: 'unknown' } : host,
        ),
        servers: view.servers.map((server) => ({ ...server, cpuPercent: 'unknown' })),
      };
      sut.telemetry.alarms = [];
      for (const id of hostIds) sut.telemetry.raise(id, { metric: 'telemetry.ageSeconds' });
    };

    silence(['h1', 'h2']);
    await sut.lookAsItIs();
    const half = await incidents(sut);
    silence(['h1']);
    await sut.lookAsItIs();

    expect(half).toEqual([]);
    expect(await incidentOf(sut)).toMatchObject({ evidence: { nova: 'up', series: 'dead' } });
  });

  test('that comes back before anything was done has recovered', async () => {
    const sut = await hostCloud();
    sut.kill('h1');
    await sut.look();

    sut.revive('h1');
    await sut.look();

    expect(await incidentOf(sut)).toMatchObject({ state: 'recovered' });
    expect(await sut.known.held()).toEqual(new Map());
  });

  test('whose incident was dismissed gets another one only when it goes down again', async () => {
    const sut = await hostCloud();
    sut.kill('h1');
    await sut.look();
    const { id } = await incidentOf(sut);
    const needs = { ledger: sut.ledger, now: () => sut.clock.now() };
    await dismissIncident(needs, id, { by: 'an operator', reason: 'planned' });

    await sut.look();
    const still = await incidents(sut);
    sut.revive('h1');
    await sut.look();
    sut.kill('h1');
    await sut.look();

    expect(still).toHaveLength(1);
    expect((await incidents(sut)).map(({ value }) => value.state)).toEqual(['open', 'dismissed']);
  });
});

describe('an operator who confirms the fencing', () => {
  test('has every server made anew elsewhere, Nova told first, the chains re-pathed', async () => {
    const sut = await hostCloud({ chains: { c1: [['a'], ['b']] } });
    sut.kill('h1');

    const id = await sut.fence('h1');
    await sut.settle();

    const incident = await sut.incidentNow(id);
    expect(incident).toMatchObject({
      state: 'evacuated',
      fencing: { means: 'operator', confirmedBy: 'an operator', reason: 'power is off' },
    });
    expect(incident.leavers.map(({ state }) => state)).toEqual([
      'moved',
      'moved',
      'moved',
      'moved',
    ]);
    expect(['a', 'b', 'c', 'd'].map((name) => sut.placed(name))).not.toContain('h1');
    expect(sut.asked('evacuate')).toBe(4);
    const calls = sut.emulator.calls().map(({ body }) => JSON.stringify(body));
    expect(calls.findIndex((body) => body.includes('"forced_down":true'))).toBeLessThan(
      calls.findIndex((body) => body.includes('evacuate')),
    );
    for (const operation of await sut.operations()) {
      expect(operation).toMatchObject({
        kind: 'evacuate',
        state: 'COMPLETED',
        work: { kind: 'host-incident', id },
      });
      expect(operation.repath).not.toBeNull();
    }
    const decisions = (await sut.ledger.decisions({}, { limit: 9 })).items;
    // The fourth found every destination taken at its first look.
    expect(decisions.map(({ value }) => value.state).sort()).toEqual([
      ...['executed', 'executed', 'executed', 'executed'],
      'stay',
    ]);
    for (const { value } of decisions) expect(value.trigger.kind).toBe('host-down');
  });

  test('of a host that is up and heard is refused', async () => {
    const sut = await hostCloud();

    await expect(sut.fence('h1')).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(sut.fence('h9')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await incidents(sut)).toEqual([]);
  });

  test('is contradicted by a host that reports afterwards: it is not forced down, nothing is evacuated', async () => {
    const sut = await hostCloud();
    sut.kill('h1');
    const id = await sut.fence('h1');

    sut.revive('h1');
    sut.pass(10_000);
    await sut.look();

    const incident = await sut.incidentNow(id);
    expect(incident.history.map(({ reason }) => reason).join()).toMatch(/it lives/);
    expect(incident.fencing).toBeNull();
    expect(await sut.cloudHosts.readService('h1')).toMatchObject({ forcedDown: false });
    expect(sut.asked('evacuate')).toBe(0);
  });

  test('once only: a second confirmation is refused', async () => {
    const sut = await hostCloud();
    sut.kill('h1');
    await sut.fence('h1');

    await expect(sut.fence('h1')).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

describe('a host that Nova still calls up when it is fenced', () => {
  const silent = async (sut: HostCloud) => {
    sut.mute('h1');
    await sut.look();
    return sut.fence('h1');
  };

  test('is given time to contradict: it reports, and is not forced down', async () => {
    const sut = await hostCloud();
    const id = await silent(sut);

    await sut.look();
    sut.pass(10_000);
    await sut.look();

    const incident = await sut.incidentNow(id);
    expect(incident.history.map(({ reason }) => reason).join()).toMatch(/it lives/);
    expect(await sut.cloudHosts.readService('h1')).toMatchObject({ forcedDown: false });
    expect(sut.asked('evacuate')).toBe(0);
  });

  test('is evacuated once it has been silent long enough', async () => {
    const sut = await hostCloud({ serviceDownMs: 3_600_000 });
    sut.emulator.faults.hostDown('h1');
    const id = await silent(sut);

    await sut.look();
    const waiting = await sut.incidentNow(id);
    await sut.settle();

    expect(waiting).toMatchObject({ state: 'fenced', evidence: { nova: 'up' } });
    expect(waiting.waitsFor).toMatch(/h1 to be silent until/);
    expect((await sut.incidentNow(id)).state).toBe('evacuated');
  });
});

test('a host that lives again in the middle keeps what has not left yet', async () => {
  const sut = await hostCloud({ guardrails: { concurrentMoves: 1 } });
  sut.kill('h1');
  const id = await sut.fence('h1');
  await sut.look();
  await sut.workOperations();

  sut.revive('h1');
  sut.pass(10_000);
  await sut.settle();

  const incident = await sut.incidentNow(id);
  expect(incident.state).toBe('partly');
  const stayed = incident.leavers.filter(({ state }) => state === 'blocked');
  expect(stayed.length).toBeGreaterThan(0);
  for (const { name, why } of stayed) {
    expect(why).toMatch(/h1 has .* since it was fenced: it lives/);
    expect(sut.placed(name)).toBe('h1');
  }
});

test('an evacuation that was decided before the host came back is not asked of Nova', async () => {
  const sut = await hostCloud({ servers: { a: 'h1' } });
  sut.kill('h1');
  await sut.fence('h1');
  await sut.look();

  sut.revive('h1');
  sut.pass(10_000);
  await sut.workOperations();

  expect(await sut.operations()).toMatchObject([
    { state: 'ROLLED_BACK', problem: { code: 'PRECHECK_FAILED' } },
  ]);
  expect((await sut.operations())[0]?.problem?.detail).toMatch(/it lives/);
  expect(sut.asked('evacuate')).toBe(0);
});

describe('the fencing hook', () => {
  test('is asked by itself in auto only, and its word starts the evacuation', async () => {
    const sut = await hostCloud({ mode: 'auto', hook: [fencedAnswer] });
    sut.kill('h1');

    await sut.settle();

    expect(await incidentOf(sut)).toMatchObject({
      state: 'evacuated',
      fencing: { means: 'hook', reason: 'IPMI says off' },
    });
    expect(sut.fenced).toEqual(['h1']);
  });

  test.each([
    [
      'in recommend the hook is not asked',
      { mode: 'recommend', hook: [fencedAnswer] },
      /recommend/,
    ],
    ['without a hook auto does nothing', { mode: 'auto' }, /no fencing hook is configured/],
  ] as const)('%s', async (_rule, parts, why) => {
    const sut = await hostCloud(parts);
    sut.kill('h1');

    await sut.look();

    expect((await incidentOf(sut)).waitsFor).toMatch(why);
    expect(sut.fenced).toEqual([]);
    expect(sut.asked('evacuate')).toBe(0);
  });

  test('is not asked where a mode rule of its alarms says otherwise than auto', async () => {
    const sut = await hostCloud({ mode: 'auto', hook: [fencedAnswer] });
    const rule = {
      scope: 'rule',
      id: 'telemetry.hostDown',
      mode: 'approve',
      approvers: null,
    } as const;
    const needs = { ledger: sut.ledger, now: () => sut.clock.now() };
    await changeModes(needs, { rules: [rule], controlShare: 0, by: 'an admin' });
    sut.kill('h1');

    await sut.look();

    expect((await incidentOf(sut)).waitsFor).toMatch(/the mode is approve/);
    expect(sut.fenced).toEqual([]);
  });

  test('that fails is asked again a few times; then an operator has to look', async () => {
    const sut = await hostCloud({
      mode: 'auto',
      hook: [
        { kind: 'unsure', detail: 'no answer within 30000 ms' },
        { kind: 'refused', detail: 'the BMC is away' },
      ],
    });
    sut.kill('h1');

    for (let turn = 0; turn < 12; turn++) {
      await sut.look();
      sut.pass(10_000);
    }

    const incident = await incidentOf(sut);
    expect(sut.fenced).toHaveLength(3);
    expect(incident).toMatchObject({ state: 'open', fencing: null });
    expect(incident.waitsFor).toMatch(/an operator .*failed 3 times, at last: the BMC is away/);
    expect(sut.asked('evacuate')).toBe(0);
  });

  test('is asked in recommend when an operator wants it', async () => {
    const sut = await hostCloud({ hook: [fencedAnswer] });
    sut.kill('h1');

    const id = await sut.fence('h1', 'hook');
    await sut.settle();

    expect(await sut.incidentNow(id)).toMatchObject({ state: 'evacuated' });
  });

  test('is not asked for a host that still sends', async () => {
    const sut = await hostCloud({ mode: 'auto', hook: [fencedAnswer] });
    sut.emulator.faults.computeDown('h1');
    sut.pass(60_000);
    sut.telemetry.raise('h1', { metric: 'telemetry.hostDown', raisedAtMs: sut.clock.now() });

    await sut.look();

    expect(await incidentOf(sut)).toMatchObject({ state: 'open', evidence: { series: 'fresh' } });
    expect((await incidentOf(sut)).waitsFor).toMatch(/still sends/);
    expect(sut.fenced).toEqual([]);
  });
});

test('a server that was shut off is made anew, and stays shut off', async () => {
  const sut = await hostCloud({ servers: { a: 'h1', b: 'h1' } });
  await sut.nova.stopServer(sut.id('b'));
  sut.pass(5_000);
  sut.kill('h1');

  const id = await sut.fence('h1');
  await sut.settle();

  expect((await sut.incidentNow(id)).state).toBe('evacuated');
  expect(sut.placed('b')).not.toBe('h1');
  expect(await sut.nova.showServer(sut.id('b'))).toMatchObject({ status: 'SHUTOFF' });
});

describe('a server whose disk is on the dead host', () => {
  test('is refused by name, the others leave', async () => {
    const sut = await hostCloud({ onLocalDisk: ['b'] });
    sut.kill('h1');

    const id = await sut.fence('h1');
    await sut.settle();

    const incident = await sut.incidentNow(id);
    expect(incident.state).toBe('partly');
    expect(incident.history.at(-1)?.reason).toMatch(/^b: its disk is on the dead host/);
    expect(sut.placed('b')).toBe('h1');
    expect(sut.asked('evacuate')).toBe(3);
  });

  test('is made anew where the settings allow it', async () => {
    const sut = await hostCloud({ onLocalDisk: ['b'], localDisksMayBeRebuilt: true });
    sut.kill('h1');

    const id = await sut.fence('h1');
    await sut.settle();

    expect((await sut.incidentNow(id)).state).toBe('evacuated');
    expect(sut.placed('b')).not.toBe('h1');
  });
});

describe('what goes wrong', () => {
  test('a rebuild that fails leaves the server in ERROR: the next try goes elsewhere', async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.emulator.faults.liveMigration('h2', { rebuildFail: 'no image' });
    sut.kill('h1');

    const id = await sut.fence('h1');
    await sut.settle();

    const [second, first] = await sut.operations();
    expect(first).toMatchObject({ to: 'h2', problem: { code: 'MIGRATION_FAILED' } });
    expect(first?.problem?.detail).toMatch(/no image/);
    expect(['FAILED', 'ROLLED_BACK']).toContain(first?.state);
    expect(second).toMatchObject({ state: 'COMPLETED' });
    expect((await sut.incidentNow(id)).state).toBe('evacuated');
    expect(sut.placed('a')).not.toBe('h1');
  });

  test('a rebuild that fails everywhere is given up, and says why', async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.emulator.faults.liveMigration('*', { rebuildFail: 'no image' });
    sut.kill('h1');

    const id = await sut.fence('h1');
    await sut.settle();

    const incident = await sut.incidentNow(id);
    expect(incident).toMatchObject({ state: 'partly', leavers: [{ state: 'blocked', tries: 3 }] });
    expect(incident.leavers[0]?.why).toMatch(/no image/);
  });

  test('Nova refuses the call: the server stays, and is tried again', async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.kill('h1');
    const id = await sut.fence('h1');
    await sut.look();
    sut.emulator.faults.api({
      service: 'compute',
      method: 'POST',
      path: '/servers/.*/action',
      effect: 400,
      count: 1,
    });
    await sut.workOperations();
    const [refused] = await sut.operations();

    await sut.settle();

    expect(refused).toMatchObject({ state: 'ROLLED_BACK', problem: { code: 'MIGRATION_FAILED' } });
    expect((await sut.incidentNow(id)).state).toBe('evacuated');
  });

  test('somebody forces the host up between our last look and the call: Nova is not asked', async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.kill('h1');
    const id = await sut.fence('h1');
    await sut.look();
    await sut.workOperations({
      onPoint: async (point) => {
        if (point !== 'migrate:intent') return;
        await sut.cloudHosts.setForcedDown('h1', false);
        sut.emulator.faults.computeUp('h1');
      },
    });
    const [operation] = await sut.operations();

    await sut.settle();

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'MIGRATION_FAILED' },
    });
    expect(operation?.problem?.detail).toMatch(/not forced down any more/);
    expect(sut.asked('evacuate')).toBe(0);
    expect((await sut.incidentNow(id)).state).toBe('partly');
  });

  test('the answer of Nova is lost: the evacuation is adopted, not asked for again', async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.kill('h1');
    await sut.fence('h1');
    await sut.look();
    sut.emulator.faults.api({
      service: 'compute',
      method: 'POST',
      path: '/servers/.*/action',
      effect: 'answer-lost',
      count: 1,
    });

    await sut.settle();

    expect(sut.asked('evacuate')).toBe(1);
    expect((await incidentOf(sut)).state).toBe('evacuated');
  });

  test('the kill switch holds the evacuation back, and lets it go on', async () => {
    const sut = await hostCloud();
    const needs = { ledger: sut.ledger, now: () => sut.clock.now() };
    sut.kill('h1');
    const id = await sut.fence('h1');
    await setKillSwitch(needs, { engaged: true, reason: 'drill', by: 'an operator' });

    await sut.look();
    await sut.look();
    const held = await sut.incidentNow(id);
    await setKillSwitch(needs, { engaged: false, reason: 'over', by: 'an operator' });
    await sut.settle();

    expect(held).toMatchObject({
      state: 'evacuating',
      waitsFor: 'the kill switch is engaged: drill',
    });
    expect((await sut.incidentNow(id)).state).toBe('evacuated');
  });
});

describe('a worker killed', () => {
  test.each([
    'reserve:before',
    'migrate:intent',
    'migrate:called',
    'verify:before',
    'settle:after',
  ] as const)('at %s of each evacuation: every server is made anew once', async (diesAt) => {
    const sut = await hostCloud({ servers: { a: 'h1', b: 'h1' } });
    sut.kill('h1');
    const id = await sut.fence('h1');
    await sut.look();
    await sut.workOperations({ diesAt });
    await taken(sut);

    await sut.settle({ name: 'second' });

    expect((await sut.incidentNow(id)).state).toBe('evacuated');
    expect(sut.asked('evacuate')).toBe(2);
  });

  const killedAfterTelling = async () => {
    const sut = await hostCloud({ servers: { a: 'h1' } });
    sut.kill('h1');
    const id = await sut.fence('h1');
    const { cloudHosts } = sut;
    await sut.lookWith({
      ...sut.options(),
      hosts: {
        ...cloudHosts,
        setForcedDown: async (hostId, forcedDown) => {
          await cloudHosts.setForcedDown(hostId, forcedDown);
          throw new Error('killed');
        },
      },
    });
    expect((await sut.incidentNow(id)).state).toBe('fenced');
    return { sut, id };
  };

  test('after Nova was told that the host is down, before that was written: it goes on', async () => {
    const { sut, id } = await killedAfterTelling();

    await sut.settle();

    expect((await sut.incidentNow(id)).state).toBe('evacuated');
  });

  test('there, and the host comes back: it is given back to Nova, and nothing is evacuated', async () => {
    const { sut, id } = await killedAfterTelling();
    sut.revive('h1');
    sut.pass(10_000);

    await sut.settle();

    expect((await sut.incidentNow(id)).state).toBe('recovered');
    expect(await sut.cloudHosts.readService('h1')).toMatchObject({
      forcedDown: false,
      state: 'up',
    });
    expect(sut.asked('evacuate')).toBe(0);
  });
});

test('Nova takes a host back only once it has cleaned up; the refusal is in its words', async () => {
  const sut = await hostCloud({ servers: { a: 'h1' } });
  sut.kill('h1');
  const id = await sut.fence('h1');
  await sut.settle();
  const release = () => releaseFencing(sut.options(), 'h1', 'an operator');

  await expect(release()).rejects.toMatchObject({ code: 'CONFLICT', message: /^Nova: / });
  sut.revive('h1');
  const released = await release();

  expect(released).toMatchObject({ id, state: 'evacuated' });
  expect(released.releasedAtMs).not.toBeNull();
  expect(await sut.cloudHosts.readService('h1')).toMatchObject({ forcedDown: false, state: 'up' });
});

test('the chains’ members leave before a server that is in none', async () => {
  const sut = await hostCloud({
    chains: { c1: [['c'], ['d']] },
    guardrails: { concurrentMoves: 2 },
  });
  sut.kill('h1');
  await sut.fence('h1');

  await sut.look();

  const first = (await sut.ledger.live()).map(({ value }) => value.serverName).sort();
  expect(first).toEqual(['c', 'd']);
});

test('a host that is forced up again and again leaves a history of bounded length', async () => {
  const sut = await hostCloud({ servers: { a: 'h1' } });
  sut.kill('h1');
  const id = await sut.fence('h1');
  await sut.settle();
  sut.revive('h1');

  for (let time = 0; time < 60; time += 1) await releaseFencing(sut.options(), 'h1', 'an operator');

  expect((await sut.incidentNow(id)).history).toHaveLength(50);
});
