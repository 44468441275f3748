import { describe, expect, test } from 'vitest';
import type { Destination } from '../src/ports/destinations.ts';
import { repath } from '../src/usecases/repath.ts';
import { sfcExtensionReader } from '../src/usecases/sfc-extension.ts';
import { advanceStandbys, beginStandby, showStandby } from '../src/usecases/standby.ts';
import type { StandbyDocument } from '../src/usecases/standby-document.ts';
import type { CallFault } from './fakes/call-faults.ts';
import { type House, house } from './fakes/house.ts';

const wanted = {
  hostId: null,
  policy: 'least-risk',
  userData: null,
  monitoring: null,
  warmUpMs: 0,
};

type Replaced = House & { chainId: string; advance(): Promise<StandbyDocument> };

async function chained(
  options: {
    hops?: string[][];
    hopOptions?: { stateless?: boolean }[];
    destination?: Destination;
  } = {},
): Promise<Replaced> {
  const { hops = [['fw'], ['ips']], hopOptions = [{ stateless: true }, {}] } = options;
  const it = house();
  for (const id of hops.flat()) it.cloud.server(id, 'host1');
  const chainId = await it.chain(hops, { hopOptions });
  return {
    ...it,
    chainId,
    advance: async () => {
      await advanceStandbys(it.context, {
        vnfs: {
          defaults: { networks: [], imageId: null, monitoring: null },
          askDestination: async () => options.destination ?? { kind: 'host', hostId: 'host3' },
        },
        readSfc: sfcExtensionReader(it.cloud, it.clock),
      });
      return showStandby(it.context, 's1');
    },
  };
}

/** Servers that traffic of the first hop is sent to. */
function toldTo({ cloud, chainId }: Replaced): string[] {
  return (cloud.sfc.told(chainId)[0] ?? []).map(
    ({ pairId }) =>
      cloud.ports.get(cloud.sfc.pairs.get(pairId)?.ingressPortId ?? '')?.deviceId ?? '',
  );
}

test('a second instance starts where Prediction says, joins, and the first leaves: the hop is never empty', async () => {
  const it = await chained();

  const begun = await beginStandby(it.context, 's1', 'fw', wanted);
  const done = await it.advance();

  expect(begun).toMatchObject({ state: 'starting', hostId: null, chainId: it.chainId });
  expect(done).toMatchObject({ state: 'completed', hostId: 'host3', problem: null });
  expect(toldTo(it)).toEqual([done.standbyServerId]);
  expect(it.cloud.servers.get(done.standbyServerId ?? '')?.host).toBe('host3');
  expect(it.cloud.whole(it.chainId)).toBe(true);
  expect(it.cloud.sfc.emptied).toEqual([]);
  expect(it.cloud.calls.made).not.toContain('POST /ports');
  expect(it.cloud.servers.has('fw')).toBe(true);
});

test('the new member can be rendered anew and replaced like the first one', async () => {
  const it = await chained();
  await beginStandby(it.context, 's1', 'fw', wanted);
  const { standbyServerId } = await it.advance();
  it.cloud.move(standbyServerId ?? '', 'host2');

  const done = await repath(it.context, 'r1', standbyServerId ?? '');

  expect(done).toMatchObject({ state: 'completed', hops: [{ method: 'holder' }] });
  await expect(
    beginStandby(it.context, 's2', standbyServerId ?? '', wanted),
  ).resolves.toMatchObject({ state: 'starting' });
});

test('it joins once it runs and is warm, and not before', async () => {
  const it = await chained();
  await beginStandby(it.context, 's1', 'fw', { ...wanted, warmUpMs: 10_000 });
  const { createServer } = it.cloud.nova;
  it.cloud.nova.createServer = async (spec) => {
    const made = await createServer(spec);
    const server = it.cloud.servers.get(made.id);
    if (server) it.cloud.servers.set(made.id, { ...server, status: 'BUILD' });
    return made;
  };

  const building = await it.advance();
  const second = it.cloud.servers.get(building.standbyServerId ?? '');
  if (second) it.cloud.servers.set(second.id, { ...second, status: 'ACTIVE' });
  const cold = await it.advance();
  const early = toldTo(it);
  it.clock.advance(10_000);
  const done = await it.advance();

  expect([building.state, cold.state, done.state]).toEqual(['starting', 'starting', 'completed']);
  expect(early).toEqual(['fw']);
});

