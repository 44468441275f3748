import type { Server } from '@sidestep/openstack';
import { describe, expect } from 'vitest';
import type { Part } from './suite.ts';
import type { HostMigrationFault } from './target.ts';
import { reasonsOf, refusalOf } from './workbench.ts';

/** What a poller sees of a live migration, refusals before it and failures after it (design: Nova behaviour). */
export function liveMigrationRules({ target, rule, bench }: Part): void {
  const withFault = async (host: string, fault: HostMigrationFault, work: () => Promise<void>) => {
    await target.setMigrationFault?.(host, fault);
    try {
      await work();
    } finally {
      await target.setMigrationFault?.(host, null);
    }
  };
  const portsOf = async (serverId: string) =>
    bench().openstack.neutron.listPorts({ deviceId: serverId });

  describe('live migration', () => {
    rule(
      'ends in a completed record, the server ACTIVE on the target, ports and claims with it',
      async () => {
        const { first, follow, elsewhere, hostOf, openstack } = bench();
        const { nova, neutron, placement } = openstack;
        const [from, to] = [await hostOf(first), await elsewhere(first)];
        const statuses = new Set<string>();
        const servers: Server[] = [];
        const bindings = new Set<string>();
        const totals = new Set<number>();

        const { action, record, requestId } = await follow(
          first,
          () => nova.liveMigrate(first.id, { host: to }),
          async (newest) => {
            if (newest !== null) statuses.add(newest.status);
            servers.push(await nova.showServer(first.id));
            for (const { host, status } of await neutron.listPortBindings(first.ingress)) {
              bindings.add(`${host} ${status}`);
            }
            for (const each of await nova.listServerMigrations(first.id)) {
              if (each.memoryTotalBytes !== null) totals.add(each.memoryTotalBytes);
            }
          },
        );

        expect(record).toMatchObject({
          type: 'live-migration',
          status: 'completed',
          source: from,
          dest: to,
        });
        expect(
          [...statuses].filter(
            (each) =>
              ![
                'accepted',
                'queued',
                'preparing',
                'running',
                'post-migrating',
                'completed',
              ].includes(each),
          ),
        ).toEqual([]);
        expect(servers.map(({ status }) => status)).toContain('MIGRATING');
        expect(bindings).toContain(`${from} ACTIVE`);
        expect(bindings).toContain(`${to} INACTIVE`);
        const after = await nova.showServer(first.id);
        expect(after).toMatchObject({ status: 'ACTIVE', taskState: null, host: to, fault: null });
        for (const total of totals) expect(total).toBe(after.flavor.ramMiB * 1024 * 1024);
        expect(await neutron.listPortBindings(first.ingress)).toMatchObject([
          { host: to, status: 'ACTIVE' },
        ]);
        for (const port of await portsOf(first.id)) {
          expect(port).toMatchObject({ hostId: to, status: 'ACTIVE', vifType: 'ovs', profile: {} });
        }
        expect(await nova.listServerMigrations(first.id)).toEqual([]);
        expect(action).toMatchObject({ action: 'live-migration', requestId, message: null });
        expect(action.events.map(({ event, result }) => `${event} ${result}`)).toContain(
          'compute_post_live_migration_at_destination Success',
        );
        const [provider] = await placement.listResourceProviders({ name: to });
        const { byProvider } = await placement.allocationsOfConsumer(first.id);
        expect(Object.keys(byProvider)).toEqual([provider?.id]);
      },
    );

    rule('to an unknown host is refused with 400', async () => {
      const { first, openstack } = bench();

      const error = await refusalOf(openstack.nova.liveMigrate(first.id, { host: 'nosuchhost' }));

      expect(error).toMatchObject({ kind: 'bad-request', status: 400 });
      expect(error.detail).toBe('Compute host nosuchhost could not be found.');
    });

    rule('of a stopped server is refused with 409', async () => {
      const { elsewhere, first, openstack, settled } = bench();
      await openstack.nova.stopServer(first.id);
      await settled(first.id, 'SHUTOFF');

      const host = await elsewhere(first);
      const error = await refusalOf(openstack.nova.liveMigrate(first.id, { host }));

      expect(error).toMatchObject({ kind: 'conflict', status: 409 });
      expect(error.detail).toContain(`instance ${first.id} while it is in vm_state stopped`);
      await openstack.nova.startServer(first.id);
      await settled(first.id);
    });

    rule(
      'to the same host is accepted, then fails with its reason in the action only',
      async () => {
        const { first, hostOf, move, openstack } = bench();
        const host = await hostOf(first);

        const { action, record } = await move(first, host);

        expect(record).toMatchObject({ status: 'error', source: host });
        expect(action).toMatchObject({ message: 'Error' });
        expect(reasonsOf(action).join()).toContain('No valid host was found.');
        expect(await openstack.nova.showServer(first.id)).toMatchObject({ host, fault: null });
      },
    );

    rule('to a disabled host is accepted, then fails', async () => {
      const { elsewhere, first, hostOf, move, openstack, serviceId } = bench();
      const [from, to] = [await hostOf(first), await elsewhere(first)];
      const id = await serviceId(to);
      const disabled = await openstack.nova.disableComputeService(id, 'conformance');
      expect(disabled).toMatchObject({ status: 'disabled', disabledReason: 'conformance' });
      try {
        const { action, record } = await move(first, to);

        expect(record).toMatchObject({ status: 'error', source: from });
        expect(reasonsOf(action).join()).toContain('No valid host was found.');
      } finally {
        await openstack.nova.enableComputeService(id);
      }
      expect(await hostOf(first)).toBe(from);
    });

    rule(
      'while the server migrates, a second one is refused with 409; aborted, it ends cancelled on the source',
      async () => {
        const { elsewhere, first, follow, hostOf, openstack } = bench();
        const { neutron, nova } = openstack;
        const [from, to] = [await hostOf(first), await elsewhere(first)];
        let asked = false;
        await withFault(from, { kind: 'hang' }, async () => {
          const { record } = await follow(
            first,
            () => nova.liveMigrate(first.id, { host: to }),
            async (newest) => {
              if (asked || newest?.status !== 'running') return;
              asked = true;
              const error = await refusalOf(nova.liveMigrate(first.id, { host: to }));
              expect(error).toMatchObject({ kind: 'conflict', status: 409 });
              expect(error.detail).toContain('while it is in task_state migrating');
              const shown = await nova.showServerMigration(first.id, newest.id);
              expect(shown).toMatchObject({ uuid: newest.uuid, source: from, dest: to });
              await nova.abortServerMigration(first.id, newest.id);
            },
          );

          expect(record).toMatchObject({ status: 'cancelled', source: from });
        });
        expect(await nova.showServer(first.id)).toMatchObject({ status: 'ACTIVE', host: from });
        expect(await neutron.listPortBindings(first.egress)).toMatchObject([
          { host: from, status: 'ACTIVE' },
        ]);
      },
      'faults',
    );

    rule(
      'completes when it is forced to',
      async () => {
        const { elsewhere, first, follow, hostOf, openstack } = bench();
        const { nova } = openstack;
        const [from, to] = [await hostOf(first), await elsewhere(first)];
        let forced = false;
        await withFault(from, { kind: 'hang' }, async () => {
          const { record } = await follow(
            first,
            () => nova.liveMigrate(first.id, { host: to }),
            async (newest) => {
              if (forced || newest?.status !== 'running') return;
              forced = true;
              await nova.forceCompleteServerMigration(first.id, newest.id);
            },
          );

          expect(record).toMatchObject({ status: 'completed', dest: to });
        });
        expect(await hostOf(first)).toBe(to);
      },
      'faults',
    );

    rule(
      'that the hypervisor fails ends as failed, with no reason anywhere',
      async () => {
        const { elsewhere, first, hostOf, move, openstack } = bench();
        const [from, to] = [await hostOf(first), await elsewhere(first)];
        await withFault(from, { kind: 'fail' }, async () => {
          const { action, record } = await move(first, to);

          expect(record).toMatchObject({ status: 'failed', source: from });
          expect(action.message).toBeNull();
          expect(action.events.map(({ result }) => result)).not.toContain('Error');
        });
        expect(await hostOf(first)).toBe(from);
        expect(await openstack.neutron.listPortBindings(first.ingress)).toMatchObject([
          { host: from, status: 'ACTIVE' },
        ]);
      },
      'faults',
    );

    rule(
      'that the destination refuses in its pre-check fails with the words of the check',
      async () => {
        const { elsewhere, first, hostOf, move } = bench();
        const [from, to] = [await hostOf(first), await elsewhere(first)];
        await withFault(to, { kind: 'precheck', text: 'CPU not compatible' }, async () => {
          const { action, record } = await move(first, to);

          expect(record).toMatchObject({ status: 'error', source: from });
          expect(reasonsOf(action)).toContain('Migration pre-check error: CPU not compatible');
        });
        expect(await hostOf(first)).toBe(from);
      },
      'faults',
    );

    rule(
      'to a host without room is accepted, then fails',
      async () => {
        const { bigFlavorId, hosts, makeServer, move, openstack } = bench();
        const { nova } = openstack;
        const flavorId = await bigFlavorId();
        const big = await makeServer('big-1', hosts[0], flavorId);
        const blocker = await makeServer('big-2', hosts[1], flavorId);

        const { action, record } = await move(big, hosts[1]);

        expect(record).toMatchObject({ status: 'error', source: hosts[0] });
        expect(reasonsOf(action).join()).toContain('No valid host was found.');
        await nova.deleteServer(big.id);
        await nova.deleteServer(blocker.id);
      },
      'capacity',
    );
  });
}
