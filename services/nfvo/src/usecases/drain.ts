import { Conflict, FenceLost, NotFound, ProblemError, toProblem } from '@sidestep/service-kit';
import { isStateless } from '../domain/hop-options.ts';
import { othersOf } from '../domain/hop-plan.ts';
import { pairOfMember, type SfcWorld, sameSet } from '../domain/sfc-world.ts';
import { type Context, lockWaitMs } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { type DrainDocument, type DrainHop, openDrains, saveDrain } from './drain-document.ts';
import type { Held } from './locks.ts';
import { performStep } from './perform-step.ts';
import { planRepath, usersOf } from './plan-repath.ts';
import { readHop } from './read-part.ts';
import { readAllChains } from './read-world.ts';
import { repath } from './repath.ts';
import { openRepaths } from './repath-document.ts';
import { upstreamProblem } from './upstream-problem.ts';

const attemptsPerRun = 3;

/**
 * Takes a server out of its stateless hops that have another member: make-before-break. The same id goes on where it
 * stopped, or answers with the record; a call that fails is told in the record.
 */
export async function drain(
  context: Context,
  drainId: string,
  serverId: string,
): Promise<DrainDocument> {
  const { records, locks, clock } = context;
  const known = await records.get<DrainDocument>(kinds.drain, drainId);
  if (known !== undefined && known.value.serverId !== serverId)
    throw new Conflict(`Drain ${drainId} is of server ${known.value.serverId}, not of ${serverId}`);
  if (known !== undefined) return resumeDrain(context, drainId, lockWaitMs);
  await refuseOthers(context, drainId, serverId);
  const foreseen = await planRepath(context, drainId, serverId);
  const leases = [drainLease(drainId), ...foreseen.locks];
  return locks.holding(leases, lockWaitMs, async (held) => {
    await refuseOthers(context, drainId, serverId);
    const plan = await planRepath(context, drainId, serverId);
    if (!plan.locks.every((name) => leases.includes(name)))
      throw new ProblemError('VERSION_CONFLICT', `The chains of server ${serverId} were changed`);
    const document = await saveDrain(
      records,
      drainId,
      (last) =>
        last ?? {
          serverId,
          state: 'running',
          startedAtMs: clock.now(),
          endedAtMs: null,
          hops: plan.hops.map(({ work, chainIds }) => ({
            work,
            chainIds,
            state: 'pending',
            why: null,
            outSinceMs: null,
          })),
          problem: null,
          locks: plan.locks,
        },
      held.fence,
    );
    return run(context, drainId, document, held);
  });
}

/** Puts a drained server back into the hops that it was taken out of, where it is now. */
export async function undrain(context: Context, drainId: string): Promise<DrainDocument> {
  const { serverId, state } = await showDrain(context, drainId);
  if (state !== 'restored') {
    // Each attempt has its own plan: a hop may have gone since the last one.
    const [begun] = await openRepaths(context.records, { server: serverId });
    const ended = await repath(
      context,
      begun?.id ?? `undrain-${drainId}-${context.newId()}`,
      serverId,
      'drained',
    );
    if (ended.state !== 'completed')
      throw new ProblemError(
        'REPATH_FAILED',
        ended.problem?.detail ?? `Server ${serverId} is not back in its hops yet`,
      );
  }
  return showDrain(context, drainId);
}

export async function showDrain({ records }: Context, drainId: string): Promise<DrainDocument> {
  const stored = await records.get<DrainDocument>(kinds.drain, drainId);
  if (stored === undefined) throw new NotFound('drain', drainId);
  return stored.value;
}

/** Goes on with a drain. Throws VERSION_CONFLICT while somebody else works on it. */
export async function resumeDrain(
  context: Context,
  drainId: string,
  waitMs: number,
): Promise<DrainDocument> {
  const { state, locks } = await showDrain(context, drainId);
  if (state === 'drained' || state === 'restored') return showDrain(context, drainId);
  return context.locks.holding([drainLease(drainId), ...locks], waitMs, async (held) =>
    run(context, drainId, await showDrain(context, drainId), held),
  );
}

function drainLease(drainId: string): string {
  return `drain:${drainId}`;
}

