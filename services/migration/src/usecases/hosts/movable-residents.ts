import type { HostId } from '@sidestep/fleet';
import { objectionTo, type Resident } from '../../domain/hosts/leaving.ts';
import { type MoveRules, obstaclesOf } from '../../domain/movability.ts';
import type { Telemetry } from '../../ports/telemetry.ts';

/** Why a server of the host cannot leave alive, by Nova's word now and by what the inventory knows of it. */
export async function liveObjections(
  hostId: HostId,
  { telemetry, rules }: { telemetry: Telemetry; rules: MoveRules },
): Promise<(resident: Resident) => string | null> {
  const { servers } = await telemetry.inventory();
  const known = new Map(
    servers.flatMap((server) => (server.hostId === hostId ? [[server.id, server] as const] : [])),
  );
  const byState = objectionTo('live-migration', { localDisksMayBeRebuilt: false });
  return (resident) => {
    const server = known.get(resident.id);
    // Nova has just told the state; the inventory's is as old as its last reading.
    const obstacles =
      server === undefined
        ? []
        : obstaclesOf({ ...server, cpuPercent: 'unknown' }, rules).filter(
            ({ name }) => name !== 'state' && name !== 'task',
          );
    const tied = obstacles.map(({ detail }) => detail).join('; ');
    return byState(resident) ?? (tied === '' ? null : tied);
  };
}
