import { describe, expect } from 'vitest';
import type { Part } from './suite.ts';
import { makeChain, makePair, removeChain } from './test-chain.ts';
import { refusalOf } from './workbench.ts';

const UNKNOWN = '00000000-0000-0000-0000-000000000000';

/** networking-sfc's lists and refusals (design: networking-sfc behaviour). */
export function chainRules({ rule, bench }: Part): void {
  describe('a port chain', () => {
    rule(
      'is created, listed, re-pathed and deleted with all that it is made of',
      async () => {
        const { openstack } = bench();
        const { sfc } = openstack;

        const chain = await makeChain(bench(), 8081);

        const shown = await sfc.showPortChain(chain.chainId);
        expect(shown).toMatchObject({
          portPairGroupIds: chain.groupIds,
          flowClassifierIds: [chain.classifierId],
          parameters: { symmetric: false, correlation: 'mpls' },
        });
        expect(await sfc.listPortChains()).toContainEqual(shown);
        const ids = async (list: Promise<{ readonly id: string }[]>) =>
          (await list).map(({ id }) => id);
        expect(await ids(sfc.listPortPairs())).toEqual(expect.arrayContaining([...chain.pairIds]));
        expect(await ids(sfc.listPortPairGroups())).toEqual(
          expect.arrayContaining([...chain.groupIds]),
        );
        expect(await ids(sfc.listFlowClassifiers())).toContain(chain.classifierId);
        const [one, two] = chain.groupIds;
        for (const portPairGroupIds of [[two, one], [two], [one, two]]) {
          await sfc.updatePortChain(chain.chainId, { portPairGroupIds });
          const { portPairGroupIds: order } = await sfc.showPortChain(chain.chainId);
          expect([...order].sort()).toEqual([...portPairGroupIds].sort());
        }
        await sfc.updatePortChain(chain.chainId, { flowClassifierIds: [] });
        expect(await sfc.showPortChain(chain.chainId)).toMatchObject({ flowClassifierIds: [] });
        await removeChain(bench(), chain);
        expect(await refusalOf(sfc.showPortChain(chain.chainId))).toMatchObject({
          kind: 'not-found',
        });
        expect(await ids(sfc.listPortPairs())).not.toContain(chain.pairIds[0]);
      },
      'sfc',
    );

    rule(
      'and its parts are found by id, by name and by port, without a list of all',
      async () => {
        const { first, named, openstack, source } = bench();
        const { sfc } = openstack;
        const chain = await makeChain(bench(), 8083);
        const [pairId] = chain.pairIds;
        const lists = [
          [sfc.listPortChains({ by: 'id', of: [chain.chainId, UNKNOWN] }), [chain.chainId]],
          [sfc.listPortPairGroups({ by: 'id', of: chain.groupIds }), chain.groupIds],
          [sfc.listPortPairs({ by: 'id', of: chain.pairIds }), chain.pairIds],
          [sfc.listPortPairs({ by: 'name', of: [named('pair-first')] }), [pairId]],
          [sfc.listPortPairs({ by: 'ingressPortId', of: [first.ingress] }), [pairId]],
          [sfc.listPortPairs({ by: 'egressPortId', of: [first.egress] }), [pairId]],
          [
            sfc.listFlowClassifiers({ by: 'logicalSourcePortId', of: [source.egress] }),
            [chain.classifierId],
          ],
          [sfc.listFlowClassifiers({ by: 'logicalDestinationPortId', of: [first.ingress] }), []],
          [sfc.listPortChains({ by: 'id', of: [UNKNOWN] }), []],
        ] as const;

        for (const [list, ids] of lists) {
          expect((await list).map(({ id }) => id).sort()).toEqual([...ids].sort());
        }
        await removeChain(bench(), chain);
      },
      'sfc',
    );

    rule(
      'and its parts are refused what networking-sfc refuses, by name',
      async () => {
        const { first, openstack, second, source } = bench();
        const { neutron, sfc } = openstack;
        const chain = await makeChain(bench(), 8082);
        const [one, two] = chain.groupIds;
        const repath = (...portPairGroupIds: string[]) =>
          sfc.updatePortChain(chain.chainId, { portPairGroupIds });
        const spare = await makePair(bench(), source, 'spare');

        const refusals: [call: () => Promise<unknown>, status: number, fault: string][] = [
          [() => repath(), 400, 'PortPairGroupNotSpecified'],
          [() => repath(one, one), 400, 'HTTPBadRequest'],
          [() => repath(UNKNOWN), 404, 'PortPairGroupNotFound'],
          [() => sfc.deletePortPairGroup(one), 409, 'PortPairGroupInUse'],
          [() => sfc.deleteFlowClassifier(chain.classifierId), 409, 'FlowClassifierInUse'],
          [() => makePair(bench(), first, 'again'), 400, 'PortPairIngressEgressInUse'],
          [
            () =>
              sfc.createPortPair({ ingressPortId: first.ingress, egressPortId: second.ingress }),
            400,
            'PortPairIngressEgressDifferentHost',
          ],
          [
            () =>
              sfc.createFlowClassifier({
                protocol: 'tcp',
                destinationPortMin: 8000,
                destinationPortMax: 8090,
                logicalSourcePortId: source.egress,
              }),
            400,
            'FlowClassifierInConflict',
          ],
          [
            () => sfc.createPortChain({ portPairGroupIds: [one, two] }),
            409,
            'InvalidPortPairGroups',
          ],
          [() => neutron.deletePort(source.ingress), 500, 'HTTPInternalServerError'],
        ];
        for (const [call, status, fault] of refusals) {
          expect(await refusalOf(call())).toMatchObject({ status, fault });
        }

        await sfc.deletePortPair(spare);
        await removeChain(bench(), chain);
      },
      'sfc',
    );

    rule(
      'is corrupted by a refused delete of a pair, until the pair is made again',
      async () => {
        const { first, openstack } = bench();
        const { sfc } = openstack;
        const chain = await makeChain(bench(), 8083);
        const [one, two] = chain.groupIds;

        const refused = await refusalOf(sfc.deletePortPair(chain.pairIds[0]));
        const broken = await refusalOf(
          sfc.updatePortChain(chain.chainId, { portPairGroupIds: [two, one] }),
        );

        expect(refused).toMatchObject({ kind: 'conflict', status: 409, fault: 'PortPairInUse' });
        expect(broken).toMatchObject({
          kind: 'server-error',
          status: 500,
          fault: 'SfcDriverError',
        });
        await sfc.updatePortPairGroup(one, { portPairIds: [] });
        await sfc.deletePortPair(chain.pairIds[0]);
        const pair = await makePair(bench(), first, 'first-again');
        await sfc.updatePortPairGroup(one, { portPairIds: [pair] });
        await sfc.updatePortChain(chain.chainId, { portPairGroupIds: [one, two] });
        await removeChain(bench(), chain);
      },
      'sfc',
    );
  });
}
