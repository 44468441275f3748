import type { HostId, ServerId } from '@sidestep/fleet';
import type { Records, Stored, Write } from '@sidestep/service-kit';
import { type Decision, type DecisionState, isOpen, type Mode } from '../domain/decision.ts';
import { type GuardrailLimits, safeLimits } from '../domain/guardrails/limits.ts';
import type { ModeRule, Ownership } from '../domain/modes.ts';
import { isTerminal, type Operation, type OperationState } from '../domain/operation.ts';
import { chainedRecords } from './chained-records.ts';
import { createGuardLedger, type GuardLedger } from './guard-ledger.ts';

export type Settings = {
  mode: Mode;
  policy: string;
  /** Of the policy; each one's default where it is not given. Absent in settings of before there were any. */
  policyParams?: Readonly<Record<string, number>>;
  updatedAtMs: number | null;
  updatedBy: string | null;
};
export type KillSwitch = {
  engaged: boolean;
  reason: string | null;
  updatedAtMs: number | null;
  updatedBy: string | null;
};
/** Modes of rules, aggregates and servers, and the share of alarms that is left without action in recommend. */
export type ModeSettings = {
  rules: readonly ModeRule[];
  /** 0–1. */
  controlShare: number;
  updatedAtMs: number | null;
  updatedBy: string | null;
};
/** Whose VNFs are whose. */
export type OwnerSettings = {
  owners: readonly Ownership[];
  updatedAtMs: number | null;
  updatedBy: string | null;
};
/** All that people have said about what may be done by itself. */
export type Controls = { settings: Settings; modes: ModeSettings; owners: OwnerSettings };
/** The decision that stands for a host now; at most one a host. */
export type Standing = { decisionId: string };
/** A server, host or link with the operations that have a place of it now, the first one first. */
export type Reservation = { operationIds: readonly string[] };
/** As it was written before a host could have more than one slot: an operation that was under way then has it still. */
type SoleReservation = { operationId: string };
/** Until when a server rests after a move, or a host after an operation. */
export type Rest = { untilMs: number; why: string };

/** Keeps, once and all together, what was decided from what was read since the round began. */
export type Round = {
  /** Throws VersionConflict when another round was kept meanwhile: then nothing of this one is. */
  commit(writes: readonly Write[]): Promise<void>;
};

type Page<T> = { items: Stored<T>[]; nextCursor: string | null };
export type PageQuery = { limit: number; cursor?: string | undefined };

/** Migration's documents in Records, each kind with its keys. */
export type Ledger = {
  decision(id: string): Promise<Stored<Decision> | undefined>;
  decisions(
    where: { state?: DecisionState; hostId?: HostId; owner?: string },
    page: PageQuery,
  ): Promise<Page<Decision>>;
  /** The decisions that stand, of every host. */
  standing(): Promise<{ hostId: HostId; slot: Stored<Standing>; decision: Stored<Decision> }[]>;
  standingOf(hostId: HostId): Promise<Stored<Standing> | undefined>;
  operation(id: string): Promise<Stored<Operation> | undefined>;
  operations(
    where: { state?: OperationState; serverId?: ServerId },
    page: PageQuery,
  ): Promise<Page<Operation>>;
  /** Operations that have not ended. */
  live(): Promise<Stored<Operation>[]>;
  reservation(key: string): Promise<Stored<Reservation> | undefined>;
  rest(key: string): Promise<Stored<Rest> | undefined>;
  settings(): Promise<Settings>;
  killSwitch(): Promise<KillSwitch>;
  controls(): Promise<Controls>;
  guard: GuardLedger;
  /** Begins a round of deciding: of two deciders at the same time one is refused. */
  round(): Promise<Round>;
  records: Records;
};

const most = 1_000;

/** In force until somebody changes them; the guardrails are safe where nothing is said. */
export type InitialControls = {
  mode: Mode;
  policy: string;
  guardrails?: GuardrailLimits;
  controlShare?: number;
};

const placesIn = (held: Reservation | SoleReservation): Reservation =>
  'operationIds' in held ? held : { operationIds: [held.operationId] };

