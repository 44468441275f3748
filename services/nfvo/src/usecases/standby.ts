import { OpenStackError, type Port, type Server } from '@sidestep/openstack';
import { Conflict, FenceLost, NotFound, ProblemError, toProblem } from '@sidestep/service-kit';
import { isStateless } from '../domain/hop-options.ts';
import { othersOf } from '../domain/hop-plan.ts';
import { memberPorts } from '../domain/member-ports.ts';
import { samePorts } from '../domain/sfc-world.ts';
import { absentWhenNotFound } from './absent.ts';
import { updateChain } from './change-chain.ts';
import { refuseContainer } from './containers.ts';
import { type Context, lockWaitMs } from './context.ts';
import { allOf, type ChainRecord, kinds } from './documents.ts';
import { showChain } from './list-chains.ts';
import type { Held } from './locks.ts';
import { planRepath, usersOf } from './plan-repath.ts';
import { readGroups, readPairsAt } from './read-part.ts';
import type { ReadSfcExtension } from './sfc-extension.ts';
import {
  isOpen,
  openStandbys,
  type StandbyDocument,
  saveStandby,
  type WantedStandby,
} from './standby-document.ts';
import { upstreamProblem } from './upstream-problem.ts';
import { deleteVnf, userDataFor, type VnfOptions } from './vnfs.ts';

/** What the work of standbys needs beside the context. */
export type StandbyOptions = { readonly vnfs: VnfOptions; readonly readSfc: ReadSfcExtension };

const metadataKey = 'sidestep_standby';
/** A second instance that does not run by then is given up. */
const startTimeoutMs = 600_000;
/** Longer than a call that was never answered may still be carried out. */
const unsureMs = 60_000;
const attemptsPerState = 4;

/** Takes a wish for a standby down, after looking whether it can be: the work is `advanceStandbys`. */
export async function beginStandby(
  context: Context,
  id: string,
  serverId: string,
  wanted: WantedStandby,
): Promise<StandbyDocument> {
  const { records, locks, clock } = context;
  return locks.holding([standbyLease(id), `standby-of:${serverId}`], lockWaitMs, async (held) => {
    const known = await records.get<StandbyDocument>(kinds.standby, id);
    if (known !== undefined && known.value.serverId !== serverId)
      throw new Conflict(`Standby ${id} is of server ${known.value.serverId}, not of ${serverId}`);
    if (known !== undefined) return known.value;
    const [other] = await openStandbys(records, { server: serverId });
    if (other !== undefined)
      throw new Conflict(`Server ${serverId} is being replaced already, by standby ${other.id}`);
    await refuseContainer(context, serverId, 'standby');
    const { chainId, groupId } = await replaceableHop(context, serverId);
    await originalOf(context, serverId);
    const document: StandbyDocument = {
      serverId,
      state: 'starting',
      chainId,
      groupId,
      wanted,
      hostId: wanted.hostId,
      standbyServerId: null,
      startedAtMs: clock.now(),
      activeAtMs: null,
      endedAtMs: null,
      failures: 0,
      notBeforeMs: 0,
      problem: null,
    };
    return saveStandby(records, id, (last) => last ?? document, held.fence);
  });
}

export async function showStandby({ records }: Context, id: string): Promise<StandbyDocument> {
  const stored = await records.get<StandbyDocument>(kinds.standby, id);
  if (stored === undefined) throw new NotFound('standby', id);
  return stored.value;
}

/** Takes every open standby as far as it goes now; what somebody else works on is left alone. Answers how many stay open. */
export async function advanceStandbys(context: Context, options: StandbyOptions): Promise<number> {
  const { records, locks, log } = context;
  for (const { id } of await openStandbys(records)) {
    try {
      await locks.holding([standbyLease(id)], 0, (held) => advance(context, id, held, options));
    } catch (error) {
      const busy = error instanceof ProblemError && error.code === 'VERSION_CONFLICT';
      if (!busy) log.warn({ id, error }, 'a standby is not taken further yet');
    }
  }
  const left = (await openStandbys(records)).length;
  context.meters.openOperations('standby', left);
  return left;
}

function standbyLease(id: string): string {
  return `standby:${id}`;
}

async function advance(
  context: Context,
  id: string,
  held: Held,
  options: StandbyOptions,
): Promise<void> {
  const { records, clock } = context;
  const save = (change: Partial<StandbyDocument>) =>
    saveStandby(
      records,
      id,
      (last) => {
        if (last === undefined) throw new Error(`standby ${id} has no record`);
        return { ...last, ...change };
      },
      held.fence,
    );
  let now = await showStandby(context, id);
  while (isOpen(now) && now.notBeforeMs <= clock.now()) {
    await held.renew();
    try {
      const change = await step(context, id, now, options);
      if (change === 'wait') return;
      const entered = change.state !== undefined ? { failures: 0 } : {};
      now = await save({ ...entered, ...change });
    } catch (error) {
      if (error instanceof FenceLost) throw error;
      now = await save(afterFailure(context, id, now, error));
    }
  }
}

