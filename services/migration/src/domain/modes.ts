import { createHash } from 'node:crypto';
import type { HostId, ServerId } from '@sidestep/fleet';

/** What may become of a plan: shown only, carried out once somebody approves, or carried out at once. */
export const modes = ['recommend', 'approve', 'auto'] as const;
export type Mode = (typeof modes)[number];

/** Who may approve: whoever has the role or a higher one (null: nobody by a role), and whoever is named. */
export type Approvers = { role: 'operator' | 'admin' | null; subjects: readonly string[] };

/** What a mode is set for; the later the more specific. */
export const modeScopes = ['rule', 'aggregate', 'server'] as const;
export type ModeScope = (typeof modeScopes)[number];

/** A mode for the alarms of a rule, for moves from or to hosts of an aggregate, or for one VNF's server. */
export type ModeRule = {
  scope: ModeScope;
  /** The rule's id, the aggregate's name, the server's id. */
  id: string;
  mode: Mode;
  /** Null: any operator. */
  approvers: Approvers | null;
};

/** Where a decision's mode comes from; `alarm`: its rule in Monitoring may only recommend. */
export type ModeSource = { scope: ModeScope | 'default' | 'alarm'; id: string | null };

export type EffectiveMode = { mode: Mode; modeFrom: ModeSource; approvers: Approvers };

/** What modes are set for: rules of the alarms, aggregates of both hosts, the server. */
export type ModeSubject = {
  ruleIds: readonly string[];
  aggregates: readonly string[];
  serverId: ServerId | null;
};

export const anyOperator: Approvers = { role: 'operator', subjects: [] };

/** The mode in force for a move: the most specific that is set; of several as specific the most careful. */
export function effectiveMode(
  standard: Mode,
  rules: readonly ModeRule[],
  { ruleIds, aggregates, serverId }: ModeSubject,
): EffectiveMode {
  const concerned: Record<ModeScope, (id: string) => boolean> = {
    rule: (id) => ruleIds.includes(id),
    aggregate: (id) => aggregates.includes(id),
    server: (id) => id === serverId,
  };
  const [first] = rules
    .filter(({ scope, id }) => concerned[scope](id))
    .toSorted(
      (a, b) =>
        modeScopes.indexOf(b.scope) - modeScopes.indexOf(a.scope) ||
        modes.indexOf(a.mode) - modes.indexOf(b.mode) ||
        width(a.approvers) - width(b.approvers),
    );
  return first === undefined
    ? { mode: standard, modeFrom: { scope: 'default', id: null }, approvers: anyOperator }
    : {
        mode: first.mode,
        modeFrom: { scope: first.scope, id: first.id },
        approvers: first.approvers ?? anyOperator,
      };
}

/** How many may approve, roughly: named ones only, admins, operators. */
function width(approvers: Approvers | null): number {
  return approvers === null ? 2 : { none: 0, admin: 1, operator: 2 }[approvers.role ?? 'none'];
}

/** Every mode that a plan for one of the servers could come to have. */
export function possibleModes(
  standard: Mode,
  rules: readonly ModeRule[],
  subject: Omit<ModeSubject, 'serverId'>,
  serverIds: readonly ServerId[],
): Set<Mode> {
  return new Set(
    [null, ...serverIds].map(
      (serverId) => effectiveMode(standard, rules, { ...subject, serverId }).mode,
    ),
  );
}

/** A subject (token's name) that some VNFs belong to. */
export type Ownership = {
  subject: string;
  serverIds: readonly ServerId[];
  /** Servers that bear one of these tags. */
  tags: readonly string[];
  /** Servers of these projects of Keystone; absent in settings of before there were any. */
  projectIds?: readonly string[];
};

/** What is known of a server that tells whose it is. */
export type OwnedServer = {
  id: ServerId;
  tags: readonly string[];
  projectId?: string | undefined;
};

/** The subjects that a server belongs to. */
export function ownersOf(server: OwnedServer, owners: readonly Ownership[]): string[] {
  const own = owners.filter(
    ({ serverIds, tags, projectIds = [] }) =>
      serverIds.includes(server.id) ||
      server.tags.some((tag) => tags.includes(tag)) ||
      (server.projectId !== undefined && projectIds.includes(server.projectId)),
  );
  return [...new Set(own.map(({ subject }) => subject))];
}

/**
 * Is an alarm of the share that is left without action, so that what was foreseen can be held against what came? By its
 * id alone: the same alarm is always in or always out.
 */
export function inControlGroup(alarmId: string, share: number): boolean {
  const lot = createHash('sha256').update(`control:${alarmId}`).digest().readUInt32BE();
  return lot / 2 ** 32 < share;
}

/** The aggregates of the hosts that a move touches. */
export function aggregatesOf(
  hosts: readonly { id: HostId; aggregates: readonly string[] }[],
  hostIds: readonly (HostId | null)[],
): string[] {
  return [
    ...new Set(hosts.filter(({ id }) => hostIds.includes(id)).flatMap((host) => host.aggregates)),
  ];
}
