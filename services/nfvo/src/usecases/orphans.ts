import { holderName, tagOf } from '../domain/names.ts';
import { type Orphan, orphansIn } from '../domain/orphans.ts';
import type { Step } from '../domain/sfc-world.ts';
import type { Context } from './context.ts';
import { allOf, type Change, kinds } from './documents.ts';
import { openDrains } from './drain-document.ts';
import { performStep } from './perform-step.ts';
import { readAllChains, readAllGroups, readHolderPorts } from './read-world.ts';
import { openRepaths } from './repath-document.ts';

/**
 * What we made and nothing uses; what a change under way may still use is none. What is used is read before what uses it,
 * and in between what is under way: whatever was seen unused is then either in use by what is read next, or busy.
 */
export async function findOrphans(context: Context): Promise<Orphan[]> {
  const { records, cloud } = context;
  const ports = await readHolderPorts(cloud);
  const busyByPairs = await busyNames(records);
  const pairs = await cloud.sfc.listPortPairs();
  const busyByGroups = await busyNames(records);
  const groups = await readAllGroups(cloud);
  const busyByChains = await busyNames(records);
  const chains = await readAllChains(cloud);
  const busy = [busyByPairs, busyByGroups, busyByChains, await busyNames(records)];
  const isBusy = (name: string) => busy.some((isOne) => isOne(name));
  return stillThere(cloud, orphansIn({ chains, groups, pairs }, ports, isBusy));
}

/** Without those that were deleted since they were read, as whoever renders a pair anew does. */
async function stillThere({ sfc }: Context['cloud'], orphans: Orphan[]): Promise<Orphan[]> {
  const of = orphans.map(({ id }) => id);
  const left = await Promise.all([
    sfc.listPortPairs({ by: 'id', of }),
    sfc.listPortPairGroups({ by: 'id', of }),
  ]);
  const there = new Set(left.flat().map(({ id }) => id));
  return orphans.filter(({ kind, id }) => kind === 'port' || there.has(id));
}

/** Whether a name is of what is being changed, rendered anew or drained now. */
async function busyNames(records: Context['records']): Promise<(name: string) => boolean> {
  const changes = await allOf<Change>(records, kinds.change);
  const repaths = await openRepaths(records);
  const tags = changes.map(({ id }) => tagOf(id));
  const drains = await openDrains(records);
  const names = new Set([
    ...[...repaths, ...drains].flatMap(({ value }) =>
      value.hops.flatMap(({ work }) => work.renewals.map(({ name }) => name)),
    ),
    ...repaths.flatMap(({ id, value }) =>
      value.hops.map(({ work }) => holderName(id, work.groupId)),
    ),
  ]);
  return (name) => names.has(name) || tags.some((tag) => name.startsWith(tag));
}

/** Deletes the orphans one by one, each looked for again right before; answers those deleted. */
export async function cleanOrphans(context: Context): Promise<Orphan[]> {
  const cleaned: Orphan[] = [];
  for (;;) {
    const found = await findOrphans(context);
    const next = found.find(({ id }) => !cleaned.some((each) => each.id === id));
    if (next === undefined) return cleaned;
    await performStep(context.cloud, deletionOf(next));
    cleaned.push(next);
  }
}

function deletionOf({ kind, id }: Orphan): Step {
  switch (kind) {
    case 'port':
      return { do: 'delete-port', id };
    case 'port-pair':
      return { do: 'delete-pair', id };
    case 'port-pair-group':
      return { do: 'delete-group', id };
  }
}
