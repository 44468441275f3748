import type { FlowProbe } from './target.ts';
import type { TestServer, Workbench } from './workbench.ts';

/** A chain source → first → second of the suite's servers. */
export type TestChain = {
  readonly chainId: string;
  readonly classifierId: string;
  readonly groupIds: readonly [string, string];
  readonly pairIds: readonly [string, string];
};

/** Makes pairs, groups, classifier and chain, in the order that networking-sfc wants. */
export async function makeChain(bench: Workbench, destinationPort: number): Promise<TestChain> {
  const { openstack, first, second, source, named } = bench;
  const { sfc } = openstack;
  await bench.clearChains();
  const hop = async (server: TestServer, name: string) => {
    const pair = await makePair(bench, server, name);
    const group = await sfc.createPortPairGroup({ name: named(`g-${name}`), portPairIds: [pair] });
    return { pair, group: group.id };
  };
  const one = await hop(first, 'first');
  const two = await hop(second, 'second');
  const classifier = await sfc.createFlowClassifier({
    name: named('classifier'),
    ethertype: 'IPv4',
    protocol: 'tcp',
    destinationPortMin: destinationPort,
    destinationPortMax: destinationPort,
    logicalSourcePortId: source.egress,
  });
  const chain = await sfc.createPortChain({
    name: named('chain'),
    portPairGroupIds: [one.group, two.group],
    flowClassifierIds: [classifier.id],
  });
  return {
    chainId: chain.id,
    classifierId: classifier.id,
    groupIds: [one.group, two.group],
    pairIds: [one.pair, two.pair],
  };
}

/** A port pair of a server's two ports. */
export async function makePair(
  bench: Workbench,
  server: TestServer,
  name: string,
): Promise<string> {
  const { id } = await bench.openstack.sfc.createPortPair({
    name: bench.named(`pair-${name}`),
    ingressPortId: server.ingress,
    egressPortId: server.egress,
  });
  return id;
}

/** Takes the chain and all that it needs away; reads the groups for the pairs that are in them now. */
export async function removeChain({ openstack }: Workbench, chain: TestChain): Promise<void> {
  const { sfc } = openstack;
  await sfc.deletePortChain(chain.chainId);
  await sfc.deleteFlowClassifier(chain.classifierId);
  for (const groupId of chain.groupIds) {
    const { portPairIds } = await sfc.showPortPairGroup(groupId);
    await sfc.deletePortPairGroup(groupId);
    for (const pairId of portPairIds) await sfc.deletePortPair(pairId);
  }
}

/** Where the source's host sends the chain's traffic first: tunnel addresses, or undefined without rule. */
export async function sentFirstTo(
  { source, hostOf }: Workbench,
  flows: FlowProbe,
): Promise<readonly string[] | undefined> {
  const host = await hostOf(source);
  return (await flows.rules()).find(
    (rule) =>
      rule.host === host && rule.nodeType === 'src_node' && rule.egressPortId === source.egress,
  )?.nextHopAddresses;
}

/** Waits until the source's host sends the chain's traffic first to these addresses. */
export async function awaitSentFirstTo(
  bench: Workbench,
  flows: FlowProbe,
  addresses: readonly string[],
): Promise<void> {
  await bench.until(`traffic sent first to [${addresses.join(', ')}]`, async () => {
    const seen = await sentFirstTo(bench, flows);
    return seen?.join() === addresses.join() ? true : undefined;
  });
}
