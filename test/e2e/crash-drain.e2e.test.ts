import { answer } from '@sidestep/contracts';
import { drainPoints } from '@sidestep/migration';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { serverId, spec as usual } from './cloud.ts';
import {
  type BegunMove,
  beginMove,
  ended,
  hostOf,
  liveMigrationCalls,
  nothingIsLeftBehind,
} from './moves.ts';
import type { Rig } from './rig.ts';
import { type StruckRig, startStruckRig } from './struck-rig.ts';

let struck: StruckRig;
let rig: Rig;
let chainId: string;
beforeAll(async () => {
  // Two servers share the one hop of a chain that NFVO makes below; `lone` is the client.
  struck = await startStruckRig({ cloud: { ...usual, chains: [] } });
  rig = struck.rig;
  const nfvo = rig.client('nfvo');
  const request = await answer(
    'nfvo',
    nfvo.POST('/sfcrs', {
      body: { name: 'web', source_client: serverId('lone'), dst_ip_prefix: '10.20.0.0/24' },
    }),
  );
  chainId = await answer(
    'nfvo',
    nfvo.POST('/sfcs', {
      body: {
        sfc_name: 'balanced',
        sfcr_ids: [request],
        vnf_instance_ids: [[serverId('fw'), serverId('ips')]],
        hop_options: [{ stateless: true }],
      },
    }),
  );
  await poll('the inventory has the chain', 20_000, async () => {
    const { chains } = await answer('monitoring', rig.client('monitoring').GET('/fleet'));
    return chains.some(({ id }) => id === chainId) || undefined;
  });
}, 90_000);
afterAll(() => struck?.close());

/** Begins a move once an inventory that was read wholly after the last re-render has both servers in the hop. */
async function beginFromWholeHop(): Promise<BegunMove> {
  // The rig reads it every half second; one that was begun before shows a hop that is being rendered.
  const afterMs = Date.now() + 600;
  await poll('the inventory has both servers in their hop', 20_000, async () => {
    const fleet = await answer('monitoring', rig.client('monitoring').GET('/fleet'));
    if (Date.parse(fleet.observedAt ?? '') <= afterMs) return undefined;
    const members = fleet.chains
      .filter(({ id }) => id === chainId)
      .flatMap(({ hops }) => hops.flatMap((hop) => hop.members.map((member) => member.serverId)));
    return (members.includes(serverId('fw')) && members.includes(serverId('ips'))) || undefined;
  });
  return beginMove(rig);
}

/** The server has moved once and serves its hop again, beside the other one. */
async function drainedAndBack(begun: BegunMove): Promise<void> {
  const done = await ended(rig, begun.id);
  expect(done).toMatchObject({
    state: 'COMPLETED',
    problem: null,
    drain: { state: 'back', hops: 1 },
  });
  expect(hostOf(rig, 'fw')).toBe(done.destinationHostId);
  expect(liveMigrationCalls(rig, 'fw').slice(begun.callsBefore)).toHaveLength(1);
  const { drains } = await answer('nfvo', rig.client('nfvo').GET('/drains'));
  expect(drains.filter(({ state }) => state !== 'restored')).toEqual([]);
  const chain = await answer(
    'nfvo',
    rig.client('nfvo').GET('/sfcs/{id}', { params: { path: { id: chainId } } }),
  );
  expect(chain.hops?.flatMap(({ members }) => members.map(({ state }) => state))).toEqual([
    'in',
    'in',
  ]);
  await nothingIsLeftBehind(rig);
}

test('a server leaves its stateless hop while it moves, and is back in it after', async () => {
  await drainedAndBack(await beginFromWholeHop());
});

test.each([
  ...drainPoints,
  'drain:after',
  'migrate:called',
  'repath:before',
  'undrain:before',
] as const)(
  'a worker killed at %s: the next one ends the move, and leaves no drain behind',
  async (point) => {
    struck.strikeAt(`SIGKILL ${point}`);

    const begun = await beginFromWholeHop();
    await struck.reviveMigration();

    await drainedAndBack(begun);
  },
);

test('a move that Nova fails leaves no drain behind, though its worker is killed on the way', async () => {
  rig.cloud.faults.liveMigration('*', { fail: true });
  struck.strikeAt('SIGKILL migrate:called');

  const begun = await beginFromWholeHop();
  await struck.reviveMigration();
  const over = await ended(rig, begun.id);
  rig.cloud.faults.reset();

  expect(over).toMatchObject({ state: 'ROLLED_BACK', drain: { state: 'back' } });
  const { drains } = await answer('nfvo', rig.client('nfvo').GET('/drains'));
  expect(drains.filter(({ state }) => state !== 'restored')).toEqual([]);
});
