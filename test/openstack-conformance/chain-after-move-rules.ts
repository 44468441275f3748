import { describe, expect } from 'vitest';
import type { Part } from './suite.ts';
import type { FlowProbe } from './target.ts';
import {
  awaitSentFirstTo,
  makeChain,
  makePair,
  removeChain,
  sentFirstTo,
  type TestChain,
} from './test-chain.ts';
import type { Workbench } from './workbench.ts';

/** Puts a hop's pair back, made again, and answers the new pair's id. */
async function renew(bench: Workbench, chain: TestChain, stale: string): Promise<string> {
  const { sfc } = bench.openstack;
  await sfc.deletePortPair(stale);
  const pair = await makePair(bench, bench.first, 'first-renewed');
  await sfc.updatePortPairGroup(chain.groupIds[0], { portPairIds: [pair] });
  return pair;
}

/** The silent break of a chain by a live migration, and its repair (design: networking-sfc behaviour 1 and 5). */
export function chainAfterMoveRules({ target, rule, bench }: Part): void {
  const probe = (): FlowProbe => {
    if (target.flows === undefined) throw new Error('the target does not show its flow rules');
    return target.flows;
  };
  const watch = (chain: TestChain, ...more: readonly string[]) => {
    const { first, source } = bench();
    return probe().watchEmptyHops({
      chainId: chain.chainId,
      upstreamPortIds: new Set([source.egress, first.ingress, ...more]),
    });
  };

  describe('a chain whose member was live-migrated', () => {
    rule(
      'stays broken, whatever the same PUT says, until the pair is made again; an emptied hop is steered past',
      async () => {
        const { elsewhere, first, hostOf, move, openstack, second } = bench();
        const { sfc } = openstack;
        const chain = await makeChain(bench(), 8084);
        const address = (host: string) => probe().tunnelAddress(host);
        const from = await hostOf(first);
        const to = await elsewhere(first, await hostOf(second));
        await awaitSentFirstTo(bench(), probe(), [await address(from)]);

        const { record } = await move(first, to);
        await bench().until('the rule of the moved port on its new host', async () => {
          const rules = await probe().rules();
          const own = rules.some(
            (each) => each.host === to && each.ingressPortId === first.ingress,
          );
          return own ? true : undefined;
        });
        await sfc.updatePortChain(chain.chainId, { portPairGroupIds: chain.groupIds });

        expect(record.status).toBe('completed');
        expect(await sentFirstTo(bench(), probe())).toEqual([await address(from)]);
        const emptied = await watch(chain);
        await sfc.updatePortPairGroup(chain.groupIds[0], { portPairIds: [] });
        await awaitSentFirstTo(bench(), probe(), []);
        expect(await emptied()).not.toEqual([]);
        await renew(bench(), chain, chain.pairIds[0]);
        await awaitSentFirstTo(bench(), probe(), [await address(to)]);
        await removeChain(bench(), chain);
      },
      'sfc',
      'flows',
    );

    rule(
      'is repaired without ever an empty hop when a holder pair stands in',
      async () => {
        const { elsewhere, first, hostOf, move, named, networkId, openstack, second } = bench();
        const { neutron, sfc } = openstack;
        const chain = await makeChain(bench(), 8085);
        const address = (host: string) => probe().tunnelAddress(host);
        const holderHost = await hostOf(second);
        const to = await elsewhere(first, holderHost);
        await move(first, to);
        const holder = await neutron.createPort({
          networkId,
          name: named('holder'),
          hostId: holderHost,
          deviceId: named('holder'),
          portSecurityEnabled: false,
        });
        const holderPair = await sfc.createPortPair({
          name: named('pair-holder'),
          ingressPortId: holder.id,
          egressPortId: holder.id,
        });
        const emptied = await watch(chain, holder.id);

        await sfc.updatePortPairGroup(chain.groupIds[0], { portPairIds: [holderPair.id] });
        await awaitSentFirstTo(bench(), probe(), [await address(holderHost)]);
        await renew(bench(), chain, chain.pairIds[0]);
        await awaitSentFirstTo(bench(), probe(), [await address(to)]);

        expect(await emptied()).toEqual([]);
        await sfc.deletePortPair(holderPair.id);
        await neutron.deletePort(holder.id);
        await removeChain(bench(), chain);
      },
      'sfc',
      'flows',
    );
  });
}
