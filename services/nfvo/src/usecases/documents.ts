import type { FlowClassifierSpec } from '@sidestep/openstack';
import type { Records, Stored } from '@sidestep/service-kit';
import type { ChainGoal, Owned } from '../domain/chain-plan.ts';
import type { HopOptions } from '../domain/hop-options.ts';
import type { OnGap } from '../domain/hop-plan.ts';

/** A member of a hop as it was asked for. */
export type RecordedMember = {
  readonly serverId: string;
  readonly ingressPortId: string;
  readonly egressPortId: string;
};

/** What networking-sfc can't hold of a chain; its id is the port chain's. */
export type ChainRecord = {
  readonly onGap: OnGap;
  readonly hopOptions: readonly HopOptions[];
  readonly members: readonly (readonly RecordedMember[])[];
  /** Not there in records of before it was kept. */
  readonly sla?: Sla;
};

/** What a chain promises; null where it promises nothing. */
export type Sla = {
  readonly bandwidthMbps: number | null;
  readonly delayMs: number | null;
  /** From 1 to 5; absent where it was not said. */
  readonly criticality?: number;
};

export const noSla: Sla = { bandwidthMbps: null, delayMs: null };

/** What networking-sfc can't hold of an SFC request; its id is the flow classifier's. */
export type SfcrRecord = {
  readonly sourceClient: string;
  readonly destinationClient: string | null;
  readonly bw: number | null;
  readonly delay: number | null;
  readonly duration: number | null;
  readonly nfChain: readonly string[];
  /** ISO 8601, UTC. */
  readonly arrivedAt: string;
};

/** A change of a chain under way, saved before its first call. */
export type ChainChange = {
  readonly verb: 'create-chain' | 'update-chain' | 'delete-chain';
  readonly forward: ChainGoal;
  /** Null where there is no way back: a delete, or a change that has only its leftovers to delete, goes on until it is done. */
  readonly back: ChainGoal | null;
  /** What is to be written once the chain is there; null where it is to be forgotten. */
  readonly record: ChainRecord | null;
  readonly owned: Owned;
  /** Leases that the change needs, beside its own. */
  readonly locks: readonly string[];
};

/** A flow classifier being made. */
export type SfcrChange = {
  readonly verb: 'create-sfcr';
  readonly spec: FlowClassifierSpec;
  readonly knownIds: readonly string[];
  readonly locks: readonly string[];
};

/** A server being made; it bears the change's id in its metadata. */
export type VnfChange = { readonly verb: 'create-vnf'; readonly locks: readonly string[] };

export type Change = ChainChange | SfcrChange | VnfChange;

export const kinds = {
  chain: 'chain',
  sfcr: 'sfcr',
  change: 'change',
  repath: 'repath',
  drain: 'drain',
  standby: 'standby',
} as const;

/** Every document of a kind. */
export async function allOf<T extends object>(
  records: Records,
  kind: string,
  where: Record<string, string> = {},
): Promise<Stored<T>[]> {
  const all: Stored<T>[] = [];
  let cursor: string | null = null;
  do {
    const page: { items: Stored<T>[]; nextCursor: string | null } = await records.list<T>(kind, {
      where,
      order: 'oldest',
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    all.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return all;
}
