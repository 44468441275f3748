import type { PortChain, PortPairGroup } from '@sidestep/openstack';
import { groupName, pairName } from './names.ts';
import {
  chainsOfGroup,
  groupOfPair,
  type Member,
  pairOfMember,
  type SfcWorld,
  type Step,
  sameList,
  sameSet,
} from './sfc-world.ts';

/** What a chain shall be, or that it shall not be. */
export type ChainGoal =
  | {
      readonly kind: 'present';
      /** Null while it is to be made. */
      readonly chainId: string | null;
      readonly name: string;
      readonly symmetric: boolean;
      readonly classifierIds: readonly string[];
      /** One inner list a hop. */
      readonly hops: readonly (readonly Member[])[];
    }
  | {
      readonly kind: 'absent';
      readonly chainId: string | null;
      /** How a chain is known whose creation was never answered. */
      readonly made?: MadeChain;
    };

/** A chain by what it was asked to be, and by not having been there before. */
export type MadeChain = {
  readonly name: string;
  readonly hops: readonly (readonly Member[])[];
  readonly knownChainIds: readonly string[];
};

/** What a change may delete once nothing uses it. */
export type Owned = {
  /** Names of objects that the change made begin with it. */
  readonly tag: string;
  readonly groupIds: readonly string[];
  readonly pairIds: readonly string[];
};

export type PlannedStep =
  | {
      readonly kind: 'step';
      readonly step: Step;
      /** The goal is reached; what is left is to delete what it does not use. */
      readonly cleanup: boolean;
    }
  | { readonly kind: 'done' }
  | { readonly kind: 'impossible'; readonly why: string };

/**
 * The next call on the way to the goal. It is worked out anew from what there is, so a way that was broken off is
 * gone on with, and the way back is the way to the former goal. No hop of a chain is ever emptied on it, and a
 * pair is deleted only when no group has it.
 */
export function nextChainStep(world: SfcWorld, goal: ChainGoal, owned: Owned): PlannedStep {
  return goal.kind === 'absent'
    ? towardsAbsence(world, goal, owned)
    : towardsPresence(world, goal, owned);
}

function towardsAbsence(
  world: SfcWorld,
  goal: Extract<ChainGoal, { kind: 'absent' }>,
  owned: Owned,
): PlannedStep {
  const chain = world.chains.find((each) =>
    goal.chainId !== null
      ? each.id === goal.chainId
      : goal.made !== undefined && isMadeChain(world, each, goal.made),
  );
  if (chain !== undefined) return planned({ do: 'delete-chain', id: chain.id });
  return unusedStep(world, owned, []) ?? { kind: 'done' };
}

function isMadeChain(world: SfcWorld, chain: PortChain, made: MadeChain): boolean {
  if (made.knownChainIds.includes(chain.id) || chain.name !== made.name) return false;
  if (chain.portPairGroupIds.length !== made.hops.length) return false;
  return made.hops.every((hop, index) => {
    const group = world.groups.find((each) => each.id === chain.portPairGroupIds[index]);
    const wanted = hop.flatMap((member) => pairOfMember(world, member)?.id ?? []);
    return group !== undefined && sameSet(group.portPairIds, wanted);
  });
}

function towardsPresence(
  world: SfcWorld,
  goal: Extract<ChainGoal, { kind: 'present' }>,
  owned: Owned,
): PlannedStep {
  const members = goal.hops.flat();
  for (const member of members) {
    if (pairOfMember(world, member) === undefined) {
      const name = pairName(owned.tag, member.ingressPortId);
      return planned({ do: 'create-pair', name, member });
    }
  }
  const wanted = goal.hops.map((hop) =>
    hop.flatMap((member) => pairOfMember(world, member)?.id ?? []),
  );
  const chain = world.chains.find((each) => each.id === goal.chainId);
  if (goal.chainId !== null && chain === undefined)
    return { kind: 'impossible', why: `port chain ${goal.chainId} is gone` };
  const own = [...(chain?.portPairGroupIds ?? []), ...owned.groupIds];
  const mayChange = (group: PortPairGroup): boolean =>
    (own.includes(group.id) || group.name.startsWith(owned.tag)) &&
    chainsOfGroup(world, group.id).every((user) => user.id === chain?.id);
  const assigned = assign(world, wanted, mayChange);

  const blocked = new Set<string>();
  for (const [hop, pairIds] of wanted.entries()) {
    const group = assigned[hop];
    const elsewhere = pairIds.filter((id) => {
      const holder = groupOfPair(world, id);
      return holder !== undefined && holder.id !== group?.id;
    });
    if (group === undefined) {
      if (elsewhere.length === 0)
        return planned({ do: 'create-group', name: groupName(owned.tag, hop), pairIds });
    } else if (!sameSet(group.portPairIds, pairIds)) {
      if (elsewhere.length === 0) return planned({ do: 'set-group', id: group.id, pairIds });
      const kept = group.portPairIds.filter((id) => pairIds.includes(id));
      // Gives up what other hops wait for; what is kept is never nothing, as the group was chosen by it.
      if (kept.length > 0 && kept.length < group.portPairIds.length)
        return planned({ do: 'set-group', id: group.id, pairIds: kept });
    }
    for (const id of elsewhere) blocked.add(id);
  }
  if (blocked.size > 0) return unblock(world, chain, assigned, { blocked, mayChange, goal });

  const groupIds = assigned.flatMap((group) => group?.id ?? []);
  const twin = world.chains.find(
    (each) => each.id !== chain?.id && sameList(each.portPairGroupIds, groupIds),
  );
  if (twin !== undefined)
    return { kind: 'impossible', why: `port chain ${twin.id} has the same hops already` };
  if (chain === undefined) {
    return planned({
      do: 'create-chain',
      name: goal.name,
      groupIds,
      classifierIds: goal.classifierIds,
      symmetric: goal.symmetric,
    });
  }
  if (
    !sameList(chain.portPairGroupIds, groupIds) ||
    !sameSet(chain.flowClassifierIds, goal.classifierIds)
  ) {
    return planned({
      do: 'set-chain',
      id: chain.id,
      groupIds,
      classifierIds: goal.classifierIds,
    });
  }
  return unusedStep(world, owned, wanted.flat()) ?? { kind: 'done' };
}

