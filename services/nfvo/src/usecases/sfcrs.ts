import { type FlowClassifier, type FlowClassifierSpec, OpenStackError } from '@sidestep/openstack';
import { Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import { clientPort } from '../domain/member-ports.ts';
import { addressesIn, classifierOf, type Traffic, trafficFaults } from '../domain/traffic.ts';
import { absentWhenNotFound } from './absent.ts';
import { type Context, lockWaitMs } from './context.ts';
import { allOf, kinds, type SfcrChange, type SfcrRecord } from './documents.ts';
import type { Held } from './locks.ts';
import { readAllChains } from './read-world.ts';
import { changeLease } from './run-change.ts';

export type NewSfcr = {
  readonly name: string;
  readonly sourceClient: string;
  readonly destinationClient: string | null;
  readonly traffic: Traffic;
  readonly kept: Pick<SfcrRecord, 'bw' | 'delay' | 'duration' | 'nfChain'>;
};

/** Makes an SFC request; answers its id. A classifier whose creation was not answered is looked for and taken back. */
export async function createSfcr(context: Context, wanted: NewSfcr): Promise<string> {
  const { records, locks, clock, cloud } = context;
  const faults = trafficFaults(wanted.traffic);
  if (faults.length > 0)
    throw new ProblemError('INVALID_REQUEST', `${faults.length} faults in the request`, {
      errors: faults.map(({ field, detail }) => ({ pointer: `/body/${field}`, detail })),
    });
  const sourcePortId = await portOfClient(context, wanted.sourceClient, {
    field: 'source_client',
    prefix: wanted.traffic.srcIpPrefix,
  });
  const destinationPortId =
    wanted.destinationClient === null
      ? null
      : await portOfClient(context, wanted.destinationClient, {
          field: 'destination_client',
          prefix: wanted.traffic.dstIpPrefix,
        });
  const spec = classifierOf(wanted.name, wanted.traffic, { sourcePortId, destinationPortId });
  const changeId = context.newId();
  // Classifiers of one port that are made side by side could not be told from each other.
  const lock = `sfcr:${sourcePortId}`;
  return locks.holding([changeLease(changeId), lock], lockWaitMs, async (held) => {
    const knownIds = (await classifiersLike(cloud, spec)).map(({ id }) => id);
    const change: SfcrChange = { verb: 'create-sfcr', spec, knownIds, locks: [lock] };
    await records.commit([{ kind: kinds.change, id: changeId, expected: 'absent', value: change }]);
    try {
      const { id } = await cloud.sfc.createFlowClassifier(spec);
      const { sourceClient, destinationClient, kept } = wanted;
      const arrivedAt = new Date(clock.now()).toISOString();
      const record: SfcrRecord = { sourceClient, destinationClient, ...kept, arrivedAt };
      await records.commit(
        [
          { kind: kinds.change, id: changeId, expected: 1, value: null },
          { kind: kinds.sfcr, id, expected: 'absent', value: record },
        ],
        { fence: held.fence },
      );
      return id;
    } catch (error) {
      await undoSfcr(context, changeId, change, held).catch((later: unknown) =>
        context.log.error({ changeId, error: later }, 'an SFC request is taken back later'),
      );
      throw error;
    }
  });
}

/** Those among which the one that was asked for is. */
function classifiersLike(
  { sfc }: Context['cloud'],
  { logicalSourcePortId }: FlowClassifierSpec,
): Promise<FlowClassifier[]> {
  return logicalSourcePortId == null
    ? sfc.listFlowClassifiers()
    : sfc.listFlowClassifiers({ by: 'logicalSourcePortId', of: [logicalSourcePortId] });
}

/** Takes back what the creation of an SFC request left: the classifier that was not there before and is equal. */
export async function undoSfcr(
  { cloud, records }: Context,
  changeId: string,
  change: SfcrChange,
  held: Held,
): Promise<void> {
  for (const classifier of await classifiersLike(cloud, change.spec)) {
    if (change.knownIds.includes(classifier.id) || !isOf(classifier, change.spec)) continue;
    await held.renew();
    await cloud.sfc.deleteFlowClassifier(classifier.id).catch(absentWhenNotFound);
  }
  await records.commit([{ kind: kinds.change, id: changeId, expected: 1, value: null }], {
    fence: held.fence,
  });
}

/** Deletes an SFC request that no chain uses. */
export async function deleteSfcr({ cloud, records }: Context, id: string): Promise<void> {
  const users = (await readAllChains(cloud)).filter(({ flowClassifierIds }) =>
    flowClassifierIds.includes(id),
  );
  const [user] = users;
  if (user !== undefined)
    throw new Conflict(`SFC request ${id} belongs to port chain ${user.id} (${user.name})`);
  try {
    await cloud.sfc.deleteFlowClassifier(id);
  } catch (error) {
    if (error instanceof OpenStackError && error.kind === 'not-found') {
      await forget();
      throw new NotFound('SFC request', id);
    }
    throw error;
  }
  await forget();

  async function forget(): Promise<void> {
    const record = await records.get(kinds.sfcr, id);
    if (record !== undefined)
      await records.commit([{ kind: kinds.sfcr, id, expected: record.version, value: null }]);
  }
}

export type ListedSfcr = {
  readonly classifier: FlowClassifier;
  readonly record: SfcrRecord | null;
  readonly sourceClient: string | null;
  readonly destinationClient: string | null;
};

/** All SFC requests, those too that were made elsewhere. */
export async function listSfcrs({ cloud, records }: Context): Promise<ListedSfcr[]> {
  const classifiers = await cloud.sfc.listFlowClassifiers();
  const known = new Map(
    (await allOf<SfcrRecord>(records, kinds.sfcr)).map(({ id, value }) => [id, value]),
  );
  const ports = classifiers.every(({ id }) => known.has(id)) ? [] : await cloud.neutron.listPorts();
  const devices = new Map(ports.map(({ id, deviceId }) => [id, deviceId]));
  const deviceOf = (portId: string | null) => devices.get(portId ?? '') || null;
  return classifiers.map((classifier) => {
    const record = known.get(classifier.id) ?? null;
    return {
      classifier,
      record,
      sourceClient: record?.sourceClient ?? deviceOf(classifier.logicalSourcePortId),
      destinationClient: record?.destinationClient ?? deviceOf(classifier.logicalDestinationPortId),
    };
  });
}

async function portOfClient(
  { cloud }: Context,
  serverId: string,
  at: { readonly field: string; readonly prefix: string | undefined },
): Promise<string> {
  const server = await cloud.nova.showServer(serverId).catch(absentWhenNotFound);
  const ports = server === undefined ? [] : await cloud.neutron.listPorts({ deviceId: serverId });
  const macAddresses = server?.addresses.flatMap(({ macAddress }) => macAddress ?? []) ?? [];
  const choice: ReturnType<typeof clientPort> =
    server === undefined
      ? { kind: 'none', why: `there is no server ${serverId}` }
      : clientPort({ id: serverId, macAddresses }, ports, addressesIn(at.prefix));
  if (choice.kind === 'chosen') return choice.port.id;
  throw new ProblemError('UNPROCESSABLE', choice.why, {
    errors: [{ pointer: `/body/${at.field}`, detail: choice.why }],
  });
}

function isOf(classifier: FlowClassifier, spec: FlowClassifierSpec): boolean {
  return Object.entries(classifier).every(
    ([key, value]) =>
      key === 'id' || (Object.entries(spec).find(([name]) => name === key)?.[1] ?? null) === value,
  );
}
