import { type HostId, hostOf, type ServerId, serverOf } from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';
import { Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import type { Decision } from '../domain/decision.ts';
import {
  hostsInMaintenance,
  hostsWithoutBudget,
  restingServers,
} from '../domain/guardrails/left-alone.ts';
import { fullHosts, withMoves } from '../domain/traffic.ts';
import type { Meters } from '../ports/meters.ts';
import { paramsInForce } from './change-controls.ts';
import { decide } from './decide.ts';
import { gather, hotHosts, type Sources } from './gather.ts';
import { hostLedger } from './hosts/host-ledger.ts';
import { inRound } from './in-round.ts';
import { withMode, withVerdicts } from './judge-decision.ts';
import { decisionWrite, type Ledger, type Round, standingWrite } from './ledger.ts';
import { placedMoves } from './occupancy.ts';
import type { ReconcileLimits } from './reconcile.ts';

export type MakeDecisionOptions = Sources & {
  ledger: Ledger;
  meters: Meters;
  limits: ReconcileLimits;
};

export type DecisionRequest = {
  hostId: HostId;
  serverId: ServerId | null;
  policy: Policy;
  seed: number | null;
  by: string;
};

/** Decides for a host because somebody asks; whatever the mode, the result is only proposed. */
export async function makeDecision(
  options: MakeDecisionOptions,
  request: DecisionRequest,
): Promise<Decision> {
  const decision = await inRound(options.ledger, (round) => decideIn(round, options, request));
  options.meters.decided(decision.state);
  return decision;
}

async function decideIn(
  round: Round,
  options: MakeDecisionOptions,
  request: DecisionRequest,
): Promise<Decision> {
  const { ledger, telemetry, limits } = options;
  const { hostId, serverId, policy, seed, by } = request;
  const [alarms, standing, live, controls, facts] = await Promise.all([
    telemetry.raisedAlarms(),
    ledger.standing(),
    ledger.live(),
    ledger.controls(),
    ledger.guard.facts(options.now()),
  ]);
  const placed = placedMoves(
    live,
    standing.map(({ decision }) => decision),
  );
  const read = await gather(options, [...new Set([hostId, ...placed.map(({ from }) => from)])]);
  const situation = { ...read, view: withMoves(read.view, placed) };
  if (hostOf(situation.view, hostId) === undefined) throw new NotFound('host', hostId);
  const server = serverOf(situation.view, serverId ?? '');
  if (serverId !== null && server?.hostId !== hostId) {
    const detail = `Server ${serverId} is not on ${hostId}`;
    throw new ProblemError('UNPROCESSABLE', detail, {
      errors: [{ pointer: '/body/serverId', detail }],
    });
  }
  const traffic = { slots: limits.slots, moves: placed };
  const held = await hostLedger(ledger.records).held();
  const why = held.get(hostId) ?? fullHosts(traffic).get(hostId);
  if (why !== undefined) throw new Conflict(`${hostId} is taken: ${why}`);
  const proposal = standing.find((each) => each.hostId === hostId)?.decision.value;
  if (proposal?.state === 'proposed' || proposal?.state === 'approved') {
    throw new Conflict(`Decision ${proposal.id} stands for ${hostId}: it is ${proposal.state}`);
  }
  const [plain] = await decide(
    [
      {
        hostId,
        serverId,
        policy,
        params: paramsInForce(controls.settings, policy),
        seed,
        mode: controls.settings.mode,
        trigger: { kind: 'manual', alarmIds: [], ruleIds: [], requestedBy: by, raisedAtMs: null },
      },
    ],
    {
      ...options,
      situation,
      occupied: new Map([...hostsWithoutBudget(facts), ...held]),
      resting: restingServers(facts),
      alarmed: new Set(hotHosts(alarms, limits.triggerMetrics).keys()),
      kept: hostsInMaintenance(
        facts,
        situation.view.hosts.map(({ id }) => id),
      ),
      rules: limits.rules,
      maxInventoryAgeMs: limits.maxInventoryAgeMs,
      traffic,
    },
  );
  if (plain === undefined) throw new Error('no decision was made');
  const view = situation.view;
  const decision = withVerdicts(withMode(plain, { controls, view, recommendOnly: null }), facts);
  const slot = standing.find((each) => each.hostId === hostId)?.slot.version ?? 'absent';
  const proposed = decision.state === 'proposed';
  await round.commit([
    decisionWrite(decision, 'absent'),
    ...(proposed ? [standingWrite(hostId, decision.id, slot)] : []),
  ]);
  return decision;
}
