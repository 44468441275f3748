import { describe, expect, test } from 'vitest';
import { CapacityReader, type HostProvider } from '../src/adapters/openstack/capacity-reader.ts';

const hosts = 24;
const perTurn = hosts / 12;
const call = { signal: AbortSignal.timeout(10_000) };

/** A Placement whose hosts have 8 VCPUs, and use as many as `used` says; it notes whom it was asked about. */
function fakePlacement() {
  const used = new Map<string, number>();
  const asked: string[] = [];
  const failing = new Set<string>();
  return {
    used,
    failing,
    /** The providers asked about since the last time. */
    asked: () => asked.splice(0).sort(),
    placement: {
      inventories: async (id: string) => {
        asked.push(id);
        if (failing.has(id)) throw new Error('Placement is away');
        const steps = { minUnit: 1, maxUnit: 8, stepSize: 1 };
        const VCPU = { total: 8, reserved: 0, allocationRatio: 2, ...steps };
        return { generation: 1, byClass: { VCPU } };
      },
      usages: async (id: string) => ({ generation: 1, byClass: { VCPU: used.get(id) ?? 0 } }),
    },
  };
}

const idOf = (at: number) => `provider${String(at).padStart(2, '0')}`;
const fleet = (
  over: Record<string, { generation?: number; serverIds?: readonly string[] }> = {},
): HostProvider[] =>
  Array.from({ length: hosts }, (_, at) => {
    const id = idOf(at);
    const { generation = 1, serverIds = [`${id}-a`] } = over[id] ?? {};
    const provider = { id, name: `host of ${id}`, generation, parentId: null, rootId: id };
    return { provider, serverIds };
  });
const all = Array.from({ length: hosts }, (_, at) => idOf(at));

describe('capacities of hosts', () => {
  test('of all are read at first, then of a twelfth in turn, so that nothing stays old', async () => {
    const { asked, placement } = fakePlacement();
    const reader = new CapacityReader(placement);
    await reader.read(fleet(), call);
    const first = asked();
    const later: string[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      await reader.read(fleet(), call);
      const inTurn = asked();
      expect(inTurn).toHaveLength(perTurn);
      later.push(...inTurn);
    }

    expect(first).toEqual(all);
    expect(later.sort()).toEqual(all);
  });

  test('that were not read again are told as they were', async () => {
    const { placement } = fakePlacement();
    const reader = new CapacityReader(placement);
    const first = await reader.read(fleet(), call);

    expect(first.get(`host of ${idOf(5)}`)).toMatchObject({ vcpus: 16 });
    expect(await reader.read(fleet(), call)).toEqual(first);
  });

  test.each([
    ['whose provider has a new generation', { generation: 2 }],
    ['that a server came to', { serverIds: [`${idOf(20)}-a`, 'another'] }],
    ['that a server left', { serverIds: [] }],
  ])('of a host %s are read at once', async (_, change) => {
    const { asked, placement, used } = fakePlacement();
    const reader = new CapacityReader(placement);
    await reader.read(fleet(), call);
    asked();
    used.set(idOf(20), 3);

    const after = await reader.read(fleet({ [idOf(20)]: change }), call);

    expect(after.get(`host of ${idOf(20)}`)?.vcpusUsed).toBe(3);
    expect(asked()).toHaveLength(perTurn + 1);
  });

  test('that could not be read are read the next time, and the failure is told', async () => {
    const { asked, failing, placement, used } = fakePlacement();
    const reader = new CapacityReader(placement);
    await reader.read(fleet(), call);
    asked();
    failing.add(idOf(20));
    used.set(idOf(20), 3);
    const changed = fleet({ [idOf(20)]: { generation: 2 } });

    await expect(reader.read(changed, call)).rejects.toThrow('Placement is away');
    failing.clear();

    expect((await reader.read(changed, call)).get(`host of ${idOf(20)}`)?.vcpusUsed).toBe(3);
  });

  test('of a host that is no more are forgotten, and read anew when it comes back', async () => {
    const { asked, placement } = fakePlacement();
    const reader = new CapacityReader(placement);
    await reader.read(fleet(), call);
    const fewer = await reader.read(fleet().slice(0, 20), call);
    asked();
    await reader.read(fleet(), call);

    expect(fewer.size).toBe(20);
    expect(asked()).toEqual(expect.arrayContaining(all.slice(20)));
  });
});
