import type { PortChain } from '@sidestep/openstack';
import { type Fence, FenceLost, ProblemError } from '@sidestep/service-kit';
import type { OnGap } from '../domain/hop-plan.ts';
import { sameSet } from '../domain/sfc-world.ts';
import { absentWhenNotFound } from './absent.ts';
import type { Context } from './context.ts';
import { readPortChain } from './read-part.ts';
import { upstreamProblem } from './upstream-problem.ts';

/**
 * A chain whose traffic begins or ends at a port of a server that has moved. networking-sfc keeps the host that an end
 * had when it was told of the classifier, and tells that host every later change; a classifier that is taken off the
 * chain and put back has its ends looked up anew.
 */
export type RepathEnd = {
  readonly chainId: string;
  /** All classifiers of the chain: what it has again when the work is done. */
  readonly classifierIds: readonly string[];
  /** Those that name a port of the server. */
  readonly ownIds: readonly string[];
  /** Between off and on traffic is not steered. `closed`: these ports are down meanwhile. */
  readonly onGap: OnGap;
  readonly portIds: readonly string[];
  readonly state: 'pending' | 'running' | 'completed' | 'failed';
  readonly sinceMs: number | null;
  /** How long the ports were down; null until the work is done. */
  readonly gapMs: number | null;
  /** How long traffic was not steered at all; null until the work is done. */
  readonly bypassMs: number | null;
};

/** Saves a change of one end before the work goes on; the lease must still be held. */
type SaveEnd = (chainId: string, change: Partial<RepathEnd>) => Promise<void>;

/** Has every end looked up anew; one that fails leaves the others be. Answers the failures. */
export async function renderEnds(
  context: Context,
  ends: readonly RepathEnd[],
  held: { readonly fence: Fence; renew(): Promise<void> },
  save: SaveEnd,
): Promise<ProblemError[]> {
  const problems: ProblemError[] = [];
  for (const end of ends) {
    if (end.state === 'completed') continue;
    try {
      await renderEnd(context, end, held, save);
    } catch (error) {
      if (error instanceof FenceLost) throw error;
      context.log.warn({ chainId: end.chainId, error }, 'an end of a chain was not rendered');
      problems.push(
        upstreamProblem(error) ??
          new ProblemError('INTERNAL', 'A fault of ours broke the work off', { cause: error }),
      );
      await save(end.chainId, { state: 'failed' });
    }
  }
  return problems;
}

/** Each step is harmless when done twice: a killed worker's successor begins again. */
async function renderEnd(
  { cloud, clock }: Context,
  end: RepathEnd,
  held: { renew(): Promise<void> },
  save: SaveEnd,
): Promise<void> {
  const { chainId, ownIds, portIds } = end;
  const sinceMs = end.sinceMs ?? clock.now();
  await save(chainId, { state: 'running', sinceMs });
  await held.renew();
  const portsUp = async (adminStateUp: boolean) => {
    for (const portId of portIds)
      await cloud.neutron.updatePort(portId, { adminStateUp }).catch(absentWhenNotFound);
  };
  const { chain, wanted } = await chainNow(cloud, end);
  // A chain that is gone, or has nothing of the server's any more, has nothing to look up; its ports are let go.
  if (chain !== undefined && wanted.some((id) => ownIds.includes(id))) {
    await portsUp(false);
    const others = wanted.filter((id) => !ownIds.includes(id));
    if (!sameSet(chain.flowClassifierIds, others))
      await cloud.sfc.updatePortChain(chainId, { flowClassifierIds: others });
    await held.renew();
    await cloud.sfc.updatePortChain(chainId, { flowClassifierIds: wanted });
  }
  await portsUp(true);
  const tookMs = Math.max(0, clock.now() - sinceMs);
  const stopped = portIds.length > 0;
  await save(chainId, {
    state: 'completed',
    gapMs: stopped ? tookMs : 0,
    bypassMs: stopped ? 0 : tookMs,
  });
}

/** The chain as it is, and the classifiers that it is to have: those of the plan that are still there for it, and any that came since. */
async function chainNow(
  cloud: Context['cloud'],
  { chainId, classifierIds }: RepathEnd,
): Promise<{ chain: PortChain | undefined; wanted: string[] }> {
  const { sfc } = cloud;
  const chain = await readPortChain(cloud, chainId);
  const own = chain?.flowClassifierIds ?? [];
  // What the chain has is there, and no other one's: only what was taken off it is looked for among all.
  const off = classifierIds.filter((id) => !own.includes(id));
  if (chain === undefined || off.length === 0) return { chain, wanted: [...own] };
  const [chains, classifiers] = await Promise.all([
    sfc.listPortChains(),
    sfc.listFlowClassifiers({ by: 'id', of: off }),
  ]);
  const there = new Set(classifiers.map(({ id }) => id));
  const elsewhere = new Set(
    chains.flatMap(({ id, flowClassifierIds }) => (id === chainId ? [] : flowClassifierIds)),
  );
  return { chain, wanted: [...own, ...off.filter((id) => there.has(id) && !elsewhere.has(id))] };
}
