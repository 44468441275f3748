import { cloud } from '@sidestep/fleet/testing';
import { policyNamed } from '@sidestep/policies';
import { describe, expect, test } from 'vitest';
import {
  anyOperator,
  effectiveMode,
  inControlGroup,
  type ModeRule,
  ownersOf,
  possibleModes,
} from '../src/domain/modes.ts';
import { changeModes, changeSettings } from '../src/usecases/change-controls.ts';
import { type World, world } from './fakes/world.ts';

const subject = { ruleIds: ['cpu', 'risk'], aggregates: ['edge', 'core'], serverId: 's1' };
const rule = (scope: ModeRule['scope'], id: string, mode: ModeRule['mode']): ModeRule => ({
  scope,
  id,
  mode,
  approvers: null,
});
const controls = (sut: World) => ({ ledger: sut.ledger, now: () => sut.clock.now() });
const decisions = async (sut: World) =>
  (await sut.ledger.decisions({}, { limit: 100 })).items.map(({ value }) => value);
const set = (sut: World, rules: ModeRule[], controlShare = 0) =>
  changeModes(controls(sut), { rules, controlShare, by: 'ann' });

describe('the mode in force', () => {
  test.each<[string, ModeRule[], string, object]>([
    ['is the standard where none is set', [], 'auto', { scope: 'default', id: null }],
    [
      'ignores what does not concern the move',
      [rule('rule', 'x', 'recommend')],
      'auto',
      { scope: 'default', id: null },
    ],
    [
      'is the alarm rule’s before the standard',
      [rule('rule', 'cpu', 'approve')],
      'approve',
      { scope: 'rule', id: 'cpu' },
    ],
    [
      'is the aggregate’s before the rule’s',
      [rule('rule', 'cpu', 'recommend'), rule('aggregate', 'edge', 'approve')],
      'approve',
      { scope: 'aggregate', id: 'edge' },
    ],
    [
      'is the VNF’s before all, even where that is less careful',
      [rule('aggregate', 'edge', 'recommend'), rule('server', 's1', 'auto')],
      'auto',
      { scope: 'server', id: 's1' },
    ],
    [
      'is the most careful of several as specific',
      [rule('aggregate', 'edge', 'auto'), rule('aggregate', 'core', 'recommend')],
      'recommend',
      { scope: 'aggregate', id: 'core' },
    ],
  ])('%s', (_case, rules, mode, modeFrom) => {
    expect(effectiveMode('auto', rules, subject)).toMatchObject({ mode, modeFrom });
  });

  test('brings along who may approve; of equal modes the fewer', () => {
    const named = { role: null, subjects: ['ann'] };
    const rules: ModeRule[] = [
      { ...rule('aggregate', 'edge', 'approve'), approvers: { role: 'admin', subjects: [] } },
      { ...rule('aggregate', 'core', 'approve'), approvers: named },
    ];

    expect(effectiveMode('auto', rules, subject).approvers).toEqual(named);
    expect(effectiveMode('auto', [], subject).approvers).toEqual(anyOperator);
  });

  test('could be auto as soon as one server of the host may be moved so', () => {
    expect(
      possibleModes('recommend', [rule('server', 's2', 'auto')], subject, ['s1', 's2']),
    ).toContain('auto');
    expect(possibleModes('recommend', [], subject, ['s1'])).toEqual(new Set(['recommend']));
  });
});

