import { answer } from '@sidestep/contracts';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { HostMigrationFault } from '../openstack-conformance/target.ts';
import { type Filler, fill } from './fill-host.ts';
import { type Hands, handsOn } from './moves.ts';
import type { OperationSite, OperationTarget } from './site.ts';

/**
 * What becomes of a move when something goes wrong with it: the same rules on the emulator and on the real lab, so
 * that what the fast suites show of the one holds of the other.
 */
export function describeOperations(target: OperationTarget): void {
  describe(`operations on ${target.name}`, () => {
    let opened: OperationSite | undefined;
    let hands: Hands;
    const site = () => {
      if (opened === undefined) throw new Error('the site was not opened');
      return opened;
    };
    beforeAll(async () => {
      opened = await target.open();
      hands = handsOn(opened, target);
    }, target.limitMs);
    afterEach(async () => {
      site().mend();
      await hands.allUp();
    }, target.limitMs);
    afterAll(() => opened?.close(), target.limitMs);
    /** The source's hypervisor copies, the destination's checks: the fault is put into both. */
    const failing = (fault: HostMigrationFault) => async (to: string) => {
      for (const host of [await hands.hostOf(), to]) site().setMigrationFault(host, fault);
    };
    const rule = (title: string, check: () => Promise<void>) =>
      test(title, check, 4 * target.limitMs);

    rule('aborted while Nova copies, the server stays where it is', async () => {
      const begun = await hands.begin(failing({ kind: 'hang' }));
      await hands.copying(begun);

      const { response } = await site().migration.POST('/operations/{operationId}/abort', {
        params: { path: { operationId: begun.id } },
      });

      expect(response.status).toBe(202);
      const over = await hands.rolledBack(begun, 1);
      expect(over.nova).toMatchObject({ status: 'cancelled' });
    });

    rule('a hypervisor that fails in the middle of the copy', async () => {
      const begun = await hands.begin(failing({ kind: 'fail' }));

      const over = await hands.rolledBack(begun, 1);

      expect(over.nova).toMatchObject({ status: 'failed' });
    });

    rule('a destination that refuses: its words are on the operation', async () => {
      const text = 'CPU feature avx512f is missing';
      const begun = await hands.begin(failing({ kind: 'precheck', text }));

      const over = await hands.rolledBack(begun, 1);

      expect(over.problem?.detail).toContain(text);
    });

    rule('a copy that never ends is aborted when its time is over', async () => {
      const begun = await hands.begin(failing({ kind: 'hang' }));

      const over = await hands.rolledBack(begun, 1);

      expect(over.nova).toMatchObject({ status: 'cancelled' });
    });

    rule(
      'a host disabled between decision and call is not moved to: Nova is never asked',
      async () => {
        const { nova } = site().openstack;
        let serviceId = '';
        const begun = await hands.begin(async (to) => {
          const [service] = await nova.listComputeServices({ host: to, binary: 'nova-compute' });
          serviceId = service?.id ?? '';
          await nova.disableComputeService(serviceId, 'a test');
        });

        const over = await hands.ended(begun).finally(() => nova.enableComputeService(serviceId));

        await hands.rolledBack(begun, 0);
        expect(over.problem?.detail).toContain(begun.to);
      },
    );

    rule(
      'a host filled between decision and call is not moved to: Nova is never asked',
      async () => {
        let filler: Filler | undefined;
        const begun = await hands.begin(async (to) => {
          filler = await fill(site(), hands, to);
        });

        const over = await hands.ended(begun).finally(() => filler?.remove());

        await hands.rolledBack(begun, 0);
        expect(over.problem?.detail).toContain(begun.to);
      },
    );

    rule('a destination whose nova-compute died a moment before', async () => {
      const begun = await hands.begin((to) => site().killCompute(to));

      const over = await hands.rolledBack(begun, 1);

      expect(over.problem?.detail).toContain('No valid host was found');
    });

    rule('a destination whose L2 agent is dead', async () => {
      const begun = await hands.begin(async (to) => {
        site().silenceAgent(to);
        await hands.until(`Neutron calls the agent of ${to} dead`, async () => {
          const agents = await site().openstack.neutron.listAgents({ host: to });
          return agents.some(({ alive }) => !alive) || undefined;
        });
      });

      const over = await hands.ended(begun);

      expect(over.state).toBe('ROLLED_BACK');
      expect(over.problem?.detail).toMatch(/No valid host was found|agent/);
      expect(await hands.hostOf()).toBe(begun.from);
    });

    rule(
      'an operation left by a killed worker is ended by the next one, with one call to Nova',
      async () => {
        const begun = await hands.begin(failing({ kind: 'hang' }));
        await hands.copying(begun);

        await site().replaceMigration();
        const record = (await hands.operation(begun.id)).nova;
        await site().openstack.nova.forceCompleteServerMigration(
          site().victim.id,
          record?.migrationId ?? 0,
        );

        const over = await hands.moved(begun);
        expect(over.attempt).toBeGreaterThan(1);
      },
    );

    rule('a host is drained: every server leaves it, one member of a chain at a time', async () => {
      const { migration, openstack } = site();
      const hostId = await hands.hostOf();
      const params = { path: { hostId } };
      const { id: hostDrainId } = await answer(
        'migration',
        migration.POST('/hosts/{hostId}/drain', { params, body: { reason: 'a test' } }),
      );

      const drain = await hands.until('the end of the drain', async () => {
        const read = await answer(
          'migration',
          migration.GET('/host-drains/{hostDrainId}', { params: { path: { hostDrainId } } }),
        );
        return ['done', 'partly', 'cancelled'].includes(read.state) ? read : undefined;
      });

      expect(drain).toMatchObject({ state: 'done' });
      expect(await openstack.nova.listServers({ host: hostId })).toEqual([]);
      await hands.chainIsWhole();
      await answer('migration', migration.DELETE('/hosts/{hostId}/drain', { params }));
    });

    rule('a host whose nova-compute died is evacuated, once its fencing is confirmed', async () => {
      const { migration, openstack, victim } = site();
      const hostId = await hands.hostOf();
      const params = { path: { hostId } };
      site().killCompute(hostId);
      await hands.until(`Nova calls ${hostId} down`, async () => {
        const [service] = await openstack.nova.listComputeServices({
          host: hostId,
          binary: 'nova-compute',
        });
        return service?.state === 'down' || undefined;
      });

      const { id: hostIncidentId } = await hands.until('its fencing is taken', async () => {
        const { data } = await migration.POST('/hosts/{hostId}/fencing', {
          params,
          body: { means: 'operator', reason: 'a test' },
        });
        return data;
      });
      const incident = await hands.until('the end of the evacuation', async () => {
        const read = await answer(
          'migration',
          migration.GET('/host-incidents/{hostIncidentId}', {
            params: { path: { hostIncidentId } },
          }),
        );
        return ['evacuated', 'partly', 'recovered'].includes(read.state) ? read : undefined;
      });

      expect(incident).toMatchObject({ state: 'evacuated' });
      expect(await openstack.nova.showServer(victim.id)).toMatchObject({ status: 'ACTIVE' });
      expect(await hands.hostOf()).not.toBe(hostId);
      await hands.chainIsWhole();
      site().mend();
      await hands.until(`Nova uses ${hostId} again`, async () => {
        const { response } = await migration.DELETE('/hosts/{hostId}/fencing', { params });
        return response.ok || undefined;
      });
    });

    rule('after all of this the server moves, and its chain with it', async () => {
      const over = await hands.moved(await hands.begin());

      expect(over.repath).toMatchObject({ state: 'completed', hops: 1 });
      const { decisions } = await answer('migration', site().migration.GET('/decisions'));
      expect(decisions.find(({ id }) => id === over.decisionId)).toMatchObject({
        state: 'executed',
      });
    });
  });
}
