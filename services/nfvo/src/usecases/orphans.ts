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
 * What we made and nothing uses; what a change under way may still use is none. What is found is looked for once more:
 * a change may have begun and ended between two lists of one look.
 */
export async function findOrphans(context: Context): Promise<Orphan[]> {
  const found = await lookOnce(context);
  if (found.length === 0) return [];
  const again = new Set((await lookOnce(context)).map(({ id }) => id));
  return found.filter(({ id }) => again.has(id));
}

/** What is used is read before what uses it, and in between what is under way: what was made meanwhile is in use or busy. */
async function lookOnce({ records, cloud }: Context): Promise<Orphan[]> {
  const ports = await readHolderPorts(cloud);
  const busyByPairs = await readBusy(records);
  const pairs = await cloud.sfc.listPortPairs();
  const busyByGroups = await readBusy(records);
  const groups = await readAllGroups(cloud);
  const busyByChains = await readBusy(records);
  const chains = await readAllChains(cloud);
  const busy = [busyByPairs, busyByGroups, busyByChains, await readBusy(records)];
  return orphansIn({ chains, groups, pairs }, ports, (one) => busy.some((isBusy) => isBusy(one)));
}

/** Whether something is being changed, rendered anew or drained now. */
async function readBusy(
  records: Context['records'],
): Promise<(one: { readonly id: string; readonly name: string }) => boolean> {
  const changes = await allOf<Change>(records, kinds.change);
  const repaths = await openRepaths(records);
  const drains = await openDrains(records);
  const tags = changes.map(({ id }) => tagOf(id));
  // A change moves pairs that another one has made, too.
  const ids = new Set(
    changes.flatMap(({ value }) =>
      'owned' in value ? [...value.owned.groupIds, ...value.owned.pairIds] : [],
    ),
  );
  const names = new Set([
    ...[...repaths, ...drains].flatMap(({ value }) =>
      value.hops.flatMap(({ work }) => work.renewals.map(({ name }) => name)),
    ),
    ...repaths.flatMap(({ id, value }) =>
      value.hops.map(({ work }) => holderName(id, work.groupId)),
    ),
  ]);
  return ({ id, name }) =>
    ids.has(id) || names.has(name) || tags.some((tag) => name.startsWith(tag));
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
