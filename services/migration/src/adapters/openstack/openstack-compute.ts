import {
  claimedDiskGiB,
  type MigrationRecord,
  type OpenStack,
  OpenStackError,
  type Server,
} from '@sidestep/openstack';
import { NotFound } from '@sidestep/service-kit';
import type { MoveRecord } from '../../domain/own-move.ts';
import type { CloudServer, Compute, MoveRequest } from '../../ports/compute.ts';
import { providerDirectory, readLacking } from './placement-room.ts';
import { translated } from './translated.ts';

type Clients = Pick<OpenStack, 'nova' | 'placement' | 'neutron'>;

/** The cloud's computes through Nova, Placement and Neutron. */
export function openstackCompute(clients: Clients): Compute {
  const { nova, placement, neutron } = clients;
  const providers = providerDirectory(clients);
  const requestsOf = async (serverId: string, wanted: 'live-migration' | 'evacuate') =>
    (await translated(nova.listInstanceActions(serverId)))
      .filter(({ action }) => action === wanted)
      .map(({ requestId }) => requestId);
  return {
    readServer: async (serverId) => {
      try {
        return readServer(await nova.showServer(serverId));
      } catch (error) {
        if (error instanceof OpenStackError && error.kind === 'not-found') {
          throw new NotFound('server', serverId);
        }
        return translated(Promise.reject(error));
      }
    },

    readGroups: async ({ id: serverId, groupIds }) => {
      if (groupIds.length === 0) return [];
      const groups = (await translated(nova.listServerGroups())).filter(({ id }) =>
        groupIds.includes(id),
      );
      // Nova lists a member until it is deleted: one that has gone between the two calls is nowhere in the way.
      const placed = async (id: string) => {
        try {
          const { name, host } = await nova.showServer(id);
          return [{ serverId: id, name, hostId: host }];
        } catch (error) {
          if (error instanceof OpenStackError && error.kind === 'not-found') return [];
          return translated(Promise.reject(error));
        }
      };
      return Promise.all(
        groups.map(async ({ policy, memberIds }) => {
          const others = memberIds.filter((id) => id !== serverId);
          return { policy, members: (await Promise.all(others.map(placed))).flat() };
        }),
      );
    },

    readReception: (hostId, server, before) =>
      translated(
        (async () => {
          const [services, lacking] = await Promise.all([
            nova.listComputeServices({ host: hostId, binary: 'nova-compute' }),
            readLacking(placement, await providers.of(hostId), server, before),
          ]);
          const [service] = services;
          return {
            state: service?.state ?? 'missing',
            status: service?.status ?? 'disabled',
            lacking,
          };
        })(),
      ),

    listMoveRequests: (serverId) => requestsOf(serverId, 'live-migration'),

    listMoves: async (serverId) => {
      const [history, running] = await translated(
        Promise.all([
          nova.listMigrations({ serverId, type: 'live-migration', limit: 20 }),
          nova.listServerMigrations(serverId),
        ]),
      );
      const counted = new Map(running.map((record) => [record.id, record]));
      // The history may lag behind: a record is listed there as long as the other list has it too.
      return history.map((record) => readMove({ ...record, ...bytesOf(counted.get(record.id)) }));
    },

    readEvents: async (serverId, requestId) => {
      try {
        return (await nova.showInstanceAction(serverId, requestId)).events;
      } catch (error) {
        if (error instanceof OpenStackError && error.kind === 'not-found') return 'unknown';
        return translated(Promise.reject(error));
      }
    },

    requestMove: async (serverId, to, timeoutMs) => {
      try {
        const { requestId } = await nova.liveMigrate(serverId, { host: to }, { timeoutMs });
        return { kind: 'accepted', requestId };
      } catch (error) {
        return refusal(error);
      }
    },

    abortMove: (serverId, migrationId) =>
      unlessTooLate(nova.abortServerMigration(serverId, migrationId)),

    forceMove: (serverId, migrationId) =>
      unlessTooLate(nova.forceCompleteServerMigration(serverId, migrationId)),

    portHosts: async (serverId) =>
      (await translated(neutron.listPorts({ deviceId: serverId }))).map(({ hostId }) => hostId),

    evacuation: {
      listMoveRequests: (serverId) => requestsOf(serverId, 'evacuate'),
      listMoves: async (serverId) => {
        const filter = { serverId, type: 'evacuation', limit: 20 } as const;
        return (await translated(nova.listMigrations(filter))).map((record) =>
          // `done` until the dead host's compute service has come back and cleaned up: over for the server.
          readMove(record.status === 'done' ? { ...record, status: 'completed' } : record),
        );
      },
      requestMove: async (serverId, to, timeoutMs) => {
        try {
          const { requestId } = await nova.evacuateServer(serverId, { host: to }, { timeoutMs });
          return { kind: 'accepted', requestId };
        } catch (error) {
          return refusal(error, /task_state rebuild/);
        }
      },
      abortMove: async () => false,
    },
  };
}

/** False where Nova says that the migration is not in a state for it. */
async function unlessTooLate(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    const tooLate =
      error instanceof OpenStackError &&
      ['bad-request', 'conflict', 'not-found'].includes(error.kind);
    return tooLate ? false : translated(Promise.reject(error));
  }
}

function refusal(error: unknown, underWay = /task_state migrating/): MoveRequest {
  // Whatever it was, the call may be out: only the instance actions can tell.
  if (!(error instanceof OpenStackError)) return { kind: 'no-answer', detail: String(error) };
  const { detail, message } = error;
  if (error.mayHaveArrived) return { kind: 'no-answer', detail: message };
  if (error.retryable || error.kind === 'unauthorized')
    return { kind: 'not-sent', detail: message };
  // Nova has one status for two cases: moving already, and not in a state to be moved.
  const migrating = error.kind === 'conflict' && underWay.test(detail);
  return { kind: migrating ? 'already-migrating' : 'refused', detail };
}

/** Is nothing of the server on its host's disks? */
export function isVolumeBacked({ imageId, flavor }: Pick<Server, 'imageId' | 'flavor'>): boolean {
  return imageId === null && flavor.ephemeralGiB === 0 && flavor.swapMiB === 0;
}

function readServer({ flavor, serverGroups = [], ...server }: Server): CloudServer {
  return {
    id: server.id,
    hostId: server.host,
    status: server.status,
    taskState: server.taskState,
    locked: server.locked,
    tags: server.tags,
    vcpus: flavor.vcpus,
    ramMiB: flavor.ramMiB,
    diskGiB: claimedDiskGiB({ ...server, flavor }),
    volumeBacked: isVolumeBacked({ ...server, flavor }),
    groupIds: serverGroups,
  };
}

function bytesOf(record: MigrationRecord | undefined): Partial<MigrationRecord> {
  if (record === undefined) return {};
  const { memoryTotalBytes, memoryProcessedBytes, memoryRemainingBytes } = record;
  return { memoryTotalBytes, memoryProcessedBytes, memoryRemainingBytes };
}

function readMove(record: MigrationRecord): MoveRecord {
  const { id, status, dest, memoryTotalBytes, memoryProcessedBytes, memoryRemainingBytes } = record;
  return { id, status, to: dest, memoryTotalBytes, memoryProcessedBytes, memoryRemainingBytes };
}
