import type { PortPair, PortPairGroup } from '@sidestep/openstack';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gapMethod, type HopWork, nextHopStep, othersOf } from '../src/domain/hop-plan.ts';
import type { Cloud } from '../src/ports/cloud.ts';
import { updateChain } from '../src/usecases/change-chain.ts';
import { describeChain } from '../src/usecases/describe-chain.ts';
import { drain } from '../src/usecases/drain.ts';
import { planRepath } from '../src/usecases/plan-repath.ts';
import { readGroupsHolding, readHop } from '../src/usecases/read-part.ts';
import { readWorld } from '../src/usecases/read-world.ts';
import { repath } from '../src/usecases/repath.ts';
import { fakeCloud } from './fakes/fake-cloud.ts';
import { type House, house } from './fakes/house.ts';

/** A chain of two hops beside another one that shares nothing with it. */
async function twoChains(): Promise<House & { chainId: string }> {
  const it = house();
  for (const id of ['fw', 'fw2', 'ips', 'dpi']) it.cloud.server(id, 'host2');
  const chainId = await it.chain([['fw', 'fw2'], ['ips']]);
  await it.chain([['dpi']]);
  return { ...it, chainId };
}

/** The lists of all pairs, groups, chains or classifiers that the work makes. */
async function wholeListsOf({ cloud }: House, work: () => Promise<unknown>): Promise<string[]> {
  const before = cloud.calls.made.length;
  await work();
  return cloud.calls.made.slice(before).filter((call) => /^GET \/sfc\/[a-z_]+$/.test(call));
}

describe('of a large cloud is read', () => {
  test('for one chain what it is made of, and no list of all', async () => {
    const it = await twoChains();

    const lists = await wholeListsOf(it, () => describeChain(it.context, it.chainId));

    expect(lists).toEqual([]);
  });

  test('for a hop that the chain calls stateless, which chains share it: one that says nothing of it makes it not so', async () => {
    const it = house();
    it.cloud.server('fw', 'host2');
    it.cloud.server('ips', 'host2');
    const loose = [{ stateless: true, onGap: 'open' }, {}] as const;
    const chainId = await it.chain([['fw'], ['ips']], { hopOptions: loose });
    const alone = await describeChain(it.context, chainId);

    await it.chain([['fw']]);
    const lists = await wholeListsOf(it, async () => {
      const shared = await describeChain(it.context, chainId);
      expect(shared.hops[0]).toMatchObject({ stateless: false, onGap: 'closed' });
    });

    expect(alone.hops[0]).toMatchObject({ stateless: true, onGap: 'open' });
    expect(lists).toEqual(['GET /sfc/port_chains']);
  });

  test('for a re-render all chains twice, as any may share a hop, and of pairs and groups the server’s own', async () => {
    const it = await twoChains();
    await readWorld(it.cloud);
    it.cloud.move('fw', 'host3');

    const lists = await wholeListsOf(it, () => repath(it.context, 'op-1', 'fw'));

    expect(lists).toEqual(['GET /sfc/port_chains', 'GET /sfc/port_chains']);
    expect(it.cloud.whole(it.chainId)).toBe(true);
  });

  test('for a drain no list of pairs or groups either', async () => {
    const it = await twoChains();
    await readWorld(it.cloud);

    const lists = await wholeListsOf(it, () => drain(it.context, 'op-1', 'fw'));

    expect(new Set(lists)).toEqual(new Set(['GET /sfc/port_chains']));
  });

  test('for a change of a chain all of it, as new hops may be somebody’s already: to plan it, and to carry it out', async () => {
    const it = await twoChains();

    const lists = await wholeListsOf(it, () =>
      updateChain(it.context, it.chainId, { hops: [['fw'], ['ips']] }),
    );

    expect(lists.filter((call) => call === 'GET /sfc/port_pairs')).toHaveLength(2);
  });
});

describe('the group of a pair', () => {
  test('is found where it was seen, without a list of all', async () => {
    const { cloud } = await twoChains();
    const { groups } = await readWorld(cloud);
    const pairIds = groups[0]?.portPairIds ?? [];
    const before = cloud.calls.made.length;

    expect(await readGroupsHolding(cloud, pairIds)).toEqual([groups[0]]);
    expect(cloud.calls.made.slice(before)).toEqual(['GET /sfc/port_pair_groups?id']);
  });

  test('is found where it went since, and where nobody has looked yet', async () => {
    const { cloud } = await twoChains();
    const unread = await readGroupsHolding(cloud, [...cloud.sfc.pairs.keys()]);
    const [first] = unread;
    const [moved] = first?.portPairIds ?? [];
    await cloud.sfc.updatePortPairGroup(first?.id ?? '', {
      portPairIds: first?.portPairIds.slice(1) ?? [],
    });
    const made = await cloud.sfc.createPortPairGroup({ portPairIds: [moved ?? ''] });

    expect(unread).toHaveLength(3);
    expect(await readGroupsHolding(cloud, [moved ?? ''])).toEqual([made]);
  });
});

