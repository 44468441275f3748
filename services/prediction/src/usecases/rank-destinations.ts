import { cpuSharePercent, type FleetView, freezeView, type Known } from '@sidestep/fleet';
import {
  type DestinationPlan,
  type Policy,
  possibleDestinations,
  type Rejection,
} from '@sidestep/policies';
import { type Clock, NotFound, ProblemError } from '@sidestep/service-kit';
import type { Telemetry } from '../ports/telemetry.ts';
import type { ClassDesk } from './class-desk.ts';
import type { LoadedRisk, RiskContext, RiskReader } from './read-risks.ts';

export type DestinationWish = {
  serverId: string;
  /** Every host when not given. */
  candidates?: readonly string[] | undefined;
  policy: string;
  seed: number;
};

/** What a policy would do with a server, and what it saw. */
export type DestinationAnswer = RiskContext & {
  policy: string;
  plan: DestinationPlan;
  /** Left out by the constraints or by the policy. */
  rejected: readonly Rejection[];
  pairs: ReadonlyMap<string, LoadedRisk>;
  cpuPercent: ReadonlyMap<string, Known<number>>;
};

/** Answers the paper's question, by the same constraints and policy code that Migration decides with. */
export async function rankDestinations(
  deps: {
    clock: Clock;
    telemetry: Telemetry;
    risks: RiskReader;
    classes: Pick<ClassDesk, 'read'>;
    policyNamed: (name: string) => Policy | undefined;
  },
  wish: DestinationWish,
): Promise<DestinationAnswer> {
  const policy = deps.policyNamed(wish.policy);
  if (policy === undefined)
    throw new ProblemError('UNPROCESSABLE', `There is no policy ${wish.policy}`, {
      errors: [{ pointer: '/body/policy', detail: 'is no policy of this installation' }],
    });
  const bare = await readView(deps);
  const server = bare.servers.find(({ id }) => id === wish.serverId);
  if (server === undefined) throw new NotFound('server', wish.serverId);

  const sieve = possibleDestinations(bare, wish.serverId, wish.candidates);
  const hosts = new Map(bare.hosts.map((host) => [host.id, host]));
  const shares = sieve.candidates.flatMap((hostId) => {
    const host = hosts.get(hostId);
    const share = host === undefined ? 'unknown' : cpuSharePercent(server, host);
    // A server of unknown load would be scored as if it had none.
    return share === 'unknown' ? [] : [{ hostId, serverId: server.id, addedCpuPercent: share }];
  });
  const { risks, ...context } = deps.risks.pairRisks(shares);
  const pairs = new Map(risks.map((risk) => [risk.hostId, risk]));
  const classes = policy.asksClasses === true ? deps.classes.read() : undefined;
  const { modelVersion } = classes ?? context;
  const view = freezeView({
    ...bare,
    ...(classes === undefined ? {} : { hostClasses: classes.classes }),
    modelVersion,
    pairRisks: sieve.candidates.map((hostId) => pairOf(server.id, hostId, pairs.get(hostId))),
  });
  const plan = policy.plan(view, {
    serverId: server.id,
    candidates: sieve.candidates,
    seed: wish.seed,
  });
  return {
    ...context,
    modelVersion,
    policy: policy.name,
    plan,
    rejected: [...sieve.rejected, ...plan.rejected],
    pairs,
    cpuPercent: new Map(bare.hosts.map(({ id, cpuPercent }) => [id, cpuPercent])),
  };
}

const pairOf = (serverId: string, hostId: string, scored: LoadedRisk | undefined) => ({
  serverId,
  hostId,
  risk: scored?.risk ?? ('unknown' as const),
  predictedMaxCpuPercent: scored?.predictedMaxCpuPercent ?? ('unknown' as const),
  reasons: scored
    ? [
        ...(scored.unknown ? [scored.unknown.words] : []),
        ...scored.reasons.map(({ words }) => words),
      ]
    : ["the server's own CPU is not known"],
});

async function readView(deps: {
  clock: Clock;
  telemetry: Telemetry;
  risks: RiskReader;
}): Promise<FleetView> {
  const [inventory, hostCpu, serverCpu] = await Promise.all([
    deps.telemetry.readInventory(),
    deps.telemetry.readLatest('host.cpuPercent'),
    deps.telemetry.readLatest('server.cpuPercent'),
  ]);
  const { risks, modelVersion } = deps.risks.hostRisks();
  const riskOf = new Map(risks.map(({ hostId, risk }) => [hostId, risk]));
  return {
    atMs: deps.clock.now(),
    hosts: inventory.hosts.map((host) => ({
      ...host,
      cpuPercent: hostCpu.get(host.id) ?? 'unknown',
      risk: riskOf.get(host.id) ?? 'unknown',
    })),
    servers: inventory.servers.map((server) => ({
      ...server,
      cpuPercent: serverCpu.get(server.id) ?? 'unknown',
    })),
    serverGroups: inventory.serverGroups,
    chains: inventory.chains,
    links: [],
    pairRisks: [],
    modelVersion,
  };
}
