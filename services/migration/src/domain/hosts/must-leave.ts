import { type FleetView, freezeView, serverOf } from '@sidestep/fleet';
import type { Policy } from '@sidestep/policies';

/**
 * A policy asked about a host that has to be emptied: how busy the source is plays no part, so that no destination is
 * refused because the move would not help it. A host that the policy refuses for another reason stays none.
 */
export function mustLeave(policy: Policy): Policy {
  return {
    ...policy,
    plan: (view, question) => policy.plan(withoutSourceLoad(view, question.serverId), question),
  };
}

function withoutSourceLoad(view: FleetView, serverId: string): FleetView {
  const source = serverOf(view, serverId)?.hostId;
  return freezeView({
    ...view,
    hosts: view.hosts.map((host) =>
      host.id === source ? { ...host, cpuPercent: 'unknown' as const } : host,
    ),
  });
}