/** The group that each hop lives on: the one that has exactly its pairs, else the one of the chain that has most of them. */
function assign(
  world: SfcWorld,
  wanted: readonly (readonly string[])[],
  mayChange: (group: PortPairGroup) => boolean,
): (PortPairGroup | undefined)[] {
  const taken = new Set<string>();
  const assigned = wanted.map((pairIds) => {
    const exact = world.groups.find((group) => sameSet(group.portPairIds, pairIds));
    if (exact !== undefined) taken.add(exact.id);
    return exact;
  });
  for (const [hop, pairIds] of wanted.entries()) {
    if (assigned[hop] !== undefined) continue;
    const overlap = (group: PortPairGroup) =>
      group.portPairIds.filter((id) => pairIds.includes(id)).length;
    const [best] = world.groups
      .filter((group) => !taken.has(group.id) && mayChange(group) && overlap(group) > 0)
      .toSorted((a, b) => overlap(b) - overlap(a) || a.id.localeCompare(b.id));
    if (best === undefined) continue;
    taken.add(best.id);
    assigned[hop] = best;
  }
  return assigned;
}

/** Pairs sit in groups that the chain gives up: those leave the chain first. */
function unblock(
  world: SfcWorld,
  chain: PortChain | undefined,
  assigned: readonly (PortPairGroup | undefined)[],
  at: {
    readonly blocked: ReadonlySet<string>;
    readonly mayChange: (group: PortPairGroup) => boolean;
    readonly goal: Extract<ChainGoal, { kind: 'present' }>;
  },
): PlannedStep {
  for (const id of at.blocked) {
    const group = groupOfPair(world, id);
    if (group !== undefined && !at.mayChange(group)) {
      const users = chainsOfGroup(world, group.id).map((user) => user.id);
      return {
        kind: 'impossible',
        why: `port pair ${id} is in port pair group ${group.id}${users.length === 0 ? '' : ` of port chain ${users.join(', ')}`} with other members`,
      };
    }
  }
  const kept = new Set(assigned.flatMap((group) => group?.id ?? []));
  const given = [...at.blocked]
    .flatMap((id) => groupOfPair(world, id) ?? [])
    .filter((group) => !kept.has(group.id));
  const [first] = given;
  if (first === undefined) return { kind: 'impossible', why: 'its hops wait for each other' };
  if (chain?.portPairGroupIds.includes(first.id)) {
    const groupIds = chain.portPairGroupIds.filter((id) => id !== first.id);
    if (groupIds.length === 0)
      return { kind: 'impossible', why: 'its last hop would have to be emptied' };
    const { flowClassifierIds: classifierIds } = chain;
    return planned({ do: 'set-chain', id: chain.id, groupIds, classifierIds });
  }
  return planned({ do: 'delete-group', id: first.id });
}

/** Groups before pairs: a pair that a group has must not even be asked for (a refused delete corrupts the driver). */
function unusedStep(
  world: SfcWorld,
  owned: Owned,
  keepPairIds: readonly string[],
): PlannedStep | undefined {
  const group = world.groups.find(
    (each) =>
      (owned.groupIds.includes(each.id) || each.name.startsWith(owned.tag)) &&
      chainsOfGroup(world, each.id).length === 0,
  );
  if (group !== undefined) return cleanup({ do: 'delete-group', id: group.id });
  const pair = world.pairs.find(
    (each) =>
      (owned.pairIds.includes(each.id) || each.name.startsWith(owned.tag)) &&
      !keepPairIds.includes(each.id) &&
      groupOfPair(world, each.id) === undefined,
  );
  return pair === undefined ? undefined : cleanup({ do: 'delete-pair', id: pair.id });
}

function planned(step: Step): PlannedStep {
  return { kind: 'step', step, cleanup: false };
}

function cleanup(step: Step): PlannedStep {
  return { kind: 'step', step, cleanup: true };
}