test.each([
  ['an ERROR of Nova', 'ERROR', 0],
  ['one that does not come up in time', 'BUILD', 600_001],
])('%s is taken back, with the reason, and the first stays', async (_case, status, waitMs) => {
  const it = await chained();
  await beginStandby(it.context, 's1', 'fw', wanted);
  const { createServer } = it.cloud.nova;
  it.cloud.nova.createServer = async (spec) => {
    const made = await createServer(spec);
    const server = it.cloud.servers.get(made.id);
    if (server) it.cloud.servers.set(made.id, { ...server, status, fault: 'No valid host' });
    return made;
  };

  await it.advance();
  it.clock.advance(waitMs);
  const done = await it.advance();

  expect(done).toMatchObject({ state: 'failed', problem: { code: 'CONFLICT' } });
  expect(it.cloud.servers.has(done.standbyServerId ?? '')).toBe(false);
  expect(toldTo(it)).toEqual(['fw']);
});

test('where Prediction goes on naming no host, it is given up with the reason', async () => {
  const it = await chained({ destination: { kind: 'none', why: 'all are full' } });
  await beginStandby(it.context, 's1', 'fw', wanted);

  let now = await it.advance();
  for (let round = 0; now.state !== 'failed' && round < 10; round++) {
    it.clock.advance(300_000);
    now = await it.advance();
  }

  expect(now).toMatchObject({
    state: 'failed',
    problem: { code: 'NO_DESTINATION', detail: 'all are full' },
    standbyServerId: null,
  });
});

test.each([
  ['is not marked stateless', { hopOptions: [{}, {}] }, 'stateless'],
  ['has another member', { hops: [['fw', 'fw2'], ['ips']] }, 'drain it'],
])('a hop that %s is refused', async (_case, options, why) => {
  const it = await chained(options);

  await expect(beginStandby(it.context, 's1', 'fw', wanted)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(why),
  });
});

test('a server of which no second one can be had is refused', async () => {
  const it = await chained();
  const server = it.cloud.servers.get('fw');
  if (server) it.cloud.servers.set('fw', { ...server, imageId: null });

  await expect(beginStandby(it.context, 's1', 'fw', wanted)).rejects.toMatchObject({
    message: expect.stringContaining('boots from a volume'),
  });
  await expect(beginStandby(it.context, 's1', 'nobody', wanted)).rejects.toMatchObject({
    code: 'NOT_FOUND',
  });
});

test('the same id again answers with the record; another one for the server is refused', async () => {
  const it = await chained();
  const begun = await beginStandby(it.context, 's1', 'fw', wanted);

  expect(await beginStandby(it.context, 's1', 'fw', wanted)).toEqual(begun);
  await expect(beginStandby(it.context, 's2', 'fw', wanted)).rejects.toMatchObject({
    code: 'CONFLICT',
  });
});

const faults: CallFault[] = [
  'refused',
  'no-answer',
  'answer-lost',
  'half-done',
  'crash-before',
  'crash-after',
];

describe.each(faults)('when one call is %s', (fault) => {
  test('at whatever call, it ends with a whole chain, one member, and no instance that nobody knows of', async () => {
    for (let at = 0; ; at++) {
      const it = await chained();
      const before = it.cloud.servers.size;
      await beginStandby(it.context, 's1', 'fw', wanted);
      it.cloud.calls.plan(new Map([[at, fault]]));
      const made = it.cloud.calls.made.length;
      await it.advance().catch(() => undefined);
      const reached = it.cloud.calls.made.length - made > at;
      await it.restart();
      let done = await it.advance();
      for (let round = 0; !['completed', 'failed'].includes(done.state) && round < 20; round++) {
        it.clock.advance(120_000);
        await it.restart();
        done = await it.advance();
      }

      const member = done.state === 'completed' ? done.standbyServerId : 'fw';
      expect(toldTo(it), `call ${at}: ${done.state}`).toEqual([member]);
      expect(it.cloud.servers.size - before, `call ${at}`).toBe(done.state === 'completed' ? 1 : 0);
      expect(it.cloud.whole(it.chainId), `call ${at}`).toBe(true);
      expect(it.cloud.leftovers(), `call ${at}`).toEqual([]);
      expect(it.cloud.sfc.emptied, `call ${at}`).toEqual([]);
      if (!reached) break;
    }
  });
});
