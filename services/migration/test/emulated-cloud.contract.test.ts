import { describe, expect, test } from 'vitest';
import { type Emulated, emulated } from './fakes/emulated.ts';
import { operateLimits } from './fakes/world.ts';

const placed = ({ emulator, fw }: Emulated) => emulator.placements().get(fw);

test('a live migration through Nova ends on the destination, its progress seen on the way', async () => {
  const sut = await emulated();
  const processed: number[] = [];

  const operation = await sut.move({
    onPause: async () => {
      const { nova } = await sut.operation();
      if (nova?.memoryProcessedBytes != null) processed.push(nova.memoryProcessedBytes);
    },
  });

  expect(operation).toMatchObject({ state: 'COMPLETED', nova: { status: 'completed' } });
  expect(operation.nova?.requestId).toMatch(/^req-/);
  expect(operation.nova?.memoryTotalBytes).toBeGreaterThan(0);
  expect(new Set(processed).size).toBeGreaterThan(1);
  expect(placed(sut)).toBe('h2');
  expect(sut.asked()).toBe(1);
});

describe('what goes wrong in the cloud ends in a defined state with the reason', () => {
  test.each<[string, (sut: Emulated) => void, string, string, RegExp]>([
    [
      'the destination’s compute is known to be down',
      ({ emulator, time }) => {
        emulator.faults.computeDown('h2');
        time.advance(120_000);
      },
      'ROLLED_BACK',
      'PRECHECK_FAILED',
      /compute service of h2 is down/,
    ],
    [
      'the destination’s L2 agent is dead',
      ({ emulator, time }) => {
        emulator.faults.agentDown('h2');
        time.advance(120_000);
      },
      'ROLLED_BACK',
      'MIGRATION_FAILED',
      /No valid host was found/,
    ],
    [
      'the hypervisor’s pre-check refuses',
      ({ emulator }) => emulator.faults.liveMigration('h2', { precheckFail: 'CPU does not fit' }),
      'ROLLED_BACK',
      'MIGRATION_FAILED',
      /compute_check_can_live_migrate_destination: .*CPU does not fit/,
    ],
    [
      'the hypervisor fails during the copy',
      ({ emulator }) => emulator.faults.liveMigration('*', { fail: true }),
      'ROLLED_BACK',
      'MIGRATION_FAILED',
      /hypervisor failed during the copy/,
    ],
    [
      'the copy hangs',
      ({ emulator }) => emulator.faults.liveMigration('*', { hang: true }),
      'ROLLED_BACK',
      'MIGRATION_NOT_CONVERGING',
      /no less than \d+ MiB have been left to copy for 1\d\d s/,
    ],
    [
      'the destination’s compute died a moment ago and never answers',
      ({ emulator }) => emulator.faults.computeDown('h2'),
      'ROLLED_BACK',
      'MIGRATION_FAILED',
      /No valid host was found/,
    ],
  ])('%s', async (_case, break_, state, code, detail) => {
    const sut = await emulated();
    break_(sut);

    const operation = await sut.move();

    expect(operation).toMatchObject({ state, problem: { code } });
    expect(operation.problem?.detail).toMatch(detail);
    expect(placed(sut)).toBe('h1');
    expect(sut.asked()).toBeLessThanOrEqual(1);
  });

  test('Placement has no room left: Nova is not even asked', async () => {
    const sut = await emulated();

    const operation = await sut.move({ to: 'h3' });

    expect(operation).toMatchObject({
      state: 'ROLLED_BACK',
      problem: {
        code: 'PRECHECK_FAILED',
        detail: 'h3 has no room: 5000 MiB RAM needed, 2680 free',
      },
    });
    expect(sut.asked()).toBe(0);
  });

  test('a member of its anti-affinity group is on the destination', async () => {
    const sut = await emulated([
      { name: 'apart', policy: 'anti-affinity', members: ['fw', 'ips'] },
    ]);

    const operation = await sut.move({ to: 'h3' });

    expect(operation.problem?.code).toBe('PRECHECK_FAILED');
    expect(operation.problem?.detail).toContain('ips of its anti-affinity group is on h3');
  });

  test('a member of its group is deleted after Nova has listed it: it is passed over', async () => {
    const sut = await emulated([
      { name: 'apart', policy: 'anti-affinity', members: ['fw', 'ips'] },
    ]);
    const [ips] = [...sut.emulator.placements().keys()].filter((id) => id !== sut.fw);
    sut.emulator.faults.api({
      service: 'compute',
      method: 'GET',
      path: `/servers/${ips}$`,
      effect: 404,
    });

    const operation = await sut.move();

    expect(operation).toMatchObject({ state: 'COMPLETED' });
  });
});