export function createLedger(plain: Records, initial: InitialControls): Ledger {
  const records = chainedRecords(plain);
  const everything = async <T extends object>(kind: string, where: Record<string, string>) => {
    const items: Stored<T>[] = [];
    let cursor: string | undefined;
    do {
      const page = await records.list<T>(kind, { where, order: 'oldest', limit: most, cursor });
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    return items;
  };
  const settings = async () =>
    (await records.get<Settings>('control', 'settings'))?.value ?? {
      mode: initial.mode,
      policy: initial.policy,
      updatedAtMs: null,
      updatedBy: null,
    };
  const killSwitch = async () =>
    (await records.get<KillSwitch>('control', 'kill-switch'))?.value ?? {
      engaged: false,
      reason: null,
      updatedAtMs: null,
      updatedBy: null,
    };
  return {
    records,
    guard: createGuardLedger(records, initial.guardrails ?? safeLimits, killSwitch),
    killSwitch,
    decision: (id) => records.get<Decision>('decision', id),
    decisions: ({ owner, ...where }, page) =>
      records.list<Decision>('decision', {
        where: { ...where, ...(owner === undefined ? {} : { [ownerKey(owner)]: 'yes' }) },
        ...page,
      }),
    standing: async () => {
      const slots = await everything<Standing>('standing', {});
      const found = await Promise.all(
        slots.map(async (slot) => ({
          hostId: slot.id,
          slot,
          decision: await records.get<Decision>('decision', slot.value.decisionId),
        })),
      );
      return found.flatMap(({ decision, ...rest }) =>
        decision === undefined ? [] : [{ ...rest, decision }],
      );
    },
    standingOf: (hostId) => records.get<Standing>('standing', hostId),
    operation: (id) => records.get<Operation>('operation', id),
    operations: (where, page) =>
      records.list<Operation>('operation', { where: { ...where }, ...page }),
    live: () => everything<Operation>('operation', { live: 'yes' }),
    reservation: async (key) => {
      const held = await records.get<Reservation | SoleReservation>('reservation', key);
      return held === undefined ? undefined : { ...held, value: placesIn(held.value) };
    },
    rest: (key) => records.get<Rest>('rest', key),
    settings,
    controls: async () => {
      const nobody = { updatedAtMs: null, updatedBy: null };
      const [inForce, modes, owners] = await Promise.all([
        settings(),
        records.get<ModeSettings>('control', 'modes'),
        records.get<OwnerSettings>('control', 'owners'),
      ]);
      return {
        settings: inForce,
        modes: modes?.value ?? { rules: [], controlShare: initial.controlShare ?? 0, ...nobody },
        owners: owners?.value ?? { owners: [], ...nobody },
      };
    },
    round: async () => {
      const expected = (await records.get('control', 'round'))?.version ?? 'absent';
      return {
        commit: (writes) =>
          records.commit([...writes, { kind: 'control', id: 'round', expected, value: {} }]),
      };
    },
  };
}

/** A decision is found by each of its owners. */
const ownerKey = (subject: string) => `owner:${subject}`;

export function decisionWrite(decision: Decision, expected: Write['expected']): Write {
  const { id, state, hostId, owners } = decision;
  return {
    kind: 'decision',
    id,
    expected,
    value: decision,
    keys: {
      state,
      hostId,
      open: isOpen(state) ? 'yes' : 'no',
      ...Object.fromEntries(owners.map((subject) => [ownerKey(subject), 'yes'])),
    },
  };
}

export function operationWrite(operation: Operation, expected: Write['expected']): Write {
  const { id, state, serverId, decisionId } = operation;
  return {
    kind: 'operation',
    id,
    expected,
    value: operation,
    keys: { state, serverId, decisionId, live: isTerminal(state) ? 'no' : 'yes' },
  };
}

export function standingWrite(
  hostId: HostId,
  decisionId: string | null,
  expected: Write['expected'],
): Write {
  const value: Standing | null = decisionId === null ? null : { decisionId };
  return { kind: 'standing', id: hostId, expected, value };
}
