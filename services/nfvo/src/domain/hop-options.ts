import type { OnGap } from './hop-plan.ts';

/** What a hop says of itself; what it leaves out is the chain's. */
export type HopOptions = {
  readonly onGap?: OnGap;
  /** Its members keep no sessions: one may leave under traffic. */
  readonly stateless?: boolean;
};

/** A chain that uses a hop: the hop's place in it, and what was said of the chain's hops. */
export type HopUser = {
  readonly hop: number;
  readonly hops: number;
  readonly said: { readonly onGap: OnGap; readonly hopOptions: readonly HopOptions[] } | undefined;
};

/** What happens in a gap of a hop: closed as soon as one of the chains that share it says so, or says nothing. */
export function strictestOnGap(users: readonly HopUser[]): OnGap {
  const open = users.every(
    (user) => isTold(user) && (optionOf(user).onGap ?? user.said?.onGap) === 'open',
  );
  return open && users.length > 0 ? 'open' : 'closed';
}

/** True when every chain that shares the hop says that its members keep no sessions. */
export function isStateless(users: readonly HopUser[]): boolean {
  return (
    users.length > 0 && users.every((user) => isTold(user) && optionOf(user).stateless === true)
  );
}

/** False when somebody else changed the chain's hops: nobody knows any more which hop an option is of. */
function isTold({ hops, said }: HopUser): boolean {
  return said !== undefined && (said.hopOptions.length === 0 || said.hopOptions.length === hops);
}

function optionOf({ hop, said }: HopUser): HopOptions {
  return said?.hopOptions[hop] ?? {};
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
