import { type Fence, FenceLost, ProblemError, toProblem, update } from '@sidestep/service-kit';
import { endedAbsence, takenOut } from '../domain/absence.ts';
import { gapMethod, type HopMeaning, type HopWork, nextHopStep } from '../domain/hop-plan.ts';
import { after, type Made, type Step, samePorts } from '../domain/sfc-world.ts';
import { type Context, lockWaitMs } from './context.ts';
import { kinds } from './documents.ts';
import { endDrains } from './drain-document.ts';
import type { Held } from './locks.ts';
import { performStep } from './perform-step.ts';
import { placeOfMember } from './place-of-member.ts';
import { planRepath } from './plan-repath.ts';
import { readHop } from './read-part.ts';
import { readHolderPorts } from './read-world.ts';
import { type RepathEnd, renderEnds } from './render-ends.ts';
import { openRepaths, type RepathDocument, type RepathHop, repathKeys } from './repath-document.ts';
import { upstreamProblem } from './upstream-problem.ts';

/** A hop takes at most so many calls in one run; more means that somebody else undoes what we do. */
const maxHopSteps = 200;
const attemptsPerRun = 3;

/**
 * Renders every hop of a server anew. The same id goes on where it stopped, or answers with the finished record.
 * Throws where nothing could be planned; a hop that fails is told in the record.
 */
export async function repath(
  context: Context,
  repathId: string,
  serverId: string,
  only: 'all' | 'drained' = 'all',
): Promise<RepathDocument> {
  const { records } = context;
  const known = await records.get<RepathDocument>(kinds.repath, repathId);
  if (known !== undefined && known.value.serverId !== serverId)
    throw new ProblemError(
      'CONFLICT',
      `Re-render ${repathId} is of server ${known.value.serverId}, not of ${serverId}`,
    );
  if (known?.value.state === 'completed') return known.value;
  // What another re-render of the server left half done may hide a hop from the plan: it is finished first.
  for (const open of await openRepaths(records, { server: serverId })) {
    if (open.id === repathId) continue;
    const ended = await resumeRepath(context, open.id, lockWaitMs);
    if (ended?.retry != null)
      throw new ProblemError('REPATH_FAILED', `Re-render ${open.id} of the server still fails`);
  }
  const ended =
    known === undefined
      ? await begin(context, repathId, serverId, only)
      : await resumeRepath(context, repathId, lockWaitMs);
  if (ended === undefined) throw new Error(`re-render ${repathId} has no record`);
  return ended;
}

async function begin(
  context: Context,
  repathId: string,
  serverId: string,
  only: 'all' | 'drained',
): Promise<RepathDocument> {
  const { records, clock, locks } = context;
  const foreseen = await planRepath(context, repathId, serverId, only);
  const leases = [repathLease(repathId), ...foreseen.locks];
  return locks.holding(leases, lockWaitMs, async (held) => {
    const known = await records.get<RepathDocument>(kinds.repath, repathId);
    if (known !== undefined) return run(context, repathId, known.value, held);
    // The chains may have been changed while we waited for them.
    const plan = await planRepath(context, repathId, serverId, only);
    if (!plan.locks.every((name) => leases.includes(name)))
      throw new ProblemError('VERSION_CONFLICT', `The chains of server ${serverId} were changed`);
    const document = await save(
      context,
      repathId,
      () => ({ ...empty, ...plan, serverId, startedAtMs: clock.now() }),
      held.fence,
    );
    return run(context, repathId, document, held);
  });
}

function repathLease(repathId: string): string {
  return `repath:${repathId}`;
}

/** Goes on with a re-render; undefined where there is none. Throws VERSION_CONFLICT while somebody else works on it. */
export async function resumeRepath(
  context: Context,
  repathId: string,
  waitMs: number,
): Promise<RepathDocument | undefined> {
  const { records, locks } = context;
  const stored = await records.get<RepathDocument>(kinds.repath, repathId);
  if (stored === undefined) return undefined;
  const leases = [repathLease(repathId), ...stored.value.locks];
  return locks.holding(leases, waitMs, async (held) => {
    const now = await records.get<RepathDocument>(kinds.repath, repathId);
    if (now === undefined || now.value.state === 'completed') return now?.value;
    return run(context, repathId, now.value, held);
  });
}

