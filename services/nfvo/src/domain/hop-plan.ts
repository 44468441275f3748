import { isHolderName } from './names.ts';
import type { HolderPort, Member, SfcWorld, Step } from './sfc-world.ts';
import { groupOfPair, pairOfMember, samePorts, sameSet } from './sfc-world.ts';

/** What happens to traffic while a hop has no member: `closed` stops it (default), `open` lets it pass uninspected. */
export type OnGap = 'closed' | 'open';

/** What stands in the hop while a member is rendered anew. */
export type GapMethod = 'others-carry' | 'holder' | 'open';

/** A pair that has to be made anew, since networking-sfc keeps the host of the moment that a pair was made. */
export type Renewal = {
  readonly member: Member;
  readonly name: string;
  /** The pair made anew; null until its creation was answered. A pair that was never confirmed is not trusted. */
  readonly freshId: string | null;
};

/** One hop on its way to being whole: what is saved before each call. */
export type HopWork = {
  readonly groupId: string;
  readonly onGap: OnGap;
  readonly renewals: readonly Renewal[];
  /** Name of the holder port and of its pair. */
  readonly holderName: string;
  /** Where a holder stands: beside the member, as that host lives. Null until the member was looked for. */
  readonly holderPlace: HolderPlace | null;
  /** The group was told of the new pairs, and answered. Until then nobody knows what the agents were told. */
  readonly rendered: boolean;
};

export type HolderPlace = {
  readonly hostId: string;
  readonly networkId: string;
  readonly subnetId: string | null;
};

/** The hop's surroundings, as read. */
export type HopView = {
  readonly world: SfcWorld;
  readonly holderPorts: readonly HolderPort[];
};

export type HopStep =
  | { readonly kind: 'step'; readonly step: Step; readonly meaning: HopMeaning }
  | { readonly kind: 'done' }
  | { readonly kind: 'impossible'; readonly why: string };

/** What a step is to the hop: the gap begins with `take-out` and ends with `render`. */
export type HopMeaning = 'prepare' | 'take-out' | 'renew' | 'render' | 'clean';

/** How the hop's gap is bridged: by its other members, else as `onGap` says. A group in no chain carries nothing. */
export function gapMethod(view: HopView, work: HopWork): GapMethod {
  if (othersOf(view, work).length > 0) return 'others-carry';
  const carries = view.world.chains.some((chain) => chain.portPairGroupIds.includes(work.groupId));
  return carries && work.onGap === 'closed' ? 'holder' : 'open';
}

/**
 * The next call that makes a hop whole: take the stale pair out (a holder or the other members stay in), delete it,
 * make it again on the same ports, put it in, remove the holder. Worked out from what there is, at any point.
 */
export function nextHopStep(view: HopView, work: HopWork): HopStep {
  const { world } = view;
  const group = world.groups.find((each) => each.id === work.groupId);
  const holderPairs = world.pairs.filter((pair) => pair.name === work.holderName);
  if (work.rendered || group === undefined) {
    const ended = group === undefined && !work.rendered;
    return (
      cleanStep(view, holderPairs) ??
      (ended
        ? { kind: 'impossible', why: `port pair group ${work.groupId} is gone` }
        : { kind: 'done' })
    );
  }
  const method = gapMethod(view, work);
  const others = othersOf(view, work);
  const existing = work.renewals.map((renewal) => ({
    renewal,
    pair: pairOfMember(world, renewal.member),
  }));
  const stale = existing.flatMap(({ renewal, pair }) =>
    pair !== undefined && pair.id !== renewal.freshId ? [pair.id] : [],
  );
  const missing = existing.find(({ pair }) => pair === undefined);
  const fresh = existing.flatMap(({ pair }) => pair?.id ?? []);
  const final = [...others, ...fresh];

  const staleInside = stale.some((id) => group.portPairIds.includes(id));
  // The last answer never came: the group must change once more, as networking-sfc renders nothing for an equal set.
  const unsure = stale.length === 0 && missing === undefined && sameSet(group.portPairIds, final);
  // Somebody emptied a hop that must stay closed, or we did and the holder is not in yet.
  const leaks = method === 'holder' && group.portPairIds.length === 0;
  if (staleInside || unsure || leaks) {
    if (method !== 'holder') return takeOut(work.groupId, others);
    const prepared = holderStep(view, work, holderPairs);
    if (typeof prepared !== 'string') return prepared;
    return takeOut(work.groupId, [prepared]);
  }
  for (const id of stale) {
    const elsewhere = groupOfPair(world, id);
    if (elsewhere !== undefined)
      return {
        kind: 'impossible',
        why: `port pair ${id} is in port pair group ${elsewhere.id} now`,
      };
    return { kind: 'step', step: { do: 'delete-pair', id }, meaning: 'renew' };
  }
  if (missing !== undefined) {
    const { name, member } = missing.renewal;
    return { kind: 'step', step: { do: 'create-pair', name, member }, meaning: 'renew' };
  }
  return {
    kind: 'step',
    step: { do: 'set-group', id: work.groupId, pairIds: final },
    meaning: 'render',
  };
}

/** The group's members that are neither renewed nor a holder (one that another re-render left behind carries nothing). */
export function othersOf({ world }: Pick<HopView, 'world'>, work: HopWork): string[] {
  const group = world.groups.find((each) => each.id === work.groupId);
  return (group?.portPairIds ?? []).filter((id) => {
    const pair = world.pairs.find((each) => each.id === id);
    return (
      pair !== undefined &&
      !isHolderName(pair.name) &&
      !work.renewals.some(({ member }) => samePorts(member, pair))
    );
  });
}

/** The id of a holder pair, or the step towards one. */
function holderStep(
  view: HopView,
  work: HopWork,
  holderPairs: readonly { readonly id: string; readonly ingressPortId: string }[],
): HopStep | string {
  const [pair] = holderPairs;
  if (pair !== undefined) return pair.id;
  const [port] = view.holderPorts;
  const name = work.holderName;
  if (port === undefined) {
    return work.holderPlace === null
      ? { kind: 'impossible', why: 'nobody knows where a holder could stand' }
      : prepare({ do: 'create-port', name, ...work.holderPlace });
  }
  // The members of a group, and its neighbours, must agree on the correlation.
  const [like] = work.renewals;
  return prepare({
    do: 'create-pair',
    name,
    member: {
      ingressPortId: port.id,
      egressPortId: port.id,
      correlation: like?.member.correlation ?? null,
      weight: 1,
    },
  });
}

function cleanStep(
  view: HopView,
  holderPairs: readonly { readonly id: string }[],
): HopStep | undefined {
  for (const { id } of holderPairs) {
    const group = groupOfPair(view.world, id);
    if (group !== undefined)
      return {
        kind: 'impossible',
        why: `the holder pair ${id} is still in port pair group ${group.id}`,
      };
    return { kind: 'step', step: { do: 'delete-pair', id }, meaning: 'clean' };
  }
  const [port] = view.holderPorts;
  return port === undefined
    ? undefined
    : { kind: 'step', step: { do: 'delete-port', id: port.id }, meaning: 'clean' };
}

function prepare(step: Step): HopStep {
  return { kind: 'step', step, meaning: 'prepare' };
}

function takeOut(groupId: string, pairIds: readonly string[]): HopStep {
  return { kind: 'step', step: { do: 'set-group', id: groupId, pairIds }, meaning: 'take-out' };
}
