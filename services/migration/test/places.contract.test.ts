import { type CloudSpec, manualClock, serverIdOf, startEmulator } from '@sidestep/emulator';
import { expect, onTestFinished, test } from 'vitest';
import { placementPlaces } from '../src/adapters/openstack/placement-places.ts';
import type { PlaceQuestion } from '../src/ports/places.ts';
import { openStackOf } from './fakes/emulated.ts';

const load = {
  baseCores: 0.05,
  cpuMsPerRequest: 6,
  dirtyMiBPerSecond: 20,
  workingSetMiB: 128,
  memoryRatio: 0.5,
};
const hosts: [string, Partial<CloudSpec['hosts'][number]>][] = [
  ['source', { traits: ['HW_CPU_X86_AVX2'] }],
  ['twin', { traits: ['HW_CPU_X86_AVX2', 'CUSTOM_FAST'] }],
  ['older', {}],
  ['small', { ramMiB: 1_024, traits: ['HW_CPU_X86_AVX2'] }],
];
const spec: CloudSpec = {
  name: 'places',
  seed: 3,
  region: 'RegionOne',
  hosts: hosts.map(([name, parts]) => ({
    name,
    cores: 12,
    ramMiB: 8_192,
    diskGiB: 500,
    backgroundCores: 1,
    noisePercent: 1,
    migrationMiBPerSecond: 128,
    cpuAllocationRatio: 2,
    ramAllocationRatio: 1,
    ...parts,
  })),
  flavors: [{ id: 'f', name: 'f', vcpus: 1, ramMiB: 2_048, diskGiB: 5 }],
  servers: [{ ...load, name: 'fw', flavor: 'f', host: 'source' }],
  chains: [],
  stress: [],
  defaultTraffic: { clients: 1, thinkMs: 60, timeoutMs: 3_000 },
  defaultServerLoad: load,
};

async function placement() {
  const emulator = await startEmulator(spec, { clock: manualClock(Date.UTC(2026, 0, 1)) });
  onTestFinished(() => emulator.close());
  const places = placementPlaces(openStackOf(emulator), { timeoutMs: 1_000, now: () => 0 });
  const question: PlaceQuestion = {
    serverId: serverIdOf(spec, 'fw'),
    from: 'source',
    required: [],
    forbidden: [],
  };
  const calls = () => emulator.calls().filter(({ path }) => /alloc|traits/.test(path)).length;
  return { emulator, places, question, calls };
}

test('a place is free where what the server has claimed fits and the CPU has all that its own has', async () => {
  const { places, question } = await placement();

  const answers = await places.readPlaces(question, ['twin', 'older', 'small', 'nowhere']);

  expect(Object.fromEntries(answers)).toMatchObject({
    twin: { kind: 'free' },
    older: { kind: 'refused', why: 'cpu-model', detail: expect.stringContaining('AVX2') },
    small: { kind: 'refused', why: 'no-allocation' },
    nowhere: { kind: 'refused', why: 'no-allocation' },
  });
});

test('what has to find room there besides is asked for with it', async () => {
  const { places, question } = await placement();
  const besides = (vcpus: number) => new Map([['twin', { vcpus, ramMiB: 0, diskGiB: 0 }]]);

  const alone = await places.readPlaces({ ...question, besides: besides(0) }, ['twin', 'small']);
  const crowded = await places.readPlaces({ ...question, besides: besides(10_000) }, ['twin']);

  expect(alone.get('twin')).toEqual({ kind: 'free' });
  expect(alone.get('small')).toMatchObject({ kind: 'refused' });
  expect(crowded.get('twin')).toMatchObject({ kind: 'refused', why: 'no-allocation' });
});

test.each([
  ['was evacuated, what it still claims at its old host is not', ['source', 'older']],
  ['has left meanwhile, what it claims where it went is, and once', ['older', 'small']],
])('of a server that %s asked for again', async (_case, hostIds) => {
  const { emulator, question } = await placement();
  const clients = openStackOf(emulator);
  const providers = await clients.placement.listResourceProviders();
  const idOf = (host: string) => providers.find(({ name }) => name.startsWith(host))?.id ?? '';
  // Both at once are more than a host has.
  const claim = { VCPU: 1, MEMORY_MB: 5_000, DISK_GB: 5 };
  const byProvider = Object.fromEntries(hostIds.map((host) => [idOf(host), claim]));
  const allocationsOfConsumer = async () => ({
    ...(await clients.placement.allocationsOfConsumer(question.serverId)),
    byProvider,
  });
  const claiming = { ...clients, placement: { ...clients.placement, allocationsOfConsumer } };
  const places = placementPlaces(claiming, { timeoutMs: 1_000, now: () => 0 });

  expect(await places.readPlaces(question, ['twin'])).toEqual(
    new Map([['twin', { kind: 'free' }]]),
  );
});

test.each([
  ['asks for', { required: ['CUSTOM_FAST'] }, { twin: 'free', source: 'refused' }],
  ['shuns', { forbidden: ['CUSTOM_FAST'] }, { twin: 'refused' }],
])('traits that the flavor %s decide too', async (_case, traits, expected) => {
  const { places, question } = await placement();

  const answers = await places.readPlaces({ ...question, ...traits }, Object.keys(expected));

  expect(Object.fromEntries([...answers].map(([id, { kind }]) => [id, kind]))).toEqual(expected);
  for (const place of answers.values()) {
    if (place.kind === 'refused') expect(place.why).toBe('traits');
  }
});

test('one place takes few calls, and the next one fewer', async () => {
  const { places, question, calls } = await placement();

  await places.readPlaces(question, ['twin']);
  const first = calls();
  await places.readPlaces(question, ['twin']);

  expect(first).toBeLessThanOrEqual(3);
  expect(calls() - first).toBeLessThanOrEqual(2);
});

test('a Placement that does not answer is said to be silent', async () => {
  const { places, question, emulator } = await placement();
  await emulator.close();

  await expect(places.readPlaces(question, ['twin'])).rejects.toMatchObject({
    code: 'UPSTREAM_TIMEOUT',
  });
});