async function run(
  context: Context,
  repathId: string,
  document: RepathDocument,
  held: Held,
): Promise<RepathDocument> {
  if (document.state === 'completed') return document;
  const ended = await attempts(context, repathId, document, held);
  context.meters.repathEnded(ended.state === 'completed' ? 'completed' : 'failed');
  if (ended.state === 'completed')
    for (const { method, gapMs, bypassMs } of ended.hops)
      context.meters.hopRendered({ method, gapMs: gapMs ?? 0, bypassMs: bypassMs ?? 0 });
  return ended;
}

async function attempts(
  context: Context,
  repathId: string,
  document: RepathDocument,
  held: Held,
): Promise<RepathDocument> {
  const { clock } = context;
  for (let attempt = 1; ; attempt++) {
    const problem = await renderHops(context, repathId, document, held);
    if (problem === undefined) {
      const at = { nowMs: clock.now(), fence: held.fence };
      await endDrains(context.records, document, at);
      const ended = {
        state: 'completed',
        endedAtMs: clock.now(),
        problem: null,
        retry: null,
      } as const;
      return save(context, repathId, (last) => ({ ...last, ...ended }), held.fence);
    }
    if (!problem.retryable || attempt >= attemptsPerRun)
      return save(
        context,
        repathId,
        (last) => failed(last, problem, context, repathId),
        held.fence,
      );
    await context.sleep(200 * 2 ** attempt);
  }
}

/** One hop's failure is no reason to leave the others, or the chain's ends, broken. Answers the failure most worth another attempt. */
async function renderHops(
  context: Context,
  repathId: string,
  document: RepathDocument,
  held: Held,
): Promise<ProblemError | undefined> {
  const { serverId } = document;
  const problems: ProblemError[] = [];
  for (const { work } of document.hops) {
    try {
      await renderHop(context, { repathId, serverId, groupId: work.groupId }, held);
    } catch (error) {
      if (error instanceof FenceLost) throw error;
      context.log.warn({ repathId, groupId: work.groupId, error }, 'a hop was not rendered');
      problems.push(
        upstreamProblem(error) ??
          new ProblemError('INTERNAL', 'A fault of ours broke the work off', { cause: error }),
      );
      await saveHop(context, { repathId, groupId: work.groupId, held }, { state: 'failed' });
    }
  }
  const saveEnd = async (chainId: string, change: Partial<RepathEnd>) => {
    const changed = (last: RepathDocument): RepathDocument => ({
      ...last,
      state: 'running',
      ends: last.ends.map((end) => (end.chainId === chainId ? { ...end, ...change } : end)),
    });
    await save(context, repathId, changed, held.fence);
  };
  // As they are stored: an end that an earlier attempt has rendered is not taken off its chain once more.
  const stored = await context.records.get<RepathDocument>(kinds.repath, repathId);
  problems.push(...(await renderEnds(context, stored?.value.ends ?? [], held, saveEnd)));
  return problems.find(({ retryable }) => retryable) ?? problems[0];
}

function failed(
  last: RepathDocument,
  problem: ProblemError,
  context: Context,
  repathId: string,
): RepathDocument {
  const count = (last.retry?.count ?? 0) + 1;
  const now = context.clock.now();
  return {
    ...last,
    state: 'failed',
    endedAtMs: now,
    problem: toProblem(problem, { instance: `/repaths/${repathId}`, traceId: context.newId() }),
    // 5 s, doubling to 5 min: a chain that is not whole is worth asking for as long as it takes.
    retry: problem.retryable
      ? { count, notBeforeMs: now + Math.min(300_000, 5_000 * 2 ** Math.min(count - 1, 6)) }
      : null,
  };
}

