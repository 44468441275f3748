import { Conflict, FenceLost, type Write } from '@sidestep/service-kit';
import { type ChainGoal, nextChainStep } from '../domain/chain-plan.ts';
import { maxSteps } from '../domain/dry-run.ts';
import { after, type SfcWorld, type Step } from '../domain/sfc-world.ts';
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
): Promise<string | null> {
  const { records, log } = context;
  try {
    await drive(context, { changeId, held, change, way: 'forward' });
  } catch (error) {
    if (change.back === null || error instanceof FenceLost) throw error;
    const now = (await records.get<ChainChange>(kinds.change, changeId))?.value;
    if (now === undefined) throw error;
    if (now.back === null) {
      log.warn({ changeId, verb: change.verb, error }, 'what a change left is deleted later');
      return now.forward.chainId;
    }
    log.warn({ changeId, verb: change.verb, error }, 'a change failed and is taken back');
    await undo(context, changeId, now, held);
    throw error;
  }
  const reached = (await records.get<ChainChange>(kinds.change, changeId))?.value ?? change;
  await settle(context, changeId, held, reached);
  return reached.forward.chainId;
}

/** Goes on with a change that was broken off: forward where there is no way back, else back. */
export async function resumeChange(
  context: Context,
  changeId: string,
  change: ChainChange,
  held: Held,
): Promise<void> {
  if (change.back === null) {
    await drive(context, { changeId, held, change, way: 'forward' });
    await settle(context, changeId, held, change);
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
  for (let attempt = 1; ; attempt++) {
    try {
      await drive(context, { changeId, held, change, way: 'back' });
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
  await settle(context, changeId, held, null);
}

type Drive = {
  readonly changeId: string;
  readonly held: Held;
  readonly change: ChainChange;
  readonly way: 'forward' | 'back';
};

async function drive(context: Context, at: Drive): Promise<void> {
  const { changeId, held, way } = at;
  let { change } = at;
  let goal = way === 'forward' ? change.forward : backGoal(change);
  let world = await readWorld(context.cloud);
  // On the way back some update's answer is missing: its set may be in the database and not on the hosts, and
  // networking-sfc renders nothing for an equal set. It renders a chain anew whenever that is put.
  let unsure = way === 'back' && goal.kind === 'present';
  const call = async (step: Step) => {
    await held.renew();
    const made = await performStep(context.cloud, step);
    world = after(world, step, made);
    return made;
  };
  for (let steps = 0; steps < maxSteps; steps++) {
    const next = nextChainStep(world, goal, change.owned);
    if (next.kind === 'impossible') throw new Conflict(sentence(next.why));
    const reached = next.kind === 'done' || (next.cleanup && goal.kind === 'present');
    if (reached && unsure) {
      const step = sameAgain(world, goal);
      if (step !== undefined) await call(step);
      unsure = false;
    }
    if (next.kind === 'done') return;
    if (reached && way === 'forward' && change.back !== null) {
      change = { ...change, forward: goal, back: null };
      await saveChange(context, changeId, change, held);
    }
    const made = await call(next.step);
    if (made.kind === 'chain' && goal.kind === 'present' && goal.chainId === null) {
      goal = { ...goal, chainId: made.chain.id };
      change = { ...change, forward: goal };
      await saveChange(context, changeId, change, held);
    }
  }
  throw new Conflict('The change does not come to an end');
}

/** Once the chain's creation was answered, its id is the surest way to find it. */
function backGoal({ back, forward }: ChainChange): ChainGoal {
  if (back === null) throw new Error('the change has no way back');
  return back.kind === 'absent' && forward.chainId !== null
    ? { ...back, chainId: forward.chainId }
    : back;
}

function sameAgain(world: SfcWorld, goal: ChainGoal): Step | undefined {
  const chain = world.chains.find(({ id }) => id === goal.chainId);
  return (
    chain && {
      do: 'set-chain',
      id: chain.id,
      groupIds: chain.portPairGroupIds,
      classifierIds: chain.flowClassifierIds,
    }
  );
}

async function saveChange(
  { records }: Context,
  changeId: string,
  value: ChainChange,
  held: Held,
): Promise<void> {
  const stored = await records.get<ChainChange>(kinds.change, changeId);
  if (stored === undefined) return;
  const { chainId } = value.forward;
  await records.commit(
    [
      {
        kind: kinds.change,
        id: changeId,
        expected: stored.version,
        value,
        keys: chainId === null ? {} : { chain: chainId },
      },
    ],
    { fence: held.fence },
  );
}

/** The change ends and what it leaves in Records is written, in one commit; nothing where it was taken back. */
async function settle(
  { records }: Context,
  changeId: string,
  held: Held,
  reached: ChainChange | null,
): Promise<void> {
  const stored = await records.get<ChainChange>(kinds.change, changeId);
  const writes: Write[] =
    stored === undefined
      ? []
      : [{ kind: kinds.change, id: changeId, expected: stored.version, value: null }];
  const chainId = reached?.forward.chainId ?? null;
  if (reached !== null && chainId !== null) {
    const known = await records.get<ChainRecord>(kinds.chain, chainId);
    if (reached.record !== null || known !== undefined)
      writes.push({
        kind: kinds.chain,
        id: chainId,
        expected: known?.version ?? 'absent',
        value: reached.record,
      });
  }
  await records.commit(writes, { fence: held.fence });
}

/** The sentence of an impossible plan. */
export function sentence(why: string): string {
  return `${why.charAt(0).toUpperCase()}${why.slice(1)}`;
}
