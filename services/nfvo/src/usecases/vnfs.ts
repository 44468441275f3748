import { OpenStackError, type ServerSpec } from '@sidestep/openstack';
import { Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import { chainsOfGroup } from '../domain/sfc-world.ts';
import { type MonitoringTarget, monitoringScript, withScript } from '../domain/user-data.ts';
import type { AskDestination } from '../ports/destinations.ts';
import { absentWhenNotFound } from './absent.ts';
import { refuseContainer } from './containers.ts';
import { type Context, lockWaitMs } from './context.ts';
import { kinds, type VnfChange } from './documents.ts';
import { type Held, serverLock } from './locks.ts';
import { readClassifiersAt, readGroupsHolding, readPairsAt } from './read-part.ts';
import { readAllChains } from './read-world.ts';
import { changeLease } from './run-change.ts';
import type { ReadSfcExtension } from './sfc-extension.ts';

export type NewVnf = {
  readonly flavorId: string;
  readonly imageId: string | undefined;
  readonly name: string | undefined;
  /** Compute host; the scheduler's choice when not given. */
  readonly host: string | undefined;
  /** As the guest shall read it. */
  readonly userData: string | undefined;
  /** Prediction chooses the host, as for this server, by the policy. */
  readonly like: { readonly serverId: string; readonly policy: string } | undefined;
  /** Whether the guest is made to report itself; undefined leaves it to the settings. */
  readonly monitoring: boolean | undefined;
};

/** What every VNF gets, from the settings. */
export type VnfDefaults = {
  /** Names or ids, one interface each; empty leaves the choice to Nova. */
  readonly networks: readonly string[];
  readonly imageId: string | null;
  /** Where VNFs report to; null where nothing is set up in them. */
  readonly monitoring: MonitoringTarget | null;
};

export type VnfOptions = {
  readonly defaults: VnfDefaults;
  readonly askDestination: AskDestination;
};

const changeKey = 'sidestep_change';
/** Nova's limit of user_data, in characters of base64. */
const maxUserDataChars = 65_535;

/** Starts a VNF's server; answers its id. */
export async function createVnf(
  context: Context,
  wanted: NewVnf,
  { defaults, askDestination }: VnfOptions,
): Promise<string> {
  const { records, cloud, locks } = context;
  const changeId = context.newId();
  const host = await hostFor(wanted, askDestination);
  const spec = await specOf(context, { ...wanted, host }, { defaults, changeId });
  return locks.holding([changeLease(changeId)], lockWaitMs, async (held) => {
    const change: VnfChange = { verb: 'create-vnf', locks: [] };
    await records.commit([{ kind: kinds.change, id: changeId, expected: 'absent', value: change }]);
    const forget = () =>
      records.commit([{ kind: kinds.change, id: changeId, expected: 1, value: null }], {
        fence: held.fence,
      });
    try {
      const { id } = await cloud.nova.createServer(spec);
      await forget();
      return id;
    } catch (error) {
      if (!(error instanceof OpenStackError)) throw error;
      // The answer is lost, the server perhaps not: what is there is what was asked for.
      const made = error.mayHaveArrived ? await serversOf(context, changeId) : [];
      await forget();
      const [first] = made;
      if (first !== undefined) return first;
      if (error.kind === 'bad-request' || error.kind === 'forbidden')
        throw new ProblemError('UNPROCESSABLE', error.message, { cause: error });
      throw error;
    }
  });
}

/** Takes back a server whose id nobody was told, since we died. */
export async function undoVnf(context: Context, changeId: string, held: Held): Promise<void> {
  for (const id of await serversOf(context, changeId)) {
    await held.renew();
    await context.cloud.nova.deleteServer(id).catch(absentWhenNotFound);
  }
  await context.records.commit([{ kind: kinds.change, id: changeId, expected: 1, value: null }], {
    fence: held.fence,
  });
}

/**
 * Deletes a VNF's server. Refused while a port pair or an SFC request uses its ports: Neutron answers 500 to their
 * deletion then, and Nova leaves them behind.
 */
export async function deleteVnf(
  context: Context,
  serverId: string,
  readSfc: ReadSfcExtension,
): Promise<void> {
  const { cloud, locks } = context;
  await locks.holding([serverLock(serverId)], lockWaitMs, async () => {
    if ((await readSfc()).available) await refuseUsed(context, serverId);
    await cloud.nova.deleteServer(serverId).catch(missing(context, serverId, 'delete'));
  });
}

/** Stops a VNF's server; one that is stopped already stays so. */
export async function shutdownVnf(context: Context, serverId: string): Promise<void> {
  const { cloud } = context;
  const server = await cloud.nova
    .showServer(serverId)
    .catch(missing(context, serverId, 'shutdown'));
  if (server.status === 'SHUTOFF') return;
  try {
    await cloud.nova.stopServer(serverId);
  } catch (error) {
    if (error instanceof OpenStackError && error.kind === 'conflict')
      throw new ProblemError('CONFLICT', error.message, { cause: error });
    throw error;
  }
}

async function refuseUsed({ cloud }: Context, serverId: string): Promise<void> {
  const ports = await cloud.neutron.listPorts({ deviceId: serverId });
  const ids = new Set(ports.map(({ id }) => id));
  const [pair] = await readPairsAt(cloud, ids);
  if (pair !== undefined) {
    const [group] = await readGroupsHolding(cloud, [pair.id]);
    const chains =
      group === undefined ? [] : chainsOfGroup({ chains: await readAllChains(cloud) }, group.id);
    const where =
      chains.length > 0
        ? `a member of port chain ${chains.map(({ id, name }) => `${id} (${name})`).join(', ')}`
        : `in port pair ${pair.id} (${pair.name}), which no chain uses`;
    throw new Conflict(`Server ${serverId} is ${where}; take it out first`);
  }
  for (const classifier of await readClassifiersAt(cloud, ids)) {
    const {
      id,
      name,
      logicalSourcePortId: source,
      logicalDestinationPortId: destination,
    } = classifier;
    const end = ids.has(source ?? '')
      ? 'source'
      : ids.has(destination ?? '')
        ? 'destination'
        : null;
    if (end === null) continue;
    throw new Conflict(
      `Server ${serverId} is the ${end} of SFC request ${id} (${name}); delete that first`,
    );
  }
}

async function hostFor(
  { host, like }: NewVnf,
  askDestination: AskDestination,
): Promise<string | undefined> {
  if (like === undefined) return host;
  if (host !== undefined)
    throw new ProblemError('INVALID_REQUEST', 'Either a host or a server to be like is given', {
      errors: [{ pointer: '/body/like', detail: 'does not go with node_name' }],
    });
  const asked = await askDestination(like.serverId, like.policy);
  if (asked.kind === 'host') return asked.hostId;
  throw new ProblemError('NO_DESTINATION', asked.why);
}

/** What Nova is handed for the guest, in base64: the caller's, and what makes it report itself. */
export function userDataFor(
  wanted: Pick<NewVnf, 'userData' | 'monitoring'>,
  target: MonitoringTarget | null,
): string | undefined {
  const text = userDataOf(wanted, target);
  const userData = text === undefined ? undefined : Buffer.from(text).toString('base64');
  if (userData !== undefined && userData.length > maxUserDataChars)
    throw new ProblemError('INVALID_REQUEST', 'user_data is too long', {
      errors: [
        {
          pointer: '/body/user_data',
          detail: `has ${userData.length} characters in base64, Nova takes ${maxUserDataChars}`,
        },
      ],
    });
  return userData;
}

function userDataOf(
  { userData, monitoring }: Pick<NewVnf, 'userData' | 'monitoring'>,
  target: MonitoringTarget | null,
): string | undefined {
  if (monitoring === true && target === null)
    throw new ProblemError('UNPROCESSABLE', 'The settings name no address of Monitoring', {
      errors: [{ pointer: '/body/monitoring', detail: 'cannot be had here' }],
    });
  if (target === null || monitoring === false) return userData;
  const merged = withScript(userData, monitoringScript(target));
  if (merged.kind === 'text') return merged.text;
  throw new ProblemError('UNPROCESSABLE', `user_data ${merged.why}`, {
    errors: [
      {
        pointer: '/body/user_data',
        detail: `${merged.why}; give monitoring: false to have it alone`,
      },
    ],
  });
}

async function specOf(
  { cloud }: Context,
  wanted: NewVnf,
  at: { readonly defaults: VnfDefaults; readonly changeId: string },
): Promise<ServerSpec> {
  const imageId = wanted.imageId ?? at.defaults.imageId;
  if (imageId === null)
    throw new ProblemError('UNPROCESSABLE', 'No image is given, and none is set as the default', {
      errors: [{ pointer: '/body/image_id', detail: 'is needed' }],
    });
  const userData = userDataFor(wanted, at.defaults.monitoring);
  const networks = await Promise.all(
    at.defaults.networks.map(async (nameOrId) => {
      if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(nameOrId))
        return { networkId: nameOrId };
      const [network, ...more] = await cloud.neutron.listNetworks({ name: nameOrId });
      if (network === undefined || more.length > 0)
        throw new ProblemError(
          'UNPROCESSABLE',
          `${network === undefined ? 'No network' : 'More than one network'} is named ${nameOrId}, the setting for VNFs`,
        );
      return { networkId: network.id };
    }),
  );
  return {
    name: wanted.name ?? `vnf-${at.changeId}`,
    flavorId: wanted.flavorId,
    imageId,
    networks: networks.length === 0 ? 'auto' : networks,
    metadata: { [changeKey]: at.changeId },
    ...(wanted.host === undefined ? {} : { host: wanted.host }),
    ...(userData === undefined ? {} : { userData }),
  };
}

async function serversOf({ cloud }: Context, changeId: string): Promise<string[]> {
  const servers = await cloud.nova.listServers();
  return servers.filter(({ metadata }) => metadata[changeKey] === changeId).map(({ id }) => id);
}

function missing(
  context: Context,
  serverId: string,
  what: 'delete' | 'shutdown',
): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof OpenStackError) || error.kind !== 'not-found') throw error;
    await refuseContainer(context, serverId, what);
    throw new NotFound('server', serverId);
  };
}