async function renderHop(
  context: Context,
  at: { readonly repathId: string; readonly serverId: string; readonly groupId: string },
  held: Held,
): Promise<void> {
  const { repathId, serverId, groupId } = at;
  const { cloud, clock } = context;
  let hop = await hopNow(context, repathId, groupId);
  if (hop.state === 'completed') return;
  if (!hop.work.rendered) {
    const holderPlace = await placeOfMember(context, serverId, hop.work);
    hop = await saveHop(
      context,
      { repathId, groupId, held },
      { work: { ...hop.work, holderPlace } },
    );
  }
  const [read, ports] = await Promise.all([
    readHop(cloud, hop.work, hop.chainIds),
    readHolderPorts(cloud, hop.work.holderName),
  ]);
  let world = read;
  let holderPorts = ports.map(({ id, name }) => ({ id, name }));
  for (let steps = 0; steps < maxHopSteps; steps++) {
    const view = { world, holderPorts };
    const next = nextHopStep(view, hop.work);
    if (next.kind === 'impossible')
      throw new ProblemError('CONFLICT', `${next.why}; it is left so`);
    if (next.kind === 'done') {
      await saveHop(context, { repathId, groupId, held }, { state: 'completed' });
      return;
    }
    const { step, meaning } = next;
    const startedAtMs = clock.now();
    const method = gapMethod(view, hop.work);
    const carries = hop.chainIds.length > 0;
    hop = await saveHop(
      context,
      { repathId, groupId, held },
      {
        state: 'running',
        ...(meaning === 'take-out'
          ? { method, absence: takenOut(hop.absence, { method, carries, nowMs: startedAtMs }) }
          : {}),
      },
    );
    await held.renew();
    const made = await performStep(cloud, step);
    world = after(world, step, made);
    if (made.kind === 'port') holderPorts = [...holderPorts, made.port];
    if (step.do === 'delete-port') holderPorts = holderPorts.filter((port) => port.id !== step.id);
    const learnt = learn(hop, meaning, step, made, clock.now());
    if (learnt !== undefined) hop = await saveHop(context, { repathId, groupId, held }, learnt);
  }
  throw new ProblemError('REPATH_FAILED', `Port pair group ${groupId} changes under our hands`);
}

/** What a confirmed answer tells of the hop, to be saved. */
function learn(
  hop: RepathHop,
  meaning: HopMeaning,
  step: Step,
  made: Made,
  nowMs: number,
): Partial<RepathHop> | undefined {
  if (meaning === 'renew' && made.kind === 'pair') {
    const { pair } = made;
    const work: HopWork = {
      ...hop.work,
      renewals: hop.work.renewals.map((renewal) =>
        samePorts(renewal.member, pair) ? { ...renewal, freshId: pair.id } : renewal,
      ),
    };
    return { work };
  }
  if (meaning !== 'render' || step.do !== 'set-group') return undefined;
  return {
    work: { ...hop.work, rendered: true },
    ...endedAbsence(hop.absence, nowMs),
  };
}

async function hopNow(context: Context, repathId: string, groupId: string): Promise<RepathHop> {
  const stored = await context.records.get<RepathDocument>(kinds.repath, repathId);
  const hop = stored?.value.hops.find(({ work }) => work.groupId === groupId);
  if (hop === undefined) throw new Error(`re-render ${repathId} has no hop ${groupId}`);
  return hop;
}

async function saveHop(
  context: Context,
  at: { repathId: string; groupId: string; held: Held },
  change: Partial<RepathHop>,
): Promise<RepathHop> {
  const saved = await save(
    context,
    at.repathId,
    (last) => ({
      ...last,
      state: 'running',
      hops: last.hops.map((hop) => (hop.work.groupId === at.groupId ? { ...hop, ...change } : hop)),
    }),
    at.held.fence,
  );
  const hop = saved.hops.find(({ work }) => work.groupId === at.groupId);
  if (hop === undefined) throw new Error(`re-render ${at.repathId} has no hop ${at.groupId}`);
  return hop;
}

type NewDocument = (last: RepathDocument) => RepathDocument;

async function save(
  { records }: Context,
  repathId: string,
  change: NewDocument,
  fence: Fence,
): Promise<RepathDocument> {
  const saved = await update<RepathDocument>(
    records,
    kinds.repath,
    repathId,
    (last) => {
      const value = change(last ?? empty);
      return { value, keys: repathKeys(value) };
    },
    { fence },
  );
  if (saved === undefined) throw new Error(`re-render ${repathId} was not saved`);
  return saved;
}

const empty: RepathDocument = {
  serverId: '',
  state: 'running',
  startedAtMs: 0,
  endedAtMs: null,
  hops: [],
  ends: [],
  problem: null,
  retry: null,
  locks: [],
};
