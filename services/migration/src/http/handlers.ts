import type { migration } from '@sidestep/contracts';
import { policies, policyNamed } from '@sidestep/policies';
import { type Handlers, NotFound, ProblemError } from '@sidestep/service-kit';
import type { AnswerKind, Operation } from '../domain/operation.ts';
import { abortOperation } from '../usecases/abort-operation.ts';
import { type AnswerOptions, approveDecision, vetoDecision } from '../usecases/answer-decision.ts';
import { answerOperation } from '../usecases/answer-operation.ts';
import { changeSettings, setKillSwitch, unknownPolicy } from '../usecases/change-controls.ts';
import { listChangedOperations } from '../usecases/list-changed-operations.ts';
import type { LiveOperations } from '../usecases/live-operations.ts';
import { type MakeDecisionOptions, makeDecision } from '../usecases/make-decision.ts';
import {
  demandAnswerer,
  ownOperations,
  ownSubject,
  visibleDecision,
  withoutOthers,
} from '../usecases/own-moves.ts';
import { controlHandlers } from './controls.ts';
import { recordHandlers } from './decision-records.ts';
import { guardrailHandlers } from './guardrails.ts';
import { type HostHandlerOptions, hostHandlers } from './host-handlers.ts';
import { movabilityHandlers } from './movability.ts';
import { type OptimizationRoutes, optimizationHandlers } from './optimizations.ts';
import { toDecision, toKillSwitch, toOperation, toPolicy, toSettings } from './to-contract.ts';

export type HandlerOptions = AnswerOptions &
  OptimizationRoutes &
  MakeDecisionOptions & {
    /** Something changed that a decision may hang on. */
    nudge(): void;
    live: LiveOperations;
    scoring: { horizonMs: number; overloadPercent: number };
    hostWork: HostHandlerOptions;
  };

const defaultLimit = 100;

/** The contract's operations, each one use case. */
export function migrationHandlers(options: HandlerOptions): Handlers<migration.operations> {
  const { ledger } = options;
  const asked = (operation: Operation) => ({
    status: 202 as const,
    body: toOperation(operation),
    headers: { location: `/operations/${operation.id}` },
  });
  const answer = async (operationId: string, kind: AnswerKind, by: string) =>
    asked(await answerOperation(options, operationId, { kind, by }));
  return {
    ...guardrailHandlers(options),
    ...controlHandlers(options),
    ...optimizationHandlers(options),
    ...recordHandlers(options),

    ...hostHandlers(options.hostWork),
    listPolicies: () => ({ status: 200, body: { policies: policies.map(toPolicy) } }),

    getSettings: async () => ({ status: 200, body: toSettings(await ledger.settings()) }),
    replaceSettings: async ({ body, principal }) => {
      const { mode, policy, policyParams = {} } = body;
      const given = { mode, policy, policyParams, by: principal.name };
      const settings = await changeSettings(options, given, policyNamed);
      options.nudge();
      return { status: 200, body: toSettings(settings) };
    },

    getKillSwitch: async () => ({ status: 200, body: toKillSwitch(await ledger.killSwitch()) }),
    setKillSwitch: async ({ body, principal }) => {
      const killSwitch = await setKillSwitch(options, { ...body, by: principal.name });
      options.nudge();
      return { status: 200, body: toKillSwitch(killSwitch) };
    },

    listDecisions: async ({ query, principal }) => {
      const { state, hostId, limit = defaultLimit, cursor } = query;
      const owner = await ownSubject(ledger, principal);
      const where = {
        ...(state ? { state } : {}),
        ...(hostId ? { hostId } : {}),
        ...(owner === null ? {} : { owner }),
      };
      const page = await ledger.decisions(where, { limit, cursor: cursor ?? undefined });
      const decisions = page.items.map(({ value }) =>
        toDecision(owner === null ? value : withoutOthers(value)),
      );
      return { status: 200, body: { decisions, nextCursor: page.nextCursor } };
    },
    makeDecision: async ({ body, principal }) => {
      const name = body.policy ?? (await ledger.settings()).policy;
      const policy = policyNamed(name);
      if (policy === undefined) throw unknownPolicy(name);
      const decision = await makeDecision(options, {
        hostId: body.hostId,
        serverId: body.serverId ?? null,
        policy,
        seed: body.seed ?? null,
        by: principal.name,
      });
      const headers = { location: `/decisions/${decision.id}` };
      return { status: 201, body: toDecision(decision), headers };
    },
    getDecision: async ({ params: { decisionId }, principal }) => ({
      status: 200,
      body: toDecision(await visibleDecision(ledger, decisionId, principal)),
    }),
    approveDecision: async ({ params: { decisionId }, principal }) => {
      await demandAnswerer(ledger, decisionId, principal);
      const operation = await approveDecision(options, decisionId, principal.name);
      const headers = { location: `/operations/${operation.id}` };
      return { status: 202, body: toOperation(operation), headers };
    },
    vetoDecision: async ({ params: { decisionId }, body, principal }) => {
      await demandAnswerer(ledger, decisionId, principal);
      const given = { by: principal.name, reason: body.reason };
      const decision = await vetoDecision(options, decisionId, given);
      return { status: 200, body: toDecision(decision) };
    },

    ...movabilityHandlers(options),

    listOperations: async ({ query, principal }) => {
      const { state, serverId, updatedSince, limit = defaultLimit, cursor } = query;
      const where = { ...(state ? { state } : {}), ...(serverId ? { serverId } : {}) };
      const sinceMs = updatedSince === undefined ? null : Date.parse(updatedSince);
      const page = await listChangedOperations(
        ledger,
        { ...where, sinceMs },
        { limit, cursor: cursor ?? undefined },
      );
      const owner = await ownSubject(ledger, principal);
      const shown = await ownOperations(ledger, page.items, owner);
      const operations = shown.map(({ value }) => toOperation(value));
      return { status: 200, body: { operations, nextCursor: page.nextCursor } };
    },
    getOperation: async ({ params: { operationId }, principal }) => {
      const found = await ledger.operation(operationId);
      const owner = await ownSubject(ledger, principal);
      const [stored] = await ownOperations(ledger, found === undefined ? [] : [found], owner);
      if (stored === undefined) throw new NotFound('operation', operationId);
      return { status: 200, body: toOperation(stored.value) };
    },
    abortOperation: async ({ params: { operationId }, principal }) => {
      const who = { by: principal.name, reason: 'asked for by the API' };
      return asked(await abortOperation(options, operationId, who));
    },
    retryOperation: ({ params: { operationId }, principal }) =>
      answer(operationId, 'retry', principal.name),
    rollbackOperation: ({ params: { operationId }, principal }) =>
      answer(operationId, 'rollback', principal.name),
    failOperation: ({ params: { operationId }, principal }) =>
      answer(operationId, 'fail', principal.name),
    streamOperations: async ({ header, signal, principal }) => {
      if ((await ownSubject(ledger, principal)) !== null) {
        throw new ProblemError('FORBIDDEN', 'The stream tells of everybody’s moves: list your own');
      }
      const lastEventId = header('last-event-id');
      const sinceMs = lastEventId === undefined ? null : Number(lastEventId);
      return { status: 200, stream: await options.live.read(sinceMs, signal) };
    },
  };
}
