import fc from 'fast-check';
import { expect, test } from 'vitest';
import { setKillSwitch } from '../src/usecases/change-controls.ts';
import { workerPoints } from '../src/usecases/operate/step.ts';
import { allEnded, type HostCloud, hostCloud, taken } from './fakes/host-cloud.ts';

/** What may happen while a host is being emptied. */
const event = fc.oneof(
  fc.constant({ kind: 'look' } as const),
  fc.constant({ kind: 'two-look' } as const),
  // Nova stops answering at the n-th question of a look, as if the process had been killed there.
  fc.record({ kind: fc.constant('die-looking' as const), after: fc.integer({ min: 0, max: 6 }) }),
  fc.record({ kind: fc.constant('work' as const), diesAt: fc.constantFrom(...workerPoints) }),
  fc.constant({ kind: 'answer-lost' } as const),
  fc.constant({ kind: 'switch' } as const),
  fc.constant({ kind: 'revive' } as const),
);
type Event = typeof event extends fc.Arbitrary<infer E> ? E : never;

async function happen(sut: HostCloud, what: Event, dead: boolean): Promise<void> {
  switch (what.kind) {
    case 'look':
      return sut.look();
    case 'two-look':
      await Promise.all([sut.look(), sut.look()]);
      return;
    case 'die-looking':
      return sut.lookWith(dyingAfter(sut, what.after));
    case 'work':
      await sut.workOperations({ diesAt: what.diesAt });
      return taken(sut);
    case 'answer-lost': {
      const path = '/servers/.*/action';
      const service = 'compute' as const;
      sut.emulator.faults.api({ service, method: 'POST', path, effect: 'answer-lost', count: 1 });
      return;
    }
    case 'switch': {
      const { engaged } = await sut.ledger.killSwitch();
      await flip(sut, !engaged);
      return;
    }
    case 'revive':
      if (dead) sut.revive('h1');
      sut.pass(5_000);
  }
}

const flip = (sut: HostCloud, engaged: boolean) =>
  setKillSwitch(
    { ledger: sut.ledger, now: () => sut.clock.now() },
    { engaged, reason: 'a test', by: 'a test' },
  );

function dyingAfter(sut: HostCloud, questions: number) {
  let left = questions;
  const { cloudHosts } = sut;
  const asked = () => {
    left -= 1;
    if (left < 0) throw new Error('killed');
  };
  return {
    ...sut.options(),
    hosts: {
      readService: async (hostId: string) => {
        asked();
        return cloudHosts.readService(hostId);
      },
      listServers: async (hostId: string) => {
        asked();
        return cloudHosts.listServers(hostId);
      },
      setEnabled: async (hostId: string, enabled: boolean, reason: string) => {
        await cloudHosts.setEnabled(hostId, enabled, reason);
        asked();
      },
      setForcedDown: async (hostId: string, forcedDown: boolean) => {
        await cloudHosts.setForcedDown(hostId, forcedDown);
        asked();
      },
    },
  };
}

/** Once nothing breaks any more: everything has ended, nothing is reserved, and Nova did what was asked of it once. */
async function isSound(sut: HostCloud, kind: 'os-migrateLive' | 'evacuate'): Promise<void> {
  const operations = await sut.operations();
  expect(allEnded(operations)).toBe(true);
  expect((await sut.records.list('reservation', { limit: 10 })).items).toEqual([]);
  expect((await sut.known.held()).size).toBe(kind === 'evacuate' ? 0 : 1);
  const asked = operations.filter(({ intent }) => (intent?.calls ?? 0) > 0);
  const type = kind === 'evacuate' ? 'evacuation' : 'live-migration';
  const moves = await sut.nova.listMigrations({ type });
  expect(moves.length).toBeLessThanOrEqual(asked.length);
  for (const name of ['a', 'b', 'c']) {
    const done = moves.filter(({ serverId, status }) => {
      return serverId === sut.id(name) && ['completed', 'done'].includes(status);
    });
    // It left at most once: nothing brings it back.
    expect(done.length).toBeLessThanOrEqual(1);
    expect(sut.placed(name) === 'h1').toBe(done.length === 0);
  }
}

const servers = { a: 'h1', b: 'h1', c: 'h1' };
const chains = { c1: [['a'], ['b']] };

test('whatever dies while a host is drained: each server leaves once, and the drain ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 8 }), async (events) => {
      const sut = await hostCloud({ servers, chains });
      const id = await sut.drain('h1');
      for (const each of events) await happen(sut, each, false);
      await flip(sut, false);
      await taken(sut);

      await sut.settle();

      expect((await sut.drainNow(id)).state).toBe('done');
      await isSound(sut, 'os-migrateLive');
      await sut.emulator.close();
    }),
    { numRuns: 25 },
  );
});

test('whatever dies while a dead host is evacuated: no server is made anew twice, none while its host lives', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 8 }), async (events) => {
      const sut = await hostCloud({ servers, chains });
      sut.kill('h1');
      const id = await sut.fence('h1');
      let revivedMs: number | null = null;
      for (const each of events) {
        if (each.kind === 'revive') revivedMs ??= sut.emulator.clock.nowMs();
        await happen(sut, each, true);
      }
      await flip(sut, false);
      await taken(sut);

      await sut.settle();

      const { state } = await sut.incidentNow(id);
      expect(['evacuated', 'partly', 'recovered']).toContain(state);
      if (revivedMs === null) expect(state).toBe('evacuated');
      await isSound(sut, 'evacuate');
      const calls = sut.emulator.calls().filter(({ body, status }) => {
        return JSON.stringify(body).includes('"evacuate"') && status > 0 && status < 300;
      });
      for (const { atMs } of calls) expect(atMs).toBeLessThanOrEqual(revivedMs ?? atMs);
      await sut.emulator.close();
    }),
    { numRuns: 25 },
  );
});
