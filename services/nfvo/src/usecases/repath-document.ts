import type { Problem, Records, Stored } from '@sidestep/service-kit';
import type { Absence } from '../domain/absence.ts';
import type { GapMethod, HopWork } from '../domain/hop-plan.ts';
import { allOf, kinds } from './documents.ts';
import type { RepathEnd } from './render-ends.ts';

/** One hop of a re-render: its work, and what is told of it. */
export type RepathHop = {
  readonly work: HopWork;
  readonly chainIds: readonly string[];
  readonly method: GapMethod;
  readonly state: 'pending' | 'running' | 'completed' | 'failed';
  /** Since the member was first taken out; null while it is in. */
  readonly absence: Absence | null;
  /** How long traffic was stopped; null until the hop was rendered. */
  readonly gapMs: number | null;
  /** How long traffic went past the hop, uninspected; null until the hop was rendered. */
  readonly bypassMs: number | null;
  /** How long the hop was without this member; null until the hop was rendered. */
  readonly outMs: number | null;
};

/** A re-render of every hop of a server, saved before each of its calls. */
export type RepathDocument = {
  readonly serverId: string;
  readonly state: 'running' | 'completed' | 'failed';
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly hops: readonly RepathHop[];
  /** Chains that begin or end at the server. */
  readonly ends: readonly RepathEnd[];
  readonly problem: Problem | null;
  /** Broken off, and to be gone on with by the service itself; at the earliest then (ms since the epoch). */
  readonly retry: { readonly count: number; readonly notBeforeMs: number } | null;
  readonly locks: readonly string[];
};

/** Keys by which the unfinished ones are found. */
export function repathKeys({ serverId, state, retry }: RepathDocument): Record<string, string> {
  const open = state === 'running' || retry !== null;
  return { server: serverId, ...(open ? { open: 'yes' } : {}) };
}

/** Re-renders that were broken off, oldest first. */
export function openRepaths(
  records: Records,
  where: Record<string, string> = {},
): Promise<Stored<RepathDocument>[]> {
  return allOf<RepathDocument>(records, kinds.repath, { ...where, open: 'yes' });
}

/** Those of them that concern a chain: one of its hops, or an end of it. */
export async function openRepathsOfChain(
  records: Records,
  { id, portPairGroupIds }: { readonly id: string; readonly portPairGroupIds: readonly string[] },
): Promise<Stored<RepathDocument>[]> {
  return (await openRepaths(records)).filter(
    ({ value }) =>
      value.hops.some(({ work }) => portPairGroupIds.includes(work.groupId)) ||
      value.ends.some(({ chainId }) => chainId === id),
  );
}

/** Those of them that concern one of the groups. */
export async function openRepathsOf(
  records: Records,
  groupIds: readonly string[],
): Promise<Stored<RepathDocument>[]> {
  return (await openRepaths(records)).filter(({ value }) =>
    value.hops.some(({ work }) => groupIds.includes(work.groupId)),
  );
}
