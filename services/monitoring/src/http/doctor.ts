import type { monitoring } from '@sidestep/contracts';
import type { Clock, Handlers } from '@sidestep/service-kit';
import {
  type Examined,
  examineAgents,
  onlyTelemetry,
  onlyVim,
} from '../usecases/examine-agents.ts';
import { timestamp } from './times.ts';

type Operation = 'getDoctor' | 'getReconciliation';

export function doctorHandlers(
  parts: Examined & { readonly clock: Clock },
): Pick<Handlers<monitoring.operations>, Operation> {
  const { inventory, links, clock } = parts;
  return {
    getDoctor: () => {
      const { hosts, servers } = inventory();
      const findings = examineAgents(parts, clock.now()).map((finding) => ({ ...finding }));
      return { status: 200, body: { hosts: hosts.length, servers: servers.length, findings } };
    },
    getReconciliation: () => {
      const nowMs = clock.now();
      const nodes = new Set(inventory().hosts.map(({ id }) => id));
      return {
        status: 200,
        body: {
          onlyVim: onlyVim(parts, nowMs),
          onlyTelemetry: onlyTelemetry(parts, nowMs).map(({ newestMs, ...rest }) => ({
            ...rest,
            newest: timestamp(newestMs),
          })),
          linksToUnknownNodes: links
            .filter(({ node1Id, node2Id }) => !nodes.has(node1Id) || !nodes.has(node2Id))
            .map(({ id }) => id),
        },
      };
    },
  };
}
