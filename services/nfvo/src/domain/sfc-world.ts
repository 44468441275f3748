import type { PortChain, PortPair, PortPairGroup } from '@sidestep/openstack';

/** What networking-sfc holds, as it was read. */
export type SfcWorld = {
  readonly pairs: readonly PortPair[];
  readonly groups: readonly PortPairGroup[];
  readonly chains: readonly PortChain[];
};

/** A port that stands for nobody: bound to a live host, plugged nowhere. */
export type HolderPort = { readonly id: string; readonly name: string };

/** The two ports by which traffic enters and leaves a service function, and what its pair says beside them. */
export type Member = {
  readonly ingressPortId: string;
  readonly egressPortId: string;
  readonly correlation: 'mpls' | 'nsh' | null;
  readonly weight: number;
};

/** One call to the cloud. */
export type Step =
  | { readonly do: 'create-pair'; readonly name: string; readonly member: Member }
  | { readonly do: 'delete-pair'; readonly id: string }
  | { readonly do: 'create-group'; readonly name: string; readonly pairIds: readonly string[] }
  | { readonly do: 'set-group'; readonly id: string; readonly pairIds: readonly string[] }
  | { readonly do: 'delete-group'; readonly id: string }
  | {
      readonly do: 'create-chain';
      readonly name: string;
      readonly groupIds: readonly string[];
      readonly classifierIds: readonly string[];
      readonly symmetric: boolean;
    }
  | {
      readonly do: 'set-chain';
      readonly id: string;
      readonly groupIds: readonly string[];
      readonly classifierIds: readonly string[];
    }
  | { readonly do: 'delete-chain'; readonly id: string }
  | {
      readonly do: 'create-port';
      readonly name: string;
      readonly networkId: string;
      /** networking-sfc compares the subnets of neighbours' ports, and fails where one has none. */
      readonly subnetId: string | null;
      readonly hostId: string;
    }
  | { readonly do: 'delete-port'; readonly id: string };

/** What a step left behind: the object as the cloud answered it, or nothing after a delete. */
export type Made =
  | { readonly kind: 'pair'; readonly pair: PortPair }
  | { readonly kind: 'group'; readonly group: PortPairGroup }
  | { readonly kind: 'chain'; readonly chain: PortChain }
  | { readonly kind: 'port'; readonly port: HolderPort }
  | { readonly kind: 'nothing' };

/** The world after a step that the cloud has confirmed. */
export function after(world: SfcWorld, step: Step, made: Made): SfcWorld {
  switch (made.kind) {
    case 'pair':
      return { ...world, pairs: put(world.pairs, made.pair) };
    case 'group':
      return { ...world, groups: put(world.groups, made.group) };
    case 'chain':
      return { ...world, chains: put(world.chains, made.chain) };
    default:
      break;
  }
  switch (step.do) {
    case 'delete-pair':
      return { ...world, pairs: without(world.pairs, step.id) };
    case 'delete-group':
      return { ...world, groups: without(world.groups, step.id) };
    case 'delete-chain':
      return { ...world, chains: without(world.chains, step.id) };
    default:
      return world;
  }
}

export function groupOfPair(
  world: Pick<SfcWorld, 'groups'>,
  pairId: string,
): PortPairGroup | undefined {
  return world.groups.find((group) => group.portPairIds.includes(pairId));
}

export function chainsOfGroup(world: Pick<SfcWorld, 'chains'>, groupId: string): PortChain[] {
  return world.chains.filter((chain) => chain.portPairGroupIds.includes(groupId));
}

/** networking-sfc allows one pair for two ports: they are the pair's other key. */
export function pairOfMember(
  world: SfcWorld,
  member: Pick<Member, 'ingressPortId' | 'egressPortId'>,
): PortPair | undefined {
  return world.pairs.find((pair) => samePorts(pair, member));
}

export function samePorts(
  one: Pick<Member, 'ingressPortId' | 'egressPortId'>,
  other: Pick<Member, 'ingressPortId' | 'egressPortId'>,
): boolean {
  return one.ingressPortId === other.ingressPortId && one.egressPortId === other.egressPortId;
}

export function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each) => other.includes(each));
}

export function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((each, index) => other[index] === each);
}

function put<T extends { readonly id: string }>(all: readonly T[], one: T): T[] {
  return [...without(all, one.id), one];
}

function without<T extends { readonly id: string }>(all: readonly T[], id: string): T[] {
  return all.filter((each) => each.id !== id);
}
