import { describe, expect } from 'vitest';
import type { Part } from './suite.ts';
import { reasonsOf } from './workbench.ts';

/** What a fenced host does to the moves towards it and to the servers on it. */
export function hostFailureRules({ rule, bench }: Part): void {
  const fenced = async (host: string, work: () => Promise<void>) => {
    const { openstack, serviceId, until } = bench();
    const { nova } = openstack;
    const id = await serviceId(host);
    expect(await nova.setForcedDown(id, true)).toMatchObject({ forcedDown: true, state: 'down' });
    try {
      await work();
    } finally {
      await nova.setForcedDown(id, false);
      await until(`${host} up again`, async () => {
        const [service] = await nova.listComputeServices({ host, binary: 'nova-compute' });
        return service?.state === 'up' ? true : undefined;
      });
    }
  };

  describe('a host that is forced down', () => {
    rule(
      'is no target: the move is accepted, then fails',
      async () => {
        const { elsewhere, first, hostOf, move } = bench();
        const [from, to] = [await hostOf(first), await elsewhere(first)];

        await fenced(to, async () => {
          const { action, record } = await move(first, to);

          expect(record).toMatchObject({ status: 'error', source: from });
          expect(reasonsOf(action).join()).toContain('No valid host was found.');
        });

        expect(await hostOf(first)).toBe(from);
      },
      'host-failure',
    );

    rule(
      'can not be moved from, only evacuated from',
      async () => {
        const { elsewhere, follow, hosts, makeServer, move, openstack, until } = bench();
        const { nova } = openstack;
        const victim = await makeServer('victim', hosts[0]);
        const to = await elsewhere(victim);

        await fenced(hosts[0], async () => {
          const refused = await move(victim, to);
          const { record } = await follow(victim, () =>
            nova.evacuateServer(victim.id, { host: to }),
          );

          expect(refused.record.status).toBe('error');
          expect(reasonsOf(refused.action).join()).toMatch(
            /Compute service of \S+ is unavailable at this time/,
          );
          expect(record).toMatchObject({ type: 'evacuation', source: hosts[0], dest: to });
          expect(['completed', 'done']).toContain(record.status);
          expect(await nova.showServer(victim.id)).toMatchObject({ status: 'ACTIVE', host: to });
          // Nova refuses to force a host up that still owns a `done` evacuation: until its compute is restarted, or the server is gone.
          await nova.deleteServer(victim.id);
          await until('the victim gone', async () =>
            (await nova.listServers()).some(({ id }) => id === victim.id) ? undefined : true,
          );
        });
      },
      'host-failure',
    );
  });
}
