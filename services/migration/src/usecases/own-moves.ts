import type { ServerId } from '@sidestep/fleet';
import { mayAct, NotFound, type Principal, ProblemError, type Stored } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import { ownersOf } from '../domain/modes.ts';
import type { Operation } from '../domain/operation.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { modeNow } from './judge-decision.ts';
import type { Controls, Ledger } from './ledger.ts';

/** The subject that sees only what concerns its own VNFs: a viewer that some are declared of. Null: sees everything. */
export async function ownSubject(
  ledger: Ledger,
  { name, role }: Principal,
): Promise<string | null> {
  if (role !== 'viewer') return null;
  const { owners } = (await ledger.controls()).owners;
  return owners.some(({ subject }) => subject === name) ? name : null;
}

/** Says of a server whether the caller may know of it; null where the caller sees everything. */
export async function ownServers(
  { ledger, telemetry }: { ledger: Ledger; telemetry: Pick<Telemetry, 'inventory'> },
  principal: Principal,
): Promise<((serverId: ServerId) => boolean) | null> {
  const subject = await ownSubject(ledger, principal);
  if (subject === null) return null;
  const [{ servers }, { owners }] = await Promise.all([telemetry.inventory(), ledger.controls()]);
  const declared = owners.owners.filter((each) => each.subject === subject);
  const own = new Set(declared.flatMap(({ serverIds }) => serverIds));
  for (const server of servers) if (ownersOf(server, declared).length > 0) own.add(server.id);
  return (serverId) => own.has(serverId);
}

/** The decision, as far as the caller may know that it exists. */
export async function visibleDecision(
  ledger: Ledger,
  decisionId: string,
  principal: Principal,
): Promise<Decision> {
  const [stored, subject] = await Promise.all([
    ledger.decision(decisionId),
    ownSubject(ledger, principal),
  ]);
  if (stored === undefined || !isVisible(stored.value, subject)) {
    throw new NotFound('decision', decisionId);
  }
  return subject === null ? stored.value : withoutOthers(stored.value);
}

function isVisible({ owners }: Decision, subject: string | null): boolean {
  return subject === null || owners.includes(subject);
}

/** The decision without the servers that its owner has no business with. */
export function withoutOthers(decision: Decision): Decision {
  const own = decision.serverId ?? decision.heldBack?.serverId;
  return { ...decision, victims: decision.victims.filter(({ serverId }) => serverId === own) };
}

/** The operations that concern the subject's VNFs; all of them where it sees everything. */
export async function ownOperations(
  ledger: Ledger,
  operations: readonly Stored<Operation>[],
  subject: string | null,
): Promise<readonly Stored<Operation>[]> {
  if (subject === null) return operations;
  const found = await Promise.all(
    operations.map(async (operation) => {
      const decision = await ledger.decision(operation.value.decisionId);
      return decision !== undefined && isVisible(decision.value, subject) ? [operation] : [];
    }),
  );
  return found.flat();
}

/** Refuses whoever may not answer the decision: its owners may, and those that its mode names. */
export async function demandAnswerer(
  ledger: Ledger,
  decisionId: string,
  principal: Principal,
): Promise<void> {
  const decision = await visibleDecision(ledger, decisionId, principal);
  const refusal = answerFault(decision, await ledger.controls(), principal);
  if (refusal !== undefined) throw refusal;
}

/** Why somebody may not answer a planned move; undefined where they may. */
export function answerFault(
  decision: Pick<Decision, 'owners' | 'trigger' | 'aggregates' | 'serverId'>,
  controls: Controls,
  principal: Principal,
): ProblemError | undefined {
  const declared = controls.owners.owners.some(({ subject }) => subject === principal.name);
  if (declared && decision.owners.includes(principal.name)) return undefined;
  const { approvers, modeFrom } = modeNow(decision, controls);
  if (approvers.subjects.includes(principal.name)) return undefined;
  if (approvers.role !== null && mayAct(principal, approvers.role)) return undefined;
  const who = [
    ...(approvers.role === null ? [] : [`the role ${approvers.role}`]),
    ...approvers.subjects,
    ...decision.owners,
  ];
  return new ProblemError(
    'FORBIDDEN',
    `May be answered by ${who.join(', ') || 'nobody'} (mode of ${modeFrom.scope}${modeFrom.id === null ? '' : ` ${modeFrom.id}`})`,
  );
}
