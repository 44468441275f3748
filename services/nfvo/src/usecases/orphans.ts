import { holderName, tagOf } from '../domain/names.ts';
import { type Orphan, orphansIn } from '../domain/orphans.ts';
import type { Step } from '../domain/sfc-world.ts';
import type { Context } from './context.ts';
import { allOf, type Change, kinds } from './documents.ts';
import { openDrains } from './drain-document.ts';
import { performStep } from './perform-step.ts';
import { readHolderPorts, readWorld } from './read-world.ts';
import { openRepaths } from './repath-document.ts';

/** What we made and nothing uses; what a change under way may still use is none. */
export async function findOrphans(context: Context): Promise<Orphan[]> {
  const { records, cloud } = context;
  const world = await readWorld(cloud);
  const ports = await readHolderPorts(cloud);
  // Read after the cloud: what was begun meanwhile is seen as begun.
  const changes = await allOf<Change>(records, kinds.change);
  const repaths = await openRepaths(records);
  const tags = changes.map(({ id }) => tagOf(id));
  const drains = await openDrains(records);
  const renewed = [...repaths, ...drains].flatMap(({ value }) =>
    value.hops.flatMap(({ work }) => work.renewals.map(({ name }) => name)),
  );
  const holders = repaths.flatMap(({ id, value }) =>
    value.hops.map(({ work }) => holderName(id, work.groupId)),
  );
  const isBusy = (name: string) =>
    tags.some((tag) => name.startsWith(tag)) || renewed.includes(name) || holders.includes(name);
  return orphansIn(world, ports, isBusy);
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
