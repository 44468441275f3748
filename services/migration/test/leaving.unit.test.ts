import type { Chain } from '@sidestep/fleet';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { silentHosts } from '../src/domain/hosts/down-alarms.ts';
import { type Fencing, faultsOfFencing, reportsAfter } from '../src/domain/hosts/fencing.ts';
import { type HostDrain, settleDrain, settledIfOver } from '../src/domain/hosts/host-drain.ts';
import {
  type HostIncident,
  hostIncidentStates,
  incidentFollowers,
  nextWhileOpen,
  settleIncident,
} from '../src/domain/hosts/host-incident.ts';
import {
  type Leaver,
  nextToLeave,
  objectionTo,
  type Resident,
  refreshed,
} from '../src/domain/hosts/leaving.ts';

const limits = { maxTries: 3, retryMs: 1_000 };
const resident = (id: string, parts: Partial<Resident> = {}): Resident => ({
  id,
  name: id,
  status: 'ACTIVE',
  taskState: null,
  volumeBacked: true,
  ...parts,
});
const listed = (residents: readonly Resident[], leavers: readonly Leaver[] = [], atMs = 0) =>
  refreshed(leavers, {
    residents,
    operations: new Map(),
    objection: objectionTo('live-migration', { localDisksMayBeRebuilt: false }),
    limits,
    atMs,
  });
const chain = (id: string, ...members: string[]): Chain => ({
  id,
  name: id,
  hops: [{ memberIds: members }],
});

describe('the list of those who leave', () => {
  test('takes in who has come meanwhile, and calls gone who left by another way', () => {
    const first = listed([resident('a'), resident('b')]);

    const second = listed([resident('b'), resident('c')], first);

    expect(second.map(({ name, state }) => [name, state])).toEqual([
      ['a', 'gone'],
      ['b', 'waiting'],
      ['c', 'waiting'],
    ]);
  });

  test('one that could not leave may leave once nothing is against it any more', () => {
    const blocked = listed([resident('a', { status: 'SHUTOFF' })]);

    expect(blocked).toMatchObject([{ state: 'blocked', why: 'it is SHUTOFF, not ACTIVE' }]);
    expect(listed([resident('a')], blocked)).toMatchObject([{ state: 'waiting', why: null }]);
  });

  test('what Nova is busy with is looked at again a few times, then left', () => {
    const busy = [resident('a', { taskState: 'rebooting' })];
    let leavers = listed(busy);
    const states = [leavers[0]?.state];
    for (let atMs = 0; atMs < 20_000; atMs += 500) {
      leavers = listed(busy, leavers, atMs);
      states.push(leavers[0]?.state);
    }

    expect(states[0]).toBe('waiting');
    expect(leavers).toMatchObject([
      { state: 'blocked', tries: 3, why: 'Nova is busy with it (rebooting)' },
    ]);
  });
});

test('never more than there is room for, never two of one chain, never one of a busy chain', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f'];
  fc.assert(
    fc.property(
      fc.array(fc.subarray(names, { minLength: 1 }), { maxLength: 4 }),
      fc.integer({ min: 0, max: 6 }),
      fc.subarray(['c0', 'c1', 'c2', 'c3']),
      (memberships, room, busy) => {
        const chains = memberships.map((members, i) => chain(`c${i}`, ...members));
        const chosen = nextToLeave(listed(names.map((name) => resident(name))), {
          room,
          apart: true,
          chains,
          busyChainIds: new Set(busy),
          criticality: () => 0,
          atMs: 0,
        }).map(({ serverId }) => serverId);

        expect(chosen.length).toBeLessThanOrEqual(room);
        for (const { id, hops } of chains) {
          const members = hops.flatMap(({ memberIds }) => memberIds);
          const together = chosen.filter((server) => members.includes(server));
          expect(together.length).toBeLessThanOrEqual(busy.includes(id) ? 0 : 1);
        }
      },
    ),
  );
});

test('the chains that matter most come first, then who is in more chains, then the name', () => {
  const chosen = nextToLeave(listed(['a', 'b', 'c', 'd'].map((name) => resident(name))), {
    room: 4,
    apart: false,
    chains: [chain('gold', 'd'), chain('x', 'b', 'c'), chain('y', 'c')],
    busyChainIds: new Set(),
    criticality: ({ id }) => (id === 'gold' ? 9 : 1),
    atMs: 0,
  });

  expect(chosen.map(({ name }) => name)).toEqual(['d', 'c', 'b', 'a']);
});