type Change = Partial<StandbyDocument> | 'wait';

/** The next thing to do, looked for before it is done. */
async function step(
  context: Context,
  id: string,
  now: StandbyDocument,
  options: StandbyOptions,
): Promise<Change> {
  const { clock } = context;
  const { serverId, standbyServerId, chainId } = now;
  switch (now.state) {
    case 'starting':
      if (now.hostId === null) {
        const asked = await options.vnfs.askDestination(serverId, now.wanted.policy);
        if (asked.kind === 'none') throw new ProblemError('NO_DESTINATION', asked.why);
        return { hostId: asked.hostId };
      }
      if (standbyServerId === null)
        return { standbyServerId: await started(context, id, now, options) };
      return runs(context, now, standbyServerId);
    case 'joining':
      await setMembers(context, now, (hop) =>
        hop.includes(serverId) ? [...new Set([...hop, secondOf(now)])] : hop,
      );
      return { state: 'leaving' };
    case 'leaving':
      await setMembers(context, now, (hop) =>
        hop.includes(secondOf(now)) ? hop.filter((each) => each !== serverId) : hop,
      );
      return { state: 'completed', endedAtMs: clock.now(), problem: null };
    case 'undoing': {
      const second = standbyServerId ?? (await serverOf(context, id));
      if (second !== undefined) {
        await leave(context, chainId, { second, first: serverId });
        await deleteVnf(context, second, options.readSfc).catch(unlessGone);
      }
      return { state: 'failed', endedAtMs: clock.now() };
    }
    default:
      throw new Error(`standby ${id} of chain ${chainId} has ended`);
  }
}

/** What fails before the first has left is taken back; both in the hop is a whole chain, and is left so. */
function afterFailure(
  context: Context,
  id: string,
  now: StandbyDocument,
  error: unknown,
): Partial<StandbyDocument> {
  context.log.warn({ id, state: now.state, error }, 'a step of a standby failed');
  const problem =
    upstreamProblem(error) ??
    new ProblemError('INTERNAL', 'A fault of ours broke the work off', { cause: error });
  const told = toProblem(problem, { instance: `/standbys/${id}`, traceId: context.newId() });
  const nowMs = context.clock.now();
  const failures = now.failures + 1;
  const unsure = error instanceof OpenStackError && error.mayHaveArrived;
  const waitMs = unsure && now.state === 'starting' ? unsureMs : 2_000 * 2 ** Math.min(failures, 6);
  const later = { failures, notBeforeMs: nowMs + waitMs };
  // Deleting goes on until it is done: an instance that nobody knows of costs somebody.
  if (now.state === 'undoing') return later;
  if (problem.retryable && failures < attemptsPerState) return { ...later, problem: told };
  return now.state === 'leaving'
    ? { state: 'failed', endedAtMs: nowMs, problem: told }
    : {
        state: 'undoing',
        failures: 0,
        notBeforeMs: unsure ? nowMs + unsureMs : 0,
        problem: told,
      };
}

/** The one hop that the server is the only member of. Throws CONFLICT with the reason where there is none to replace it in. */
async function replaceableHop(
  context: Context,
  serverId: string,
): Promise<{ chainId: string; groupId: string }> {
  const { hops } = await planRepath(context, 'standby', serverId);
  const [hop, another] = hops;
  if (hop === undefined || another !== undefined)
    throw new Conflict(`Server ${serverId} is a member of ${hops.length} hops; it must be of one`);
  const [chainId, second] = hop.chainIds;
  if (chainId === undefined || second !== undefined)
    throw new Conflict(
      `${hop.chainIds.length} chains use the hop of server ${serverId}; it must be one`,
    );
  const { groupId } = hop.work;
  const [chains, read] = await Promise.all([
    context.cloud.sfc.listPortChains({ by: 'id', of: [chainId] }),
    readGroups(context.cloud, [groupId]),
  ]);
  const world = { chains, ...read };
  if (othersOf({ world }, hop.work).length > 0)
    throw new Conflict(`The hop of server ${serverId} has another member: drain it instead`);
  const described = await allOf<ChainRecord>(context.records, kinds.chain);
  if (!isStateless(usersOf(world, groupId, described)))
    throw new Conflict(`The hop of server ${serverId} is not marked stateless`);
  return { chainId, groupId };
}

