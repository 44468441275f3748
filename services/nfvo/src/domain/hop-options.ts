import type { OnGap } from './hop-plan.ts';

/** What a hop says of itself; what it leaves out is the chain's. */
export type HopOptions = {
  readonly onGap?: OnGap;
  /** Its members keep no sessions: one may leave under traffic. */
  readonly stateless?: boolean;
};

/** What happens in a gap of a hop: closed as soon as one of the chains that share it says so, or says nothing. */
export function strictestOnGap(
  users: readonly {
    readonly hop: number;
    readonly hops: number;
    readonly said:
      | { readonly onGap: OnGap; readonly hopOptions: readonly HopOptions[] }
      | undefined;
  }[],
): OnGap {
  const open = users.every(({ hop, hops, said }) => {
    if (said === undefined) return false;
    // Somebody else changed the chain's hops: nobody knows any more which hop an option is of.
    if (said.hopOptions.length > 0 && said.hopOptions.length !== hops) return false;
    return (said.hopOptions[hop]?.onGap ?? said.onGap) === 'open';
  });
  return open && users.length > 0 ? 'open' : 'closed';
}

/** The options of hops after a change: each keeps those of the former hop with which it shares most members. */
export function carryOptions(
  before: {
    readonly members: readonly (readonly string[])[];
    readonly options: readonly HopOptions[];
  },
  after: readonly (readonly string[])[],
): HopOptions[] {
  if (before.options.length === 0) return [];
  return after.map((hop) => {
    const [best] = before.members
      .map((members, index) => ({
        shared: members.filter((id) => hop.includes(id)).length,
        options: before.options[index],
      }))
      .filter(({ shared }) => shared > 0)
      .toSorted((a, b) => b.shared - a.shared);
    return best?.options ?? {};
  });
}
