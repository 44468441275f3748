import { Conflict, FenceLost, type Write } from '@sidestep/service-kit';
import { type ChainGoal, nextChainStep, type Owned } from '../domain/chain-plan.ts';
import { maxSteps } from '../domain/dry-run.ts';
import { after } from '../domain/sfc-world.ts';
import type { Context } from './context.ts';
import { type ChainChange, type ChainRecord, kinds } from './documents.ts';
import type { Held } from './locks.ts';
import { performStep } from './perform-step.ts';
import { readWorld } from './read-world.ts';

const undoAttempts = 4;

/** Lease of a change. */
export function changeLease(changeId: string): string {
  return `change:${changeId}`;
}

/**
 * Brings a change to its goal, or everything back to what it was, and answers the chain's id. The change was saved
 * before; a crash at any point leaves it to `resumeChange`.
 */
export async function runChange(
  context: Context,
  changeId: string,
  change: ChainChange,
  held: Held,
  record: ChainRecord | null,
): Promise<string | null> {
  const { records, log } = context;
  try {
    const reached = await drive(context, { changeId, change, held, goal: change.forward });
    await settle(context, { changeId, held, chainId: chainIdOf(reached), record });
    return chainIdOf(reached);
  } catch (error) {
    if (change.back === null || error instanceof FenceLost) throw error;
    const stored = await records.get<ChainChange>(kinds.change, changeId);
    if (stored === undefined) throw error;
    const backwards: ChainChange = { ...stored.value, direction: 'back' };
    await records.commit(
      [{ kind: kinds.change, id: changeId, expected: stored.version, value: backwards }],
      { fence: held.fence },
    );
    log.warn({ changeId, verb: change.verb, error }, 'a change failed and is taken back');
    await undo(context, changeId, backwards, held);
    throw error;
  }
}

/** Goes on with a change that a dead process left: a delete forward, everything else back. */
export async function resumeChange(
  context: Context,
  changeId: string,
  change: ChainChange,
  held: Held,
): Promise<void> {
  if (change.back === null) {
    const reached = await drive(context, { changeId, change, held, goal: change.forward });
    await settle(context, { changeId, held, chainId: chainIdOf(reached), record: null });
    return;
  }
  await undo(context, changeId, change, held);
}

async function undo(
  context: Context,
  changeId: string,
  change: ChainChange,
  held: Held,
): Promise<void> {
  const { back, forward } = change;
  if (back === null) return;
  // Once the chain's creation was answered, its id is the surest way to find it.
  const goal: ChainGoal =
    back.kind === 'absent' && forward.kind === 'present' && forward.chainId !== null
      ? { ...back, chainId: forward.chainId }
      : back;
  for (let attempt = 1; ; attempt++) {
    try {
      await drive(context, { changeId, change, held, goal });
      break;
    } catch (error) {
      if (error instanceof Conflict) {
        context.log.error({ changeId, error }, 'a change cannot be taken back any more');
        break;
      }
      if (attempt >= undoAttempts || error instanceof FenceLost) {
        context.log.error({ changeId, error }, 'a change is taken back later');
        return;
      }
      await context.sleep(200 * 2 ** attempt);
    }
  }
  await settle(context, { changeId, held, chainId: null, record: null });
}

type Drive = {
  changeId: string;
  change: { readonly owned: Owned };
  held: Held;
  goal: ChainGoal;
};

async function drive(context: Context, at: Drive): Promise<ChainGoal> {
  const { changeId, change, held } = at;
  let { goal } = at;
  let world = await readWorld(context.cloud);
  for (let steps = 0; steps < maxSteps; steps++) {
    const next = nextChainStep(world, goal, change.owned);
    if (next.kind === 'done') return goal;
    if (next.kind === 'impossible') throw new Conflict(sentence(next.why));
    await held.renew();
    const made = await performStep(context.cloud, next.step);
    world = after(world, next.step, made);
    if (made.kind === 'chain' && goal.kind === 'present' && goal.chainId === null) {
      goal = { ...goal, chainId: made.chain.id };
      await saveForward(context, changeId, goal, held);
    }
  }
  throw new Conflict('The change does not come to an end');
}

async function saveForward(
  { records }: Context,
  changeId: string,
  forward: ChainGoal,
  held: Held,
): Promise<void> {
  const stored = await records.get<ChainChange>(kinds.change, changeId);
  if (stored === undefined) return;
  await records.commit(
    [
      {
        kind: kinds.change,
        id: changeId,
        expected: stored.version,
        value: { ...stored.value, forward },
      },
    ],
    { fence: held.fence },
  );
}

/** The change ends and what it leaves in Records is written, in one commit. */
async function settle(
  { records }: Context,
  at: {
    readonly changeId: string;
    readonly held: Held;
    readonly chainId: string | null;
    readonly record: ChainRecord | null;
  },
): Promise<void> {
  const change = await records.get<ChainChange>(kinds.change, at.changeId);
  const writes: Write[] =
    change === undefined
      ? []
      : [{ kind: kinds.change, id: at.changeId, expected: change.version, value: null }];
  if (at.chainId !== null) {
    const known = await records.get<ChainRecord>(kinds.chain, at.chainId);
    if (at.record !== null || known !== undefined)
      writes.push({
        kind: kinds.chain,
        id: at.chainId,
        expected: known?.version ?? 'absent',
        value: at.record,
      });
  }
  await records.commit(writes, { fence: at.held.fence });
}

function chainIdOf(goal: ChainGoal): string | null {
  return goal.chainId;
}

/** The sentence of an impossible plan. */
export function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
}
