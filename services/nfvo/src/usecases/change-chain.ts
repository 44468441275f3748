import type { PortChain } from '@sidestep/openstack';
import { Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import type { ChainGoal, Owned } from '../domain/chain-plan.ts';
import { dryRun } from '../domain/dry-run.ts';
import { carryOptions, type HopOptions } from '../domain/hop-options.ts';
import type { OnGap } from '../domain/hop-plan.ts';
import { memberPorts } from '../domain/member-ports.ts';
import { isHolderName, tagOf } from '../domain/names.ts';
import type { Member, SfcWorld } from '../domain/sfc-world.ts';
import { absentWhenNotFound } from './absent.ts';
import { containerOf } from './containers.ts';
import { type Context, lockWaitMs } from './context.ts';
import {
  allOf,
  type ChainChange,
  type ChainRecord,
  kinds,
  noSla,
  type RecordedMember,
  type Sla,
} from './documents.ts';
import { hopsOut, openDrains } from './drain-document.ts';
import { showPortChain } from './list-chains.ts';
import { chainLock, serverLock, serverLocks } from './locks.ts';
import { portOwners } from './port-owners.ts';
import { readChain } from './read-part.ts';
import { readWorld } from './read-world.ts';
import { resumeRepath } from './repath.ts';
import { openRepathsOfChain } from './repath-document.ts';
import { changeLease, resumeChange, runChange, sentence } from './run-change.ts';

export type NewChain = {
  readonly name: string;
  readonly classifierIds: readonly string[];
  /** Server ids, one inner list a hop. */
  readonly hops: readonly (readonly string[])[];
  readonly symmetric: boolean;
  readonly onGap: OnGap;
  readonly hopOptions: readonly HopOptions[];
  readonly sla: Sla;
};

export type ChainUpdate = {
  readonly classifierIds?: readonly string[] | undefined;
  readonly sla?: Sla | undefined;
  readonly hops?: readonly (readonly string[])[] | undefined;
};

/** Makes a chain; answers its id. */
export async function createChain(context: Context, wanted: NewChain): Promise<string> {
  refuseRepeats(wanted.hops);
  if (wanted.hopOptions.length > 0 && wanted.hopOptions.length !== wanted.hops.length)
    throw new ProblemError('INVALID_REQUEST', 'hop_options and vnf_instance_ids differ in length', {
      errors: [{ pointer: '/body/hop_options', detail: 'must have one entry a hop' }],
    });
  const changeId = context.newId();
  const locks = serverLocks(wanted.hops);
  return context.locks.holding([changeLease(changeId), ...locks], lockWaitMs, async (held) => {
    const world = await readWorld(context.cloud);
    const members = await membersOf(context, wanted.hops, world);
    await checkClassifiers(context, world, wanted.classifierIds, { symmetric: wanted.symmetric });
    const hops = members.map((hop) => hop.map(({ member }) => member));
    const change: ChainChange = {
      verb: 'create-chain',
      forward: {
        kind: 'present',
        chainId: null,
        name: wanted.name,
        symmetric: wanted.symmetric,
        classifierIds: wanted.classifierIds,
        hops,
      },
      back: {
        kind: 'absent',
        chainId: null,
        made: { name: wanted.name, hops, knownChainIds: world.chains.map(({ id }) => id) },
      },
      owned: { tag: tagOf(changeId), groupIds: [], pairIds: [] },
      record: {
        onGap: wanted.onGap,
        hopOptions: wanted.hopOptions,
        members: recorded(members),
        sla: wanted.sla,
      },
      locks,
    };
    refuseImpossible(world, change.forward, change.owned);
    await saveChange(context, changeId, change, null);
    const made = await runChange(context, changeId, change, held);
    if (made === null) throw new Error('a chain was made without an id');
    return made;
  });
}

/** Changes a chain by what differs; what is not given stays. A failure halfway brings back what was. */
export async function updateChain(
  context: Context,
  chainId: string,
  update: ChainUpdate,
): Promise<void> {
  if (update.hops !== undefined) refuseRepeats(update.hops);
  await finishChanges(context, chainId);
  const changeId = context.newId();
  await finishRepaths(context, await showPortChain(context, chainId));
  const before = await chainNow(context, await readChain(context.cloud, chainId), chainId);
  const locks = [
    chainLock(chainId),
    ...serverLocks([...before.hopServers, ...(update.hops ?? [])]),
  ];
  await context.locks.holding([changeLease(changeId), ...locks], lockWaitMs, async (held) => {
    const world = await readWorld(context.cloud);
    const { chain, hops: oldHops, hopServers, empty } = await chainNow(context, world, chainId);
    if (empty >= 0)
      throw new Conflict(
        `Hop ${empty} of port chain ${chainId} has no member, and there would be no safe way back; delete the chain and make it anew`,
      );
    if (update.hops !== undefined) await refuseDrained(context, chain.portPairGroupIds);
    if (!hopServers.flat().every((id) => locks.includes(serverLock(id))))
      throw new ProblemError('VERSION_CONFLICT', `Port chain ${chainId} was changed meanwhile`);
    const members = update.hops && (await membersOf(context, update.hops, world));
    const classifierIds = update.classifierIds ?? chain.flowClassifierIds;
    if (update.classifierIds !== undefined)
      await checkClassifiers(context, world, classifierIds, {
        symmetric: chain.parameters.symmetric,
        chainId,
      });
    const record = (await context.records.get<ChainRecord>(kinds.chain, chainId))?.value;
    const options = record?.hopOptions ?? [];
    const common = { kind: 'present', chainId, name: chain.name } as const;
    const { symmetric } = chain.parameters;
    const groups = world.groups.filter((group) => chain.portPairGroupIds.includes(group.id));
    const change: ChainChange = {
      verb: 'update-chain',
      forward: {
        ...common,
        symmetric,
        classifierIds,
        hops: members?.map((hop) => hop.map(({ member }) => member)) ?? oldHops,
      },
      back: { ...common, symmetric, classifierIds: chain.flowClassifierIds, hops: oldHops },
      owned: {
        tag: tagOf(changeId),
        groupIds: groups.map(({ id }) => id),
        pairIds: groups.flatMap(({ portPairIds }) => portPairIds),
      },
      record: {
        onGap: record?.onGap ?? 'closed',
        hopOptions:
          members === undefined
            ? options
            : carryOptions(
                { members: hopServers, options },
                members.map((hop) => hop.map(({ serverId }) => serverId)),
              ),
        members: members === undefined ? (record?.members ?? []) : recorded(members),
        sla: update.sla ?? record?.sla ?? noSla,
      },
      locks,
    };
    refuseImpossible(world, change.forward, change.owned);
    await saveChange(context, changeId, change, chainId);
    await runChange(context, changeId, change, held);
  });
}

/** Deletes a chain, then the hops that no other chain shares, then their port pairs; goes on until it is done. */
export async function deleteChain(context: Context, chainId: string): Promise<void> {
  if (await finishChanges(context, chainId, 'delete-chain')) return;
  const changeId = context.newId();
  await finishRepaths(context, await showPortChain(context, chainId));
  const before = await chainNow(context, await readChain(context.cloud, chainId), chainId);
  const locks = [chainLock(chainId), ...serverLocks(before.hopServers)];
  await context.locks.holding([changeLease(changeId), ...locks], lockWaitMs, async (held) => {
    const { chains, groups } = await readChain(context.cloud, chainId);
    if (chains.length === 0) throw new NotFound('port chain', chainId);
    const change: ChainChange = {
      verb: 'delete-chain',
      forward: { kind: 'absent', chainId },
      back: null,
      owned: {
        tag: tagOf(changeId),
        groupIds: groups.map(({ id }) => id),
        pairIds: groups.flatMap(({ portPairIds }) => portPairIds),
      },
      record: null,
      locks,
    };
    await saveChange(context, changeId, change, chainId);
    await runChange(context, changeId, change, held);
  });
}

/** Ends changes of the chain that were broken off; true when one of the asked verb was ended. */
async function finishChanges(
  context: Context,
  chainId: string,
  verb?: ChainChange['verb'],
): Promise<boolean> {
  const open = await allOf<ChainChange>(context.records, kinds.change, { chain: chainId });
  for (const { id, value } of open) {
    await context.locks.holding([changeLease(id), ...value.locks], lockWaitMs, async (held) => {
      const now = await context.records.get<ChainChange>(kinds.change, id);
      if (now !== undefined) await resumeChange(context, id, now.value, held);
    });
    if (value.verb === verb) return true;
  }
  const [stuck] = await allOf<ChainChange>(context.records, kinds.change, { chain: chainId });
  if (stuck !== undefined)
    throw new Conflict(`An earlier change of port chain ${chainId} is not taken back yet`);
  return false;
}

async function chainNow(context: Context, world: SfcWorld, chainId: string) {
  const chain = world.chains.find(({ id }) => id === chainId);
  if (chain === undefined) throw new NotFound('port chain', chainId);
  const pairsOfHops = chain.portPairGroupIds.map((groupId) => {
    const group = world.groups.find(({ id }) => id === groupId);
    return (group?.portPairIds ?? []).flatMap((pairId) => {
      const pair = world.pairs.find(({ id }) => id === pairId);
      return pair === undefined ? [] : [pair];
    });
  });
  const empty = pairsOfHops.findIndex((pairs) => pairs.length === 0);
  const owners = await portOwners(
    context,
    pairsOfHops.flat().map(({ ingressPortId }) => ingressPortId),
  );
  return {
    chain,
    /** Index of a hop that has nobody, not even a holder; -1 where there is none. */
    empty,
    // A holder that has to stay counts as a member, so that no change opens its hop.
    hops: pairsOfHops.map((pairs): Member[] =>
      pairs.map(({ ingressPortId, egressPortId, correlation, weight }) => ({
        ingressPortId,
        egressPortId,
        correlation,
        weight,
      })),
    ),
    hopServers: pairsOfHops.map((pairs) =>
      pairs
        .filter(({ name }) => !isHolderName(name))
        .map(({ ingressPortId }) => owners.get(ingressPortId) ?? ingressPortId),
    ),
  };
}

type PlacedMember = { readonly serverId: string; readonly member: Member };

async function membersOf(
  context: Context,
  hops: readonly (readonly string[])[],
  world: SfcWorld,
): Promise<PlacedMember[][]> {
  const { nova, neutron } = context.cloud;
  const faults: { pointer: string; detail: string }[] = [];
  const members: PlacedMember[][] = [];
  for (const [hop, serverIds] of hops.entries()) {
    const placed: PlacedMember[] = [];
    for (const [index, serverId] of serverIds.entries()) {
      const pointer = `/body/vnf_instance_ids/${hop}/${index}`;
      const server = await nova.showServer(serverId).catch(absentWhenNotFound);
      if (server === undefined && (await containerOf(context, serverId)) === undefined) {
        faults.push({ pointer, detail: `there is no server ${serverId}` });
        continue;
      }
      const ports = await neutron.listPorts({ deviceId: serverId });
      const macAddresses = (server?.addresses ?? []).flatMap(({ macAddress }) => macAddress ?? []);
      const choice = memberPorts({ id: serverId, macAddresses }, ports, world.pairs);
      if (choice.kind === 'none') faults.push({ pointer, detail: choice.why });
      else placed.push({ serverId, member: choice.member });
    }
    members.push(placed);
  }
  if (faults.length > 0)
    throw new ProblemError('UNPROCESSABLE', faults.map(({ detail }) => detail).join('; '), {
      errors: faults,
    });
  return members;
}

async function checkClassifiers(
  context: Context,
  world: SfcWorld,
  classifierIds: readonly string[],
  chain: { readonly symmetric: boolean; readonly chainId?: string },
): Promise<void> {
  const known = await context.cloud.sfc.listFlowClassifiers({ by: 'id', of: classifierIds });
  const errors = classifierIds.flatMap((id, index) => {
    const detail = classifierFault(id);
    return detail === undefined ? [] : [{ pointer: `/body/sfcr_ids/${index}`, detail }];
  });
  if (errors.length > 0)
    throw new ProblemError('UNPROCESSABLE', errors.map(({ detail }) => detail).join('; '), {
      errors,
    });

  function classifierFault(id: string): string | undefined {
    const classifier = known.find((each) => each.id === id);
    if (classifier === undefined) return `there is no SFC request ${id}`;
    const user = world.chains.find(
      (each) => each.id !== chain.chainId && each.flowClassifierIds.includes(id),
    );
    if (user !== undefined) return `SFC request ${id} belongs to port chain ${user.id}`;
    // networking-sfc would take the traffic back from nowhere.
    if (chain.symmetric && classifier.logicalDestinationPortId === null)
      return `SFC request ${id} has no destination_client, which a symmetric chain needs`;
    return undefined;
  }
}

/**
 * Asks once more for re-renders of the chain's hops and ends that were broken off. One that fails again is no reason to
 * keep an operator from taking its server out: what it left in a hop counts as a member there.
 */
async function finishRepaths(context: Context, chain: PortChain): Promise<void> {
  for (const { id } of await openRepathsOfChain(context.records, chain))
    await resumeRepath(context, id, lockWaitMs);
}

/** A member that is out for a move would come back into a hop that it was taken out of for good. */
async function refuseDrained(context: Context, groupIds: readonly string[]): Promise<void> {
  for (const { id, value } of await openDrains(context.records)) {
    if (hopsOut(value).some(({ work }) => groupIds.includes(work.groupId)))
      throw new Conflict(
        `Server ${value.serverId} is drained for a move; end it first (DELETE /drains/${id})`,
      );
  }
}

function refuseImpossible(world: SfcWorld, goal: ChainGoal, owned: Owned): void {
  const tried = dryRun(world, goal, owned);
  if (tried.kind === 'impossible') throw new Conflict(sentence(tried.why));
}

function refuseRepeats(hops: readonly (readonly string[])[]): void {
  const all = hops.flat();
  const twice = all.find((id, index) => all.indexOf(id) !== index);
  if (twice !== undefined)
    throw new ProblemError('UNPROCESSABLE', `Server ${twice} is in the chain more than once`, {
      errors: [{ pointer: '/body/vnf_instance_ids', detail: `${twice} occurs more than once` }],
    });
}

async function saveChange(
  { records }: Context,
  changeId: string,
  change: ChainChange,
  chainId: string | null,
): Promise<void> {
  await records.commit([
    {
      kind: kinds.change,
      id: changeId,
      expected: 'absent',
      value: change,
      keys: chainId === null ? {} : { chain: chainId },
    },
  ]);
}

function recorded(members: readonly (readonly PlacedMember[])[]): RecordedMember[][] {
  return members.map((hop) =>
    hop.map(({ serverId, member: { ingressPortId, egressPortId } }) => ({
      serverId,
      ingressPortId,
      egressPortId,
    })),
  );
}