/** The first server and its ports in the order of its interfaces. Throws CONFLICT where a second one like it can't be had. */
async function originalOf(
  { cloud }: Context,
  serverId: string,
): Promise<{ server: Server & { readonly imageId: string }; ports: Port[]; flavorId: string }> {
  const server = await cloud.nova.showServer(serverId).catch(absentWhenNotFound);
  if (server === undefined) throw new NotFound('server', serverId);
  const { imageId } = server;
  if (imageId === null)
    throw new Conflict(`Server ${serverId} boots from a volume, of which there is no second one`);
  const flavor = (await cloud.nova.listFlavors()).find(({ name }) => name === server.flavor.name);
  if (flavor === undefined)
    throw new Conflict(
      `The flavor of server ${serverId}, ${server.flavor.name}, is not there any more`,
    );
  const macs = server.addresses.flatMap(({ macAddress }) => macAddress ?? []);
  const ports = (await cloud.neutron.listPorts({ deviceId: serverId })).toSorted(
    (a, b) => macs.indexOf(a.macAddress) - macs.indexOf(b.macAddress) || a.id.localeCompare(b.id),
  );
  const pairs = await readPairsAt(
    cloud,
    ports.map(({ id }) => id),
  );
  const inUse = memberPorts({ id: serverId, macAddresses: macs }, ports, pairs);
  const [ingress, egress = ingress, third] = ports;
  // The second instance has ports without names: which is which is told by their order alone.
  if (
    ingress === undefined ||
    egress === undefined ||
    third !== undefined ||
    inUse.kind === 'none' ||
    !samePorts(inUse.member, { ingressPortId: ingress.id, egressPortId: egress.id })
  )
    throw new Conflict(
      `Server ${serverId} is not in its hop by its first interface in and its last one of two out`,
    );
  return { server: { ...server, imageId }, ports, flavorId: flavor.id };
}

async function started(
  context: Context,
  id: string,
  now: StandbyDocument,
  options: StandbyOptions,
): Promise<string> {
  const known = await serverOf(context, id);
  if (known !== undefined) return known;
  const { server, ports, flavorId } = await originalOf(context, now.serverId);
  const userData = userDataFor(
    { userData: now.wanted.userData ?? undefined, monitoring: now.wanted.monitoring ?? undefined },
    options.vnfs.defaults.monitoring,
  );
  const made = await context.cloud.nova.createServer({
    name: `${server.name}-standby`,
    flavorId,
    imageId: server.imageId,
    networks: ports.map(({ networkId }) => ({ networkId })),
    metadata: { [metadataKey]: id },
    ...(now.hostId === null ? {} : { host: now.hostId }),
    ...(userData === undefined ? {} : { userData }),
  });
  return made.id;
}

/** Whether the second instance runs, and has run long enough. */
async function runs(
  { cloud, clock }: Context,
  now: StandbyDocument,
  second: string,
): Promise<Change> {
  const server = await cloud.nova.showServer(second).catch(absentWhenNotFound);
  if (server === undefined) throw new Conflict(`The second instance ${second} is gone`);
  if (server.status === 'ERROR')
    throw new Conflict(
      `The second instance ${second} did not start: ${server.fault ?? 'no reason'}`,
    );
  const nowMs = clock.now();
  if (server.status !== 'ACTIVE') {
    if (nowMs - now.startedAtMs > startTimeoutMs)
      throw new Conflict(`The second instance ${second} did not run within ${startTimeoutMs} ms`);
    return 'wait';
  }
  if (now.activeAtMs === null) return { activeAtMs: nowMs };
  return nowMs - now.activeAtMs >= now.wanted.warmUpMs ? { state: 'joining' } : 'wait';
}

async function setMembers(
  context: Context,
  now: StandbyDocument,
  change: (hop: readonly string[]) => readonly string[],
): Promise<void> {
  const { hops } = await showChain(context, now.chainId);
  const wanted = hops.map(change);
  if (!wanted.some((hop) => hop.includes(secondOf(now))))
    throw new Conflict(
      `Port chain ${now.chainId} was changed meanwhile: the hop is not there any more`,
    );
  if (JSON.stringify(wanted) !== JSON.stringify(hops))
    await updateChain(context, now.chainId, { hops: wanted });
}

/** The second instance leaves a hop that the first is still in; a chain that is gone holds nobody. */
async function leave(
  context: Context,
  chainId: string,
  { first, second }: { readonly first: string; readonly second: string },
): Promise<void> {
  const listed = await showChain(context, chainId).catch(unlessGone);
  const hops = listed?.hops ?? [];
  if (hops.some((hop) => hop.includes(first) && hop.includes(second)))
    await updateChain(context, chainId, {
      hops: hops.map((hop) => (hop.includes(first) ? hop.filter((each) => each !== second) : hop)),
    });
}

function unlessGone(error: unknown): undefined {
  if (error instanceof NotFound) return undefined;
  throw error;
}

function secondOf({ standbyServerId, chainId }: StandbyDocument): string {
  if (standbyServerId === null) throw new Error(`no second instance for chain ${chainId}`);
  return standbyServerId;
}

async function serverOf({ cloud }: Context, id: string): Promise<string | undefined> {
  const servers = await cloud.nova.listServers();
  return servers.find(({ metadata }) => metadata[metadataKey] === id)?.id;
}