describe('a drain', () => {
  const drain = (
    leavers: readonly Leaver[],
    state: HostDrain['state'] = 'draining',
  ): HostDrain => ({
    id: 'd',
    hostId: 'h1',
    state,
    reason: 'r',
    requestedBy: 'o',
    policy: 'least-cpu',
    maxConcurrentMoves: 2,
    service: 'disabled',
    createdAtMs: 0,
    updatedAtMs: 0,
    endedAtMs: null,
    releasedAtMs: null,
    leavers,
    heldBack: null,
    history: [],
  });

  test('of an empty host is done at once', () => {
    expect(settledIfOver(drain([]), 5)).toMatchObject({ state: 'done', endedAtMs: 5 });
  });

  test('ends by no state that the table does not allow', () => {
    const done = settleDrain(drain([]), 'done', { atMs: 1, by: null, reason: null });

    expect(() => settleDrain(done, 'cancelling', { atMs: 2, by: null, reason: null })).toThrow(
      /cancelling cannot follow done/,
    );
  });
});

describe('fencing', () => {
  const fencing: Fencing = {
    means: 'operator',
    confirmedBy: 'o',
    reason: 'r',
    atMs: 10,
    reportedAtMs: 100,
    forcing: true,
    forcedDownAtMs: 20,
  };
  const service = {
    state: 'down',
    status: 'enabled',
    disabledReason: null,
    forcedDown: true,
    reportedAtMs: 100,
  } as const;

  test('holds while Nova has heard nothing since', () => {
    expect(faultsOfFencing('h1', fencing, service)).toEqual([]);
  });

  test.each([
    ['nobody confirmed it', null, service, /no fencing of h1 is confirmed/],
    ['Nova forgot it', fencing, { ...service, forcedDown: false }, /not forced down any more/],
    ['the host reports', fencing, { ...service, reportedAtMs: 101 }, /it lives/],
    ['the service is up', fencing, { ...service, state: 'up' as const }, /is up/],
  ])('does not hold where %s', (_case, confirmed, now, why) => {
    expect(faultsOfFencing('h1', confirmed, now).join()).toMatch(why);
  });

  test('our own telling Nova is no sign of life', () => {
    const telling = { ...fencing, forcedDownAtMs: null };

    expect(reportsAfter(telling, { ...service, reportedAtMs: 999 })).toBe(false);
  });
});

describe('an incident', () => {
  const incident: HostIncident = {
    id: 'i',
    hostId: 'h1',
    state: 'open',
    createdAtMs: 0,
    updatedAtMs: 0,
    endedAtMs: null,
    evidence: { nova: 'down', series: 'dead', atMs: 0 },
    hook: { tries: 0, nextAtMs: 0, outcome: null },
    fencing: null,
    waitsFor: null,
    policy: null,
    leavers: [],
    releasedAtMs: null,
    history: [],
  };

  test('asks the hook by itself only in auto, with a hook, no kill switch, and both witnesses', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('recommend', 'approve', 'auto'),
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom('up', 'down', 'unknown'),
        fc.constantFrom('fresh', 'dead', 'unknown'),
        fc.constantFrom(null, 0, 50),
        (mode, hookConfigured, killSwitch, nova, series, nextAtMs) => {
          const seen = {
            ...incident,
            evidence: { nova, series, atMs: 0 },
            hook: { tries: 0, nextAtMs, outcome: null },
          };

          const step = nextWhileOpen(seen, { mode, hookConfigured, killSwitch, atMs: 10 });

          if (step.do !== 'ask-hook') return;
          expect([mode, hookConfigured, killSwitch, nova]).toEqual(['auto', true, false, 'down']);
          expect(series).not.toBe('fresh');
          expect(nextAtMs).toBe(0);
        },
      ),
    );
  });

  test('evacuates only after it was fenced, and no final state leads anywhere', () => {
    const before = hostIncidentStates.filter((state) =>
      (incidentFollowers[state] as readonly string[]).includes('evacuating'),
    );

    expect(before).toEqual(['fenced']);
    expect(() =>
      settleIncident({ ...incident, state: 'recovered' }, 'open', {
        atMs: 0,
        by: null,
        reason: null,
      }),
    ).toThrow(/open cannot follow recovered/);
  });

  test('alarms that nobody sees now are no reason to open one', () => {
    const alarm = {
      hostId: 'h1',
      ruleId: 'host-down',
      metric: 'telemetry.hostDown',
      raisedAtMs: 5,
    };

    expect(silentHosts([{ ...alarm, unseen: true }]).get('h1')).toMatchObject({ seen: false });
    expect(silentHosts([alarm]).get('h1')).toMatchObject({ seen: true, down: true, silent: false });
    expect(silentHosts([{ ...alarm, metric: 'host.cpuPercent' }])).toEqual(new Map());
  });
});