test('what arrives before another counts once, from the moment in which Placement has its claim', async () => {
  const { cloudCompute, fw, emulator } = await emulated();
  const server = { ...(await cloudCompute.readServer(fw)), ramMiB: 2_000 };
  const there = [...emulator.placements()].find(([, host]) => host === 'h3')?.[0] ?? '';
  const arrival = { vcpus: 1, ramMiB: 5_000, diskGiB: 0 };
  const lacking = async (id: string) =>
    (await cloudCompute.readReception('h3', server, [{ id, ...arrival }])).lacking;

  expect(await lacking(there)).toBeNull();
  expect(await lacking('on-its-way')).toBe('2000 MiB RAM needed, 2680 free, 5000 of it for others');
});

describe('Nova’s API', () => {
  const action = { service: 'compute', method: 'POST', path: '/servers/.*/action' } as const;

  test('takes the call but its answer is lost: the migration is adopted', async () => {
    const sut = await emulated();
    sut.emulator.faults.api({ ...action, effect: 'answer-lost', count: 1 });

    const operation = await sut.move();

    expect(operation).toMatchObject({ state: 'COMPLETED' });
    expect(sut.asked()).toBe(1);
    expect(placed(sut)).toBe('h2');
  });

  test('never sees the call: it is made again after its time, and one migration comes of it', async () => {
    const sut = await emulated();
    sut.emulator.faults.api({ ...action, effect: 'timeout', count: 1 });

    const operation = await sut.move();

    expect(operation).toMatchObject({ state: 'COMPLETED', intent: { calls: 2 } });
    expect(placed(sut)).toBe('h2');
  });

  test('answers 503 to all else for half a minute: the operation waits and goes on', async () => {
    const sut = await emulated();
    sut.emulator.faults.api({ service: 'compute', method: 'GET', effect: 503, forMs: 30_000 });

    expect(await sut.move()).toMatchObject({ state: 'COMPLETED' });
  });

  test('is away for longer than our patience: nothing is begun', async () => {
    const sut = await emulated();
    sut.emulator.faults.api({ service: 'compute', effect: 500 });

    expect(await sut.move()).toMatchObject({
      state: 'ROLLED_BACK',
      problem: { code: 'UPSTREAM_FAILED' },
    });
  });

  test('lets somebody else move the server first: the operation is overtaken', async () => {
    const sut = await emulated();

    const operation = await sut.move({
      onPoint: async (point) => {
        if (point === 'migrate:intent') await sut.cloudCompute.requestMove(sut.fw, 'h3', 1_000);
      },
    });

    expect(operation).toMatchObject({ problem: { code: 'MIGRATION_OVERTAKEN' }, state: 'FAILED' });
  });

  test('aborts a copy when asked', async () => {
    const sut = await emulated();
    sut.emulator.faults.liveMigration('*', { hang: true });
    let pauses = 0;

    const operation = await sut.move({
      limits: { migrationTimeoutMs: 20_000 },
      onPause: () => {
        pauses += 1;
      },
    });

    expect(pauses).toBeLessThan(120);
    expect(operation).toMatchObject({
      nova: { status: 'cancelled' },
      problem: { code: 'MIGRATION_TIMEOUT' },
    });
    expect(placed(sut)).toBe('h1');
  });
});

test.each(['migrate:intent', 'migrate:called', 'migrate:before', 'verify:before'] as const)(
  'a worker killed at %s: Nova is asked once in all',
  async (diesAt) => {
    const sut = await emulated();
    await sut.move({ diesAt });
    sut.clock.advance(operateLimits.leaseMs + 1);
    sut.time.advance(operateLimits.leaseMs + 1);
    expect(await sut.recover()).toBe(1);

    const operation = await sut.move({ name: 'second' });

    expect(operation).toMatchObject({ state: 'COMPLETED', attempt: 2 });
    expect(sut.asked()).toBe(1);
    expect(placed(sut)).toBe('h2');
  },
);
