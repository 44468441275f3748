import { type Records, sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { describe, expect, test } from 'vitest';
import type { HostDrain } from '../src/domain/hosts/host-drain.ts';
import type { HostIncident } from '../src/domain/hosts/host-incident.ts';
import { forgetOldLayouts } from '../src/usecases/forget-old-layouts.ts';
import { forgetHostWork } from '../src/usecases/hosts/forget-host-work.ts';
import { drainWrite, incidentWrite } from '../src/usecases/hosts/host-ledger.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';
import { hotHost } from './fakes/world.ts';

const longAgo = { createdAtMs: 1, updatedAtMs: 2, endedAtMs: 2 };

const drained: Omit<HostDrain, 'id' | 'releasedAtMs'> = {
  ...longAgo,
  hostId: 'h1',
  state: 'done',
  reason: 'new memory',
  requestedBy: 'ops',
  policy: 'least-cpu',
  maxConcurrentMoves: 1,
  service: 'not-asked',
  leavers: [],
  heldBack: null,
  history: [],
};
const down: Omit<HostIncident, 'id' | 'state' | 'releasedAtMs'> = {
  ...longAgo,
  hostId: 'h2',
  evidence: { nova: 'down', series: 'dead', atMs: 1 },
  hook: { tries: 0, nextAtMs: null, outcome: null },
  fencing: null,
  waitsFor: null,
  policy: null,
  leavers: [],
  history: [],
};

const left = async (records: Records, kind: string) =>
  (await records.list(kind, { order: 'oldest', limit: 20 })).items.map(({ id }) => id);

test('host drains and incidents are forgotten long after their hosts were given back, and not before', async () => {
  const records = sqliteRecords(':memory:', manualClock());
  await records.commit([
    drainWrite({ ...drained, id: 'given-back', releasedAtMs: 3 }, 'absent'),
    drainWrite({ ...drained, id: 'held', releasedAtMs: null }, 'absent'),
    drainWrite({ ...drained, id: 'lately', releasedAtMs: 500 }, 'absent'),
    drainWrite(
      { ...drained, id: 'runs', state: 'draining', endedAtMs: null, releasedAtMs: null },
      'absent',
    ),
    incidentWrite(
      { ...down, id: 'back', hostId: 'h3', state: 'recovered', releasedAtMs: null },
      'absent',
    ),
    incidentWrite({ ...down, id: 'freed', state: 'evacuated', releasedAtMs: 3 }, 'absent'),
    incidentWrite({ ...down, id: 'forced-down', state: 'evacuated', releasedAtMs: null }, 'absent'),
    incidentWrite(
      { ...down, id: 'open', hostId: 'h4', state: 'open', endedAtMs: null, releasedAtMs: null },
      'absent',
    ),
  ]);

  const telemetry = fakeTelemetry(hotHost());

  const forgotten = await forgetHostWork({ records, telemetry }, 100);

  expect(forgotten).toBe(3);
  expect(await left(records, 'host-drain')).toEqual(['held', 'lately', 'runs']);
  expect(await left(records, 'host-incident')).toEqual(['forced-down', 'open']);
});

describe('an incident whose host was never given back', () => {
  const unreleased = { ...down, releasedAtMs: null };
  const dismissed = { ...unreleased, state: 'dismissed' as const };
  const fencing = {
    means: 'operator' as const,
    confirmedBy: 'ops',
    reason: 'pulled',
    atMs: 1,
    reportedAtMs: null,
    forcing: true,
    forcedDownAtMs: null,
  };

  test('is forgotten once a newer one of the host says how it stands', async () => {
    const records = sqliteRecords(':memory:', manualClock());
    await records.commit([
      incidentWrite({ ...dismissed, id: 'first' }, 'absent'),
      incidentWrite({ ...unreleased, id: 'second', state: 'evacuated' }, 'absent'),
      incidentWrite({ ...unreleased, id: 'third', state: 'partly' }, 'absent'),
    ]);

    await forgetHostWork({ records, telemetry: fakeTelemetry(hotHost()) }, 100);

    expect(await left(records, 'host-incident')).toEqual(['third']);
  });

  test('is kept behind newer ones that do not say how it stands with Nova, until one does', async () => {
    const records = sqliteRecords(':memory:', manualClock());
    const forced = { ...unreleased, fencing, state: 'evacuated' as const };
    await records.commit([
      incidentWrite({ ...forced, id: 'forced-down' }, 'absent'),
      incidentWrite({ ...dismissed, id: 'dismissed' }, 'absent'),
      incidentWrite({ ...forced, id: 'came-back', hostId: 'h3' }, 'absent'),
      incidentWrite({ ...unreleased, id: 'back', hostId: 'h3', state: 'recovered' }, 'absent'),
      incidentWrite({ ...forced, id: 'given-back', hostId: 'h4' }, 'absent'),
      incidentWrite({ ...dismissed, id: 'lately', hostId: 'h4', releasedAtMs: 500 }, 'absent'),
      incidentWrite({ ...forced, id: 'twice', hostId: 'h5' }, 'absent'),
      incidentWrite({ ...forced, id: 'again', hostId: 'h5' }, 'absent'),
    ]);

    await forgetHostWork({ records, telemetry: fakeTelemetry(hotHost()) }, 100);

    expect(await left(records, 'host-incident')).toEqual(['forced-down', 'again']);
  });

  test('and that was dismissed, as one whose host was, is forgotten once nothing says any more that it is down', async () => {
    const records = sqliteRecords(':memory:', manualClock());
    const telemetry = fakeTelemetry(hotHost());
    telemetry.raise('h2', { metric: 'telemetry.hostDown' });
    await records.commit([
      incidentWrite({ ...dismissed, id: 'dismissed' }, 'absent'),
      incidentWrite({ ...dismissed, id: 'lately', hostId: 'h3', endedAtMs: 500 }, 'absent'),
      incidentWrite({ ...dismissed, id: 'forced-down', hostId: 'h4', fencing }, 'absent'),
      incidentWrite(
        { ...down, id: 'given-back', state: 'partly', hostId: 'h5', releasedAtMs: 3 },
        'absent',
      ),
    ]);
    telemetry.raise('h5', { metric: 'telemetry.ageSeconds' });

    const whileDown = await forgetHostWork({ records, telemetry }, 100);
    telemetry.away = true;
    const whileUnknown = await forgetHostWork({ records, telemetry }, 100);
    telemetry.away = false;
    telemetry.clear('h2');
    telemetry.clear('h5');
    const onceUp = await forgetHostWork({ records, telemetry }, 100);

    expect([whileDown, whileUnknown, onceUp]).toEqual([0, 0, 2]);
    expect(await left(records, 'host-incident')).toEqual(['lately', 'forced-down']);
  });
});

test('what an earlier layout wrote of links is forgotten, and what is in use stays', async () => {
  const records = sqliteRecords(':memory:', manualClock());
  const value = { operationIds: ['o1'] };
  await records.commit([
    { kind: 'link-reservation', id: 'l1', expected: 'absent', value },
    { kind: 'reservation', id: 'link:l1', expected: 'absent', value },
  ]);

  expect(await forgetOldLayouts(records)).toBe(1);

  expect(await left(records, 'link-reservation')).toEqual([]);
  expect(await left(records, 'reservation')).toEqual(['link:l1']);
});
