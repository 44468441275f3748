import { cloud } from '@sidestep/fleet/testing';
import { expect, test } from 'vitest';
import { operateLimits, type World, wideLimits, world } from './fakes/world.ts';

/** A host that one move does not calm. */
const fleet = () =>
  cloud()
    .host('h1', { cpuPercent: 95 })
    .server('s1', { on: 'h1', cpuPercent: 60 })
    .server('s2', { on: 'h1', cpuPercent: 50 })
    .host('h2', { cpuPercent: 20 })
    .host('h3', { cpuPercent: 21 })
    .build();

const newest = async (sut: World) =>
  (await sut.ledger.decisions({ hostId: 'h1' }, { limit: 10 })).items.map(({ value }) => value);

/** Decides, and carries out what was decided; then the host has rested. */
async function oneMove(sut: World): Promise<void> {
  await sut.reconcile();
  const { id, serverId } = await sut.operation();
  sut.compute.server = { ...sut.compute.server, id: serverId, hostId: 'h1' };
  sut.compute.portHost = 'h1';
  await sut.run(id);
  const moved = await sut.operation();
  const { view } = sut.telemetry;
  sut.telemetry.view = {
    ...view,
    servers: view.servers.map((server) =>
      server.id === moved.serverId ? { ...server, hostId: moved.to } : server,
    ),
  };
  sut.clock.advance(operateLimits.hostRestMs);
}

function hot(): World {
  const sut = world({ view: fleet(), guardrails: wideLimits });
  sut.telemetry.raise('h1');
  return sut;
}

test('each later decision of the same alarm names the one before it', async () => {
  const sut = hot();

  await oneMove(sut);
  await oneMove(sut);

  const [second, first] = await newest(sut);
  expect(first).toMatchObject({ state: 'executed', follows: null });
  expect(second).toMatchObject({ state: 'executed', follows: first?.id });
  expect(second?.serverId).not.toBe(first?.serverId);
});

test('an alarm that cleared and was raised again begins a series of its own', async () => {
  const sut = hot();
  await oneMove(sut);

  sut.telemetry.clear('h1');
  sut.telemetry.raise('h1', { raisedAtMs: sut.clock.now() });
  await oneMove(sut);

  const made = await newest(sut);
  expect(made).toHaveLength(2);
  expect(made.map(({ follows }) => follows)).toEqual([null, null]);
});
