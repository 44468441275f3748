import type { PortFilter } from '@sidestep/openstack';
import { expect, test } from 'vitest';
import { portOwners } from '../src/usecases/port-owners.ts';
import { readAllChains, readWorld } from '../src/usecases/read-world.ts';
import { house } from './fakes/house.ts';

/** The house, and by which filters its ports were listed from now on. */
function watched() {
  const { cloud, context, ...rest } = house();
  const asked: (PortFilter | undefined)[] = [];
  const neutron: typeof cloud.neutron = {
    ...cloud.neutron,
    listPorts: (filter, call) => {
      asked.push(filter);
      return cloud.neutron.listPorts(filter, call);
    },
  };
  const seen = { ...context, cloud: { ...context.cloud, neutron } };
  return { ...rest, cloud, context: seen, asked };
}

test('whose a few ports are is asked of those ports alone', async () => {
  const { asked, context } = watched();

  await portOwners(context, ['p1', 'p2', 'p1']);

  expect(asked).toEqual([{ ids: ['p1', 'p2'] }]);
});

test('no question for ports is longer than an address may be; of very many all are listed', async () => {
  const { asked, context } = watched();
  const ids = Array.from({ length: 501 }, (_, at) => `p${at}`);

  await portOwners(context, ids.slice(0, 120));
  await portOwners(context, ids);

  expect(asked.map((filter) => filter?.ids?.length ?? 'all')).toEqual([50, 50, 20, 'all']);
});

test.each([
  ['all of networking-sfc is', readWorld],
  ['all chains are', readAllChains],
])(
  'who asks while %s being read shares one more reading, begun after the question',
  async (_, read) => {
    const { cloud } = house();
    const begun: (() => void)[] = [];
    const sfc: typeof cloud.sfc = {
      ...cloud.sfc,
      listPortChains: async () => {
        await new Promise<void>((resolve) => begun.push(resolve));
        return cloud.sfc.listPortChains();
      },
    };
    const large = { ...cloud, sfc };

    const first: Promise<unknown> = read(large);
    const [second, third] = [read(large), read(large)];
    begun[0]?.();
    const before = await first;
    await expect.poll(() => begun.length).toBe(2);
    begun[1]?.();

    expect(await second).toBe(await third);
    expect(await second).not.toBe(before);
    expect(begun).toHaveLength(2);
  },
);

test('a reading that failed leaves the next one to be made', async () => {
  const { cloud } = house();
  let calls = 0;
  const sfc: typeof cloud.sfc = {
    ...cloud.sfc,
    listPortChains: () => {
      calls += 1;
      return calls === 1 ? Promise.reject(new Error('gone')) : cloud.sfc.listPortChains();
    },
  };
  const large = { ...cloud, sfc };

  const failing = readWorld(large);
  const waiting = readWorld(large);

  await expect(failing).rejects.toThrow('gone');
  await expect(waiting).resolves.toMatchObject({ chains: [] });
  await expect(readWorld(large)).resolves.toMatchObject({ chains: [] });
});