describe('reconciling', () => {
  const edge = () =>
    cloud()
      .host('h1', { cpuPercent: 95, aggregates: ['edge'] })
      .server('s1', { on: 'h1', cpuPercent: 90, tags: ['owner:a'] })
      .host('h2', { cpuPercent: 20 })
      .build();

  test('a VNF in auto moves while all else is only recommended', async () => {
    const sut = world({ view: edge(), mode: 'recommend' });
    await set(sut, [rule('server', 's1', 'auto')]);
    sut.telemetry.raise('h1');

    await sut.reconcile();

    expect(sut.woken).toHaveLength(1);
    expect(await decisions(sut)).toMatchObject([
      { mode: 'auto', modeFrom: { scope: 'server', id: 's1' } },
    ]);
  });

  test('an aggregate in approve waits although the standard is auto; set to auto it is decided anew', async () => {
    const sut = world({ view: edge(), mode: 'auto' });
    await set(sut, [rule('aggregate', 'edge', 'approve')]);
    sut.telemetry.raise('h1');
    await sut.reconcile();
    await sut.reconcile(false);
    expect(sut.woken).toEqual([]);
    expect(await decisions(sut)).toMatchObject([{ state: 'proposed', mode: 'approve' }]);

    await set(sut, []);
    await sut.reconcile(false);

    expect(sut.woken).toHaveLength(1);
    expect((await decisions(sut)).map(({ state }) => state)).toEqual(['approved', 'expired']);
  });

  test('an alarm whose rule may only recommend moves nothing, whatever is set', async () => {
    const sut = world({ view: edge(), mode: 'recommend' });
    await set(sut, [rule('server', 's1', 'auto')]);
    sut.telemetry.raise('h1', { mode: 'recommend', ruleId: 'risk' });

    await sut.reconcile();
    await sut.reconcile(false);

    expect(await decisions(sut)).toMatchObject([
      { state: 'proposed', mode: 'recommend', modeFrom: { scope: 'alarm', id: 'risk' } },
    ]);
    expect(sut.woken).toEqual([]);
  });
});

describe('the control group', () => {
  test('holds about its share of the alarms, the same ones each time', () => {
    const ids = Array.from({ length: 10_000 }, (_, i) => `alarm-${i}`);
    const chosen = ids.filter((id) => inControlGroup(id, 0.05));

    expect(chosen.length).toBeGreaterThan(400);
    expect(chosen.length).toBeLessThan(600);
    expect(ids.filter((id) => inControlGroup(id, 0.05))).toEqual(chosen);
    expect(chosen.every((id) => inControlGroup(id, 0.2))).toBe(true);
    expect(ids.filter((id) => inControlGroup(id, 0))).toEqual([]);
  });

  test('is left without a proposal in recommend, and recorded as such', async () => {
    const sut = world({ mode: 'recommend' });
    const id = Array.from({ length: 100 }, (_, i) => `a${i}`).find((each) =>
      inControlGroup(each, 0.2),
    );
    await set(sut, [], 0.2);
    sut.telemetry.raise('h1', { id: id ?? '' });

    await sut.reconcile();

    expect(await decisions(sut)).toMatchObject([
      {
        state: 'stay',
        stayReason: 'control-group',
        controlGroup: true,
        heldBack: { serverId: 's1', destinationHostId: 'h2' },
      },
    ]);
  });

  test('is no reason to leave a host alone in auto', async () => {
    const sut = world({ mode: 'auto' });
    await set(sut, [], 0.5);
    const id = Array.from({ length: 100 }, (_, i) => `a${i}`).find((each) =>
      inControlGroup(each, 0.5),
    );
    sut.telemetry.raise('h1', { id: id ?? '' });

    await sut.reconcile();

    expect(sut.woken).toHaveLength(1);
  });
});

test('a VNF belongs to whom its id or one of its tags is declared of', () => {
  const owners = [
    { subject: 'a', serverIds: ['s1'], tags: [] },
    { subject: 'b', serverIds: [], tags: ['owner:b'] },
    { subject: 'c', serverIds: ['s2'], tags: ['owner:c'], projectIds: ['p-c'] },
  ];

  expect(ownersOf({ id: 's1', tags: ['owner:b'] }, owners)).toEqual(['a', 'b']);
  expect(ownersOf({ id: 's3', tags: [], projectId: 'p-d' }, owners)).toEqual([]);
  expect(ownersOf({ id: 's3', tags: [], projectId: 'p-c' }, owners)).toEqual(['c']);
});

test('settings and modes are changed between rounds of deciding, never within one', async () => {
  const sut = world({ mode: 'recommend' });
  sut.telemetry.raise('h1');
  const { raisedAlarms } = sut.telemetry;
  let changed = false;
  sut.telemetry.raisedAlarms = async () => {
    if (!changed) {
      changed = true;
      const given = { mode: 'auto', policy: 'least-cpu', by: 'ann' } as const;
      await changeSettings(controls(sut), given, policyNamed);
    }
    return raisedAlarms();
  };

  await sut.reconcile();

  expect(sut.woken).toHaveLength(1);
});