const member = (at: number): PortPair => ({
  id: `pair${at}`,
  name: at === 4 ? 'sidestep-holder-x' : `pair-${at}`,
  ingressPortId: `in${at}`,
  egressPortId: `out${at}`,
  correlation: null,
  weight: 1,
});

/** Any state that networking-sfc may be in around a hop, and any point of the hop's work. */
const anyHop = fc.record({
  /** The group of each pair; -1: in none, -2: the pair is not there. */
  groupOf: fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 5, maxLength: 5 }),
  groups: fc.subarray([0, 1, 2]),
  chains: fc.array(fc.subarray([0, 1, 2], { minLength: 1 }), { maxLength: 3 }),
  known: fc.subarray(['chain0', 'chain1', 'chain2', 'gone']),
  renewed: fc.subarray([0, 1, 2], { minLength: 1 }),
  fresh: fc.boolean(),
  rendered: fc.boolean(),
  onGap: fc.constantFrom('open' as const, 'closed' as const),
  seenBefore: fc.boolean(),
});

test('a hop’s next step by what was read around it is the one by all that there is', async () => {
  await fc.assert(
    fc.asyncProperty(anyHop, async (drawn) => {
      const cloud = fakeCloud();
      fill(cloud.sfc, drawn);
      const work: HopWork = {
        groupId: 'group0',
        onGap: drawn.onGap,
        renewals: drawn.renewed.map((at) => ({
          member: member(at),
          name: `pair-${at}`,
          freshId: drawn.fresh ? `pair${at}` : null,
        })),
        holderName: 'sidestep-holder-x',
        holderPlace: { hostId: 'host1', networkId: 'net-1', subnetId: null },
        rendered: drawn.rendered,
      };
      if (drawn.seenBefore) await readWorld(cloud);

      const world = await readHop(cloud, work, drawn.known);
      const whole = await readWorld(cloud);

      const [part, all] = [world, whole].map((each) => ({ world: each, holderPorts: [] }));
      if (part === undefined || all === undefined) throw new Error('both were read');
      expect(nextHopStep(part, work)).toEqual(nextHopStep(all, work));
      expect(gapMethod(part, work)).toBe(gapMethod(all, work));
      expect(othersOf(part, work)).toEqual(othersOf(all, work));
    }),
    { numRuns: 500 },
  );
});

type Filled = Pick<ReturnType<typeof fakeCloud>['sfc'], 'pairs' | 'groups' | 'chains'>;

function fill(
  { pairs, groups, chains }: Filled,
  drawn: { groupOf: readonly number[]; groups: readonly number[]; chains: readonly number[][] },
): void {
  for (const [at, group] of drawn.groupOf.entries())
    if (group >= -1) pairs.set(`pair${at}`, member(at));
  for (const at of drawn.groups) {
    const held = drawn.groupOf.flatMap((group, pair) => (group === at ? [`pair${pair}`] : []));
    const group: PortPairGroup = {
      id: `group${at}`,
      name: '',
      portPairIds: held,
      tapEnabled: false,
    };
    groups.set(group.id, group);
  }
  for (const [at, hops] of drawn.chains.entries()) {
    chains.set(`chain${at}`, {
      id: `chain${at}`,
      name: '',
      portPairGroupIds: hops
        .filter((hop) => drawn.groups.includes(hop))
        .map((hop) => `group${hop}`),
      flowClassifierIds: [],
      parameters: { symmetric: false, correlation: 'mpls' },
    });
  }
}

test('a plan tells of every chain that has come to share a hop', async () => {
  const it = await twoChains();
  await readWorld(it.cloud);
  const chain = it.cloud.sfc.chains.get(it.chainId);
  const sharing: Parameters<Cloud['sfc']['createPortChain']>[0] = {
    name: 'elsewhere',
    portPairGroupIds: chain?.portPairGroupIds.slice(0, 1) ?? [],
  };
  const { id } = await it.cloud.sfc.createPortChain(sharing);

  const { hops, locks } = await planRepath(it.context, 'op-1', 'fw');

  expect(hops[0]?.chainIds).toEqual([it.chainId, id]);
  expect(locks).toContain(`chain:${id}`);
});
