import {
  type Chain,
  type FleetView,
  type HostId,
  type ServerId,
  usualCriticality,
} from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import type { Stored, Write } from '@sidestep/service-kit';
import type { Decision, Mode } from '../../domain/decision.ts';
import { consult, type GuardFacts, inWords, objections } from '../../domain/guardrails/consult.ts';
import { hostsInMaintenance, hostsWithoutBudget } from '../../domain/guardrails/left-alone.ts';
import type { Move } from '../../domain/guardrails/moves.ts';
import {
  failedOnce,
  type Leaver,
  type LeavingLimits,
  nextToLeave,
} from '../../domain/hosts/leaving.ts';
import type { MoveRules } from '../../domain/movability.ts';
import type { HostWork, Operation, OperationKind } from '../../domain/operation.ts';
import { type Slots, withMoves } from '../../domain/traffic.ts';
import { paramsInForce } from '../change-controls.ts';
import { heldBackBy, planQuestion } from '../consult-guardrails.ts';
import { type DecideOptions, decide, type Wanted } from '../decide.ts';
import { gather, hotHosts, type Sources } from '../gather.ts';
import type { HeldBack } from '../guard-ledger.ts';
import { leftAlone, withMode } from '../judge-decision.ts';
import { decisionWrite, type Ledger } from '../ledger.ts';
import { placedMoves } from '../occupancy.ts';
import { startOperation } from '../start-operation.ts';
import { hostLedger } from './host-ledger.ts';

export type PlacingLimits = {
  triggerMetrics: ReadonlySet<string>;
  rules: MoveRules;
  maxInventoryAgeMs: number;
  slots: Slots;
  leaving: LeavingLimits;
};

export type PlacingOptions = Sources & { ledger: Ledger; limits: PlacingLimits };

/** A host that is being emptied, and how. */
export type Emptying = {
  work: HostWork;
  kind: OperationKind;
  hostId: HostId;
  policy: Policy;
  /** Whose word each decision stands on. */
  by: string;
  reason: string;
  /** Most of its servers on their way at a time. */
  maxConcurrentMoves: number;
  /** Keep members of one chain from being on their way together? */
  apart: boolean;
  leavers: readonly Leaver[];
};

/** What is to be written with the list, and who is to be told once it is. */
export type Placed = {
  leavers: Leaver[];
  writes: Write[];
  started: Operation[];
  decided: Decision[];
  /** Why nobody was sent on its way although somebody waits; null where that is not so. */
  heldBack: string | null;
  /** What guardrails held back, to be noted once the rest is written. */
  refusals: HeldBack[];
};

/**
 * Sends the next servers on their way: each by a decision of its own, made like any other, that becomes an operation at
 * once. A server without a destination waits; when nothing else moves, that counts as a try.
 */
export async function placeNext(emptying: Emptying, options: PlacingOptions): Promise<Placed> {
  const { ledger, limits, now } = options;
  const { leavers, hostId } = emptying;
  const none = (heldBack: string | null): Placed => ({
    leavers: [...leavers],
    writes: [],
    started: [],
    decided: [],
    heldBack,
    refusals: [],
  });
  if (!leavers.some(({ state }) => state === 'waiting')) return none(null);
  const [live, standing, held, facts] = await Promise.all([
    ledger.live(),
    ledger.standing(),
    hostLedger(ledger.records).held(),
    ledger.guard.facts(now()),
  ]);
  const { killSwitch } = facts;
  if (killSwitch.engaged) return none(`the kill switch is engaged: ${killSwitch.reason}`);
  const moving = leavers.filter(({ state }) => state === 'moving').length;
  const room = Math.min(
    emptying.maxConcurrentMoves - moving,
    facts.limits.concurrentMoves - live.length,
  );
  if (room <= 0) {
    return none(moving > 0 ? null : `${live.length} moves are under way, which is the limit`);
  }
  const [situation, alarms] = await Promise.all([
    gather(options),
    options.telemetry.raisedAlarms(),
  ]);
  const { view } = situation;
  const here = new Set(
    view.servers.flatMap((server) => (server.hostId === hostId ? [server.id] : [])),
  );
  const chosen = nextToLeave(
    leavers.filter(({ serverId, state }) => state !== 'waiting' || here.has(serverId)),
    {
      room,
      apart: emptying.apart,
      chains: view.chains,
      busyChainIds: new Set(live.flatMap(({ value }) => value.chains.map((each) => each.chainId))),
      criticality,
      atMs: now(),
    },
  );
  if (chosen.length === 0) {
    return none(moving > 0 ? null : 'the servers that wait have to wait longer');
  }
  const occupied = hostsWithoutBudget(facts);
  const deciding: Omit<DecideOptions, 'traffic' | 'situation' | 'occupied'> = {
    ...options,
    alarmed: new Set(hotHosts(alarms, limits.triggerMetrics).keys()),
    kept: new Map([...held, ...hostsInMaintenance(facts, hostsOf(view))]),
    rules: limits.rules,
    resting: new Map(),
    maxInventoryAgeMs: limits.maxInventoryAgeMs,
  };
  const placed = placedMoves(
    live,
    standing.map(({ decision }) => decision),
  );
  const controls = await ledger.controls();
  const { mode } = controls.settings;
  const params = paramsInForce(controls.settings, emptying.policy);
  const answers = new Map<ServerId, Decision>();
  for (const leaver of chosen) {
    const avoided = new Map(occupied);
    if (leaver.avoid !== null) {
      avoided.set(leaver.avoid, `the last try of ${leaver.name} there failed`);
    }
    const now = { ...situation, view: withMoves(view, placed) };
    const [decision] = await decide([{ ...wantedBy(emptying, leaver, mode), params }], {
      ...deciding,
      situation: now,
      occupied: avoided,
      traffic: { slots: limits.slots, moves: placed },
    });
    if (decision === undefined) continue;
    const known = { controls, view: now.view, recommendOnly: null };
    answers.set(leaver.serverId, withMode(decision, known));
    const { destinationHostId: to, crosses = [] } = decision;
    if (to === null) continue;
    const words = `${leaver.name} is to move from ${hostId} to ${to}`;
    const { serverId } = leaver;
    placed.push({ serverId, from: hostId, to, crosses, takesSource: false, claimed: false, words });
  }
  return drafted(emptying, answers, { live, facts, atMs: now(), limits });
}

