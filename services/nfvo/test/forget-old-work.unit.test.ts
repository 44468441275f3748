import { expect, test } from 'vitest';
import { kinds } from '../src/usecases/documents.ts';
import { drain, undrain } from '../src/usecases/drain.ts';
import { forgetOldWork } from '../src/usecases/forget-old-work.ts';
import { repath } from '../src/usecases/repath.ts';
import type { CallFault } from './fakes/call-faults.ts';
import { type House, house } from './fakes/house.ts';

async function two(): Promise<House> {
  const it = house();
  for (const id of ['fw', 'fw2', 'ips', 'ips2']) it.cloud.server(id, 'host1');
  await it.chain([['fw', 'fw2']], { hopOptions: [{ stateless: true }] });
  return it;
}

const idsOf = async ({ records }: House, kind: string) =>
  (await records.list(kind, { limit: 100 })).items.map(({ id }) => id);

test('re-renders and drains are forgotten once they ended long ago', async () => {
  const it = await two();
  await repath(it.context, 'r1', 'fw');
  await drain(it.context, 'd1', 'fw');
  await undrain(it.context, 'd1');
  const endedMs = it.clock.now();

  expect(await forgetOldWork(it.records, endedMs)).toBe(0);
  expect(await forgetOldWork(it.records, endedMs + 1)).toBe(3);
  expect(await idsOf(it, kinds.repath)).toEqual([]);
  expect(await idsOf(it, kinds.drain)).toEqual([]);
});

/** How many calls a re-render makes before its first that changes something. */
async function callsBeforeChange(): Promise<number> {
  const it = await two();
  const before = it.cloud.calls.made.length;
  await repath(it.context, 'r1', 'fw');
  return it.cloud.calls.made.slice(before).findIndex((call) => !call.startsWith('GET'));
}

test('what is still to be gone on with is kept, however old it is', async () => {
  const it = await two();
  const first = await callsBeforeChange();
  const always = Array.from({ length: 200 }, (_, at): [number, CallFault] => [
    first + at,
    'refused',
  ]);
  it.cloud.calls.plan(new Map(always));
  const { state } = await repath(it.context, 'r1', 'fw');
  it.cloud.calls.plan(new Map());
  await it.chain([['ips', 'ips2']], { hopOptions: [{ stateless: true }] });
  await drain(it.context, 'd1', 'ips');

  const forgotten = await forgetOldWork(it.records, it.clock.now() + 1_000_000);

  expect(state).toBe('failed');
  expect(forgotten).toBe(0);
  expect(await idsOf(it, kinds.repath)).toEqual(['r1']);
  expect(await idsOf(it, kinds.drain)).toEqual(['d1']);
});
