import type { migration } from '@sidestep/contracts';

type Decision = migration.components['schemas']['Decision'];
type Operation = migration.components['schemas']['Operation'];
type ChainQuality = { requestsPerSecond: number | null; responseTimeMs: number | null };

/** What `demo --until-moved` prints as its last line. */
export type Summary = {
  alarm: string | null;
  vnf: string;
  from: string;
  to: string;
  policy: string;
  modelVersion: string | null;
  operation: string;
  durationMs: number | null;
  chain: { before: ChainQuality; during: ChainQuality; after: ChainQuality };
};

const unknownQuality: ChainQuality = { requestsPerSecond: null, responseTimeMs: null };

/** A handled hot host in one object. A VNF of several chains is told by the first of them. */
export function summaryOf(decision: Decision, operation: Operation): Summary {
  const chain = operation.chains[0];
  return {
    alarm: decision.trigger.alarmIds[0] ?? null,
    vnf: operation.serverName,
    from: operation.sourceHostId,
    to: operation.destinationHostId,
    policy: decision.policy,
    modelVersion: decision.modelVersion,
    operation: operation.id,
    durationMs: operation.durationMs,
    chain: {
      before: chain?.before ?? unknownQuality,
      during: chain?.during ?? unknownQuality,
      after: chain?.after ?? unknownQuality,
    },
  };
}
