import { createOpenStack, type OpenStack, OpenStackError } from '@sidestep/openstack';
import type { Lab, VirtFaults } from './lab.ts';

// A busy machine of two cores answers slowly.
const TIMEOUT_MS = 90_000;

/** The lab's OpenStack, asked past the services under test. */
export function labCloud(lab: Lab): OpenStack {
  const account = lab.credentials();
  return createOpenStack({
    authUrl: account.authUrl,
    region: account.regionName,
    auth: {
      kind: 'password',
      username: account.username,
      password: account.password,
      projectName: account.projectName,
      userDomainName: account.userDomainName,
      projectDomainName: account.projectDomainName,
    },
    timeoutMs: TIMEOUT_MS,
  });
}

/** Host names of a VNF's active port bindings, one a port. */
export async function boundHosts({ neutron }: OpenStack, serverId: string): Promise<string[]> {
  const ports = await neutron.listPorts({ deviceId: serverId });
  return ports.map(({ hostId }) => hostId);
}

/** Request ids of a server's live migrations, newest first. */
export async function liveMigrations({ nova }: OpenStack, serverId: string): Promise<string[]> {
  const actions = await nova.listInstanceActions(serverId);
  return actions
    .filter(({ action }) => action === 'live-migration')
    .map(({ requestId }) => requestId);
}

/** Everything in the lab that a service of ours or a main job made, by kind and name. */
export async function madeByUs({ neutron, sfc }: OpenStack): Promise<string[]> {
  const [chains, groups, classifiers, pairs, ports] = await Promise.all([
    sfc.listPortChains(),
    sfc.listPortPairGroups(),
    sfc.listFlowClassifiers(),
    sfc.listPortPairs(),
    neutron.listPorts(),
  ]);
  const named = (kind: string, all: readonly { name: string }[]) =>
    all.filter(({ name }) => isOurs(name)).map(({ name }) => `${kind} ${name}`);
  return [
    ...named('chain', chains),
    ...named('group', groups),
    ...named('classifier', classifiers),
    ...named('pair', pairs),
    ...named('port', ports),
  ];
}

/** Takes away what an earlier run left, in the only order that networking-sfc lets go of it. */
export async function sweep({ neutron, sfc }: OpenStack): Promise<void> {
  const remove = async (
    all: readonly { id: string; name: string }[],
    one: (id: string) => Promise<void>,
  ) => {
    for (const { id } of all.filter(({ name }) => isOurs(name))) await orGone(one(id));
  };
  await remove(await sfc.listPortChains(), (id) => sfc.deletePortChain(id));
  await remove(await sfc.listPortPairGroups(), (id) => sfc.deletePortPairGroup(id));
  await remove(await sfc.listFlowClassifiers(), (id) => sfc.deleteFlowClassifier(id));
  await remove(await sfc.listPortPairs(), (id) => sfc.deletePortPair(id));
  await remove(await neutron.listPorts(), (id) => neutron.deletePort(id));
}

/** Name of what a main job makes itself; NFVO names its own parts. */
export const JOB_PREFIX = 'main-job-';
const NFVO_PREFIX = 'sidestep-';

function isOurs(name: string): boolean {
  return name.startsWith(JOB_PREFIX) || name.startsWith(NFVO_PREFIX);
}

async function orGone(call: Promise<void>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof OpenStackError) || error.kind !== 'not-found') throw error;
  }
}

/** No host with a fault: what an earlier run injected would be met by our move. */
export function healAll(lab: Lab): void {
  const none: VirtFaults = {};
  for (const { name } of lab.description.hosts) lab.inject(name, none);
  lab.inject('all', none);
  lab.silenceAgents([]);
  lab.heal();
  lab.reviveComputes();
}
