import type { ServerId } from '@sidestep/fleet';
import { ProblemError } from '@sidestep/service-kit';
import { wordsAgainst } from '../../domain/movability.ts';
import type { ExpectedMove, Operation } from '../../domain/operation.ts';
import type { Arrival, CloudGroup, CloudServer, Reception } from '../../ports/compute.ts';
import { moveOf } from '../occupancy.ts';
import { planDrain } from './drain.ts';
import { earlierArrivals } from './reserve-slots.ts';
import { sinceDecision } from './since-the-decision.ts';
import type { Step, StepContext } from './step.ts';

/** Reads again, from Nova and Placement, all that the decision took from the inventory, and whether the destination is in alarm by now. */
export const precheck: Step = async (operation, context) => {
  // What else is to be known before the call is asked meanwhile: it costs the way there no time of its own.
  const [{ server, reception, groups }, since, drain, expected] = await Promise.all([
    readPlaces(operation, context),
    sinceDecision(operation, context),
    planDrain(operation, context),
    foretell(operation, context),
  ]);
  const faults = [
    ...serverFaults(server, operation),
    ...wordsAgainst(server, context.rules).map(
      ({ detail }) => `${operation.serverName}: ${detail}`,
    ),
    ...receptionFaults(reception, operation.to),
    ...groupFaults(groups, operation),
    ...(since.kind === 'known' ? since.faults : []),
  ];
  if (faults.length === 0 && since.kind === 'unknown') return since.result;
  if (faults.length === 0) {
    const detail = `${operation.to} is up, enabled and has room`;
    return { kind: 'done', detail, change: (newest) => ({ ...newest, drain, expected }) };
  }
  return {
    kind: 'failed',
    problem: new ProblemError('PRECHECK_FAILED', faults.join('; ')),
    remedy: 'roll-back',
  };
};

/**
 * The server, and what its destination and its groups are like now, with those that have a place there before it: of
 * two that would fit alone, the one that came first goes.
 */
export async function readPlaces(
  operation: Operation,
  { compute, ledger }: Pick<StepContext, 'compute' | 'ledger'>,
) {
  const [server, before] = await Promise.all([
    compute.readServer(operation.serverId),
    earlierArrivals(operation, ledger),
  ]);
  const coming = new Set(before.map(({ serverId }) => serverId));
  const unclaimed = before.filter((other) => !moveOf(other).claimed);
  const [arrivals, groups] = await Promise.all([
    Promise.all(unclaimed.map(({ serverId }) => arrivalOf(serverId, compute))),
    compute.readGroups(server),
  ]);
  const reception = await compute.readReception(operation.to, server, arrivals.flat());
  return { server, reception, groups: groups.map((group) => withComing(group, coming, operation)) };
}

/** Another's server with what it claims; none where it is gone. */
async function arrivalOf(serverId: ServerId, compute: StepContext['compute']): Promise<Arrival[]> {
  try {
    return [await compute.readServer(serverId)];
  } catch (error) {
    if (error instanceof ProblemError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
}

/** The group with its members that are on their way to the same host counted there. */
function withComing(
  group: CloudGroup,
  coming: ReadonlySet<ServerId>,
  { to }: Operation,
): CloudGroup {
  if (group.policy !== 'anti-affinity') return group;
  const members = group.members.map((member) =>
    coming.has(member.serverId) ? { ...member, hostId: to } : member,
  );
  return { ...group, members };
}

/** What the move should take, frozen before it begins; no move fails for want of it. */
async function foretell(
  { id, serverId, from, to }: Operation,
  { forecasts, log }: StepContext,
): Promise<ExpectedMove | null> {
  try {
    return await forecasts.moveCost(serverId, from, to);
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error;
    log.warn({ operationId: id, error: error.message }, 'What the move takes is not foretold');
    return null;
  }
}

/** States in which Nova moves a server, by how it moves. */
const movable: Readonly<Record<Operation['kind'], readonly string[]>> = {
  'live-migration': ['ACTIVE'],
  evacuate: ['ACTIVE', 'SHUTOFF', 'ERROR'],
};

export function serverFaults(server: CloudServer, { from, serverName, kind }: Operation): string[] {
  const faults: string[] = [];
  const states = movable[kind];
  if (server.hostId !== from) faults.push(`${serverName} is on ${server.hostId}, not on ${from}`);
  if (!states.includes(server.status)) {
    faults.push(`${serverName} is ${server.status}, not ${states.join(' or ')}`);
  }
  if (server.taskState !== null) {
    faults.push(`Nova is busy with ${serverName} (${server.taskState})`);
  }
  return faults;
}

export function receptionFaults({ state, status, lacking }: Reception, to: string): string[] {
  const faults: string[] = [];
  if (state !== 'up') faults.push(`the compute service of ${to} is ${state}`);
  if (status !== 'enabled') faults.push(`the compute service of ${to} is ${status}`);
  if (lacking !== null) faults.push(`${to} has no room: ${lacking}`);
  return faults;
}

export function groupFaults(groups: readonly CloudGroup[], { serverId, to }: Operation): string[] {
  return groups.flatMap(({ policy, members }) => {
    const others = members.filter((member) => member.serverId !== serverId);
    const there = others.filter(({ hostId }) => hostId === to);
    if (policy === 'anti-affinity' && there.length > 0) {
      return [`${there[0]?.name} of its anti-affinity group is on ${to}`];
    }
    if (policy === 'affinity' && there.length < others.length) {
      return [`its affinity group would no longer be on one host`];
    }
    return [];
  });
}
