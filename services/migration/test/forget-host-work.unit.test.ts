import { sqliteRecords } from '@sidestep/service-kit';
import { manualClock } from '@sidestep/service-kit/testing';
import { expect, test } from 'vitest';
import type { HostDrain } from '../src/domain/hosts/host-drain.ts';
import type { HostIncident } from '../src/domain/hosts/host-incident.ts';
import { forgetHostWork } from '../src/usecases/hosts/forget-host-work.ts';
import { drainWrite, incidentWrite } from '../src/usecases/hosts/host-ledger.ts';

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
    incidentWrite({ ...down, id: 'back', state: 'recovered', releasedAtMs: null }, 'absent'),
    incidentWrite({ ...down, id: 'freed', state: 'evacuated', releasedAtMs: 3 }, 'absent'),
    incidentWrite({ ...down, id: 'forced-down', state: 'evacuated', releasedAtMs: null }, 'absent'),
    incidentWrite(
      { ...down, id: 'open', state: 'open', endedAtMs: null, releasedAtMs: null },
      'absent',
    ),
  ]);

  const forgotten = await forgetHostWork(records, 100);

  const left = async (kind: string) =>
    (await records.list(kind, { order: 'oldest', limit: 10 })).items.map(({ id }) => id);
  expect(forgotten).toBe(3);
  expect(await left('host-drain')).toEqual(['held', 'lately', 'runs']);
  expect(await left('host-incident')).toEqual(['forced-down', 'open']);
});