const hostsOf = (view: FleetView): HostId[] => view.hosts.map(({ id }) => id);

function wantedBy(
  { hostId, policy, kind, work, by }: Emptying,
  leaver: Leaver,
  mode: Mode,
): Wanted {
  return {
    hostId,
    serverId: leaver.serverId,
    policy,
    mode,
    seed: null,
    how: kind,
    mustLeave: true,
    trigger: {
      kind: work.kind === 'host-drain' ? 'host-drain' : 'host-down',
      alarmIds: [],
      ruleIds: [],
      requestedBy: by,
      raisedAtMs: null,
    },
  };
}

/** How much a chain matters; a server that is in none comes last. */
const criticality = ({ promise }: Chain): number => promise?.criticality ?? usualCriticality;

type Drafting = {
  live: readonly Stored<Operation>[];
  facts: GuardFacts;
  atMs: number;
  limits: PlacingLimits;
};

function drafted(
  { leavers, work, kind, by, reason }: Emptying,
  decisions: ReadonlyMap<ServerId, Decision>,
  { live, facts, atMs, limits }: Drafting,
): Placed {
  const placed: Placed = {
    leavers: [],
    writes: [],
    started: [],
    decided: [],
    heldBack: null,
    refusals: [],
  };
  const begun: Move[] = [];
  const purpose = kind === 'evacuate' ? ('evacuate' as const) : ('drain' as const);
  const kept = (decision: Decision) => {
    placed.writes.push(decisionWrite(decision, 'absent'));
    placed.decided.push(decision);
  };
  placed.leavers = leavers.map((leaver): Leaver => {
    const made = decisions.get(leaver.serverId);
    if (made === undefined) return leaver;
    const asked = planQuestion(made, by);
    if (made.state === 'proposed' && asked !== null) {
      const question = { ...asked, purpose };
      const guardrails = consult(question, { ...facts, moves: [...facts.moves, ...begun] });
      const decision = { ...made, guardrails };
      if (objections(guardrails).length > 0) {
        placed.refusals.push(...heldBackBy(question, guardrails, atMs));
        const first = leaver.why?.startsWith(heldBackWord) !== true;
        if (first) kept(leftAlone(decision, 'held-back', inWords(objections(guardrails))));
        const why = `${heldBackWord} ${inWords(objections(guardrails))}`;
        return { ...leaver, why, decisionId: first ? decision.id : leaver.decisionId };
      }
      const started = startOperation(decision, 'absent', { atMs, by, reason }, { kind, work });
      begun.push(started.move);
      placed.writes.push(...started.writes);
      placed.started.push(started.operation);
      placed.decided.push(started.decision);
      return {
        ...leaver,
        state: 'moving',
        why: null,
        decisionId: decision.id,
        operationId: started.operation.id,
        to: decision.destinationHostId,
      };
    }
    const why = stayInWords(made);
    // The same answer again is not written again.
    if (leaver.why !== why) kept(made);
    const decisionId = leaver.why === why ? leaver.decisionId : made.id;
    const again = { ...leaver, why, decisionId, avoid: null };
    // A host may be free once another move is over, or its budget has come back: only otherwise has the look failed.
    const mayChange =
      live.length + begun.length > 0 ||
      made.stayReason === 'inventory-stale' ||
      made.rejected.some(
        ({ why }) => why === 'reserved' || why === 'host-slots' || why === 'link-slots',
      );
    return mayChange ? again : failedOnce(again, why, { limits: limits.leaving, atMs });
  });
  return placed;
}

const heldBackWord = 'held back:';

function stayInWords({ stayReason, rejected, victims }: Decision): string {
  const [victim] = victims;
  const counts = new Map<string, number>();
  for (const { why } of rejected) counts.set(why, (counts.get(why) ?? 0) + 1);
  const hosts = [...counts].map(([why, count]) => `${count} ${why}`).join(', ');
  const said = victim === undefined ? '' : ` (${victim.why})`;
  return `no destination: ${stayReason}${said}${hosts === '' ? '' : `; hosts: ${hosts}`}`;
}