async function refuseOthers(context: Context, drainId: string, serverId: string): Promise<void> {
  const where = { server: serverId };
  const [other] = (await openDrains(context.records, where)).filter(({ id }) => id !== drainId);
  if (other !== undefined)
    throw new Conflict(`Server ${serverId} is drained already, by drain ${other.id}`);
  const [open] = await openRepaths(context.records, where);
  if (open !== undefined)
    throw new Conflict(`Re-render ${open.id} of server ${serverId} is not ended yet`);
}

async function run(
  context: Context,
  drainId: string,
  document: DrainDocument,
  held: Held,
): Promise<DrainDocument> {
  if (document.state === 'drained' || document.state === 'restored') return document;
  const { fence } = held;
  for (let attempt = 1; ; attempt++) {
    try {
      for (const { work } of document.hops) await drainHop(context, drainId, work.groupId, held);
      return await saveDrain(
        context.records,
        drainId,
        (last) => ({ ...existing(last, drainId), state: 'drained', problem: null }),
        fence,
      );
    } catch (error) {
      if (error instanceof FenceLost) throw error;
      context.log.warn({ drainId, error }, 'a hop was not drained');
      const problem =
        upstreamProblem(error) ??
        new ProblemError('INTERNAL', 'A fault of ours broke the work off', { cause: error });
      if (!problem.retryable || attempt >= attemptsPerRun) {
        const told = toProblem(problem, {
          instance: `/drains/${drainId}`,
          traceId: context.newId(),
        });
        return saveDrain(
          context.records,
          drainId,
          (last) => ({ ...existing(last, drainId), state: 'failed', problem: told }),
          fence,
        );
      }
      await context.sleep(200 * 2 ** attempt);
    }
  }
}

async function drainHop(
  context: Context,
  drainId: string,
  groupId: string,
  held: Held,
): Promise<void> {
  const { cloud, records, clock } = context;
  const hop = (await showDrain(context, drainId)).hops.find(({ work }) => work.groupId === groupId);
  if (hop === undefined || (hop.state !== 'pending' && hop.state !== 'asked')) return;
  const save = (change: Partial<DrainHop>) =>
    saveDrain(
      records,
      drainId,
      (last) => {
        const document = existing(last, drainId);
        const hops = document.hops.map((each) =>
          each.work.groupId === groupId ? { ...each, ...change } : each,
        );
        return { ...document, hops, state: 'running' };
      },
      held.fence,
    );
  const world = await readHop(cloud, hop.work, hop.chainIds);
  const group = world.groups.find(({ id }) => id === groupId);
  const others = othersOf({ world }, hop.work);
  const described = await allOf<ChainRecord>(records, kinds.chain);
  const stateless = ({ chains }: Pick<SfcWorld, 'chains'>) =>
    isStateless(usersOf({ chains }, groupId, described));
  // A chain that has come to share the hop is not among those planned for; it is looked for where these agree.
  const statelessForAll = async () =>
    stateless(world) && stateless({ chains: await readAllChains(cloud) });
  const why =
    hop.state === 'asked'
      ? null
      : group === undefined
        ? 'the hop is gone'
        : !(await statelessForAll())
          ? 'the hop is not marked stateless by every chain that uses it'
          : others.length === 0
            ? 'the hop has no other member'
            : null;
  if (why !== null) {
    await save({ state: 'kept', why });
    return;
  }
  if (group === undefined || others.length === 0) {
    // Broken off, and changed by others since: nothing is left to be taken out of, or nobody would carry the traffic.
    await save({ state: group === undefined ? 'gone' : 'asked' });
    if (group !== undefined)
      throw new Conflict(`Port pair group ${groupId} has no other member now`);
    return;
  }
  await save({ state: 'asked', outSinceMs: hop.outSinceMs ?? clock.now() });
  if (hop.state === 'asked' && sameSet(group.portPairIds, others)) {
    // The last answer never came, and networking-sfc tells the hosts nothing of an equal set: it has to change twice.
    const own = hop.work.renewals.flatMap(({ member }) => pairOfMember(world, member)?.id ?? []);
    await held.renew();
    await performStep(cloud, { do: 'set-group', id: groupId, pairIds: [...others, ...own] });
  }
  await held.renew();
  await performStep(cloud, { do: 'set-group', id: groupId, pairIds: others });
  await save({ state: 'drained' });
}

function existing(document: DrainDocument | undefined, drainId: string): DrainDocument {
  if (document === undefined) throw new Error(`drain ${drainId} has no record`);
  return document;
}
