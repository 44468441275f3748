import { answer, type migration } from '@sidestep/contracts';
import { expect } from 'vitest';
import { poll } from '../openstack/poll.ts';
import type { OperationSite, OperationTarget } from './site.ts';

export type Decision = migration.components['schemas']['Decision'];
export type Operation = migration.components['schemas']['Operation'];

/** A move that was begun, and what was true before it. */
export type BegunMove = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Request ids of the live migrations that Nova has had of the victim. */
  readonly earlier: ReadonlySet<string>;
};

const finalStates: readonly Operation['state'][] = ['COMPLETED', 'FAILED', 'ROLLED_BACK'];

/** What the rules do with a site. */
export type Hands = ReturnType<typeof handsOn>;

/** Begins, follows and judges moves of the site's victim. */
export function handsOn(site: OperationSite, { limitMs, pollMs }: OperationTarget) {
  const { migration, nfvo, openstack, victim } = site;
  const until = <T>(what: string, ask: () => T | undefined | Promise<T | undefined>) =>
    poll(what, limitMs, ask, pollMs);

  const hostOf = async (serverId = victim.id): Promise<string> => {
    const { host } = await openstack.nova.showServer(serverId);
    if (host === null) throw new Error(`server ${serverId} is nowhere`);
    return host;
  };
  const liveMigrations = async () =>
    (await openstack.nova.listInstanceActions(victim.id))
      .filter(({ action }) => action === 'live-migration')
      .map(({ requestId }) => requestId);
  const operation = (operationId: string) =>
    answer(
      'migration',
      migration.GET('/operations/{operationId}', { params: { path: { operationId } } }),
    );

  /** Decides for the victim; what was last refused is in the message of a failure. */
  const propose = async (): Promise<Decision> => {
    let last: unknown;
    return until(`a destination for ${victim.name}`, async () => {
      const { data, error } = await migration.POST('/decisions', {
        body: { hostId: await hostOf(), serverId: victim.id, policy: 'random' },
      });
      last = data ?? error;
      return data?.state === 'proposed' ? data : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; the last answer is ${JSON.stringify(last)}`);
    });
  };

  /** Approves a move that is decided already; `between` does something to its destination first. */
  const begin = async (
    between: (to: string) => Promise<void> | void = () => undefined,
  ): Promise<BegunMove> => {
    const [from, earlier] = [await hostOf(), new Set(await liveMigrations())];
    const { id: decisionId, destinationHostId: to } = await propose();
    if (to === null) throw new Error('a proposed decision has no destination');
    await between(to);
    const { id } = await answer(
      'migration',
      migration.POST('/decisions/{decisionId}/approval', { params: { path: { decisionId } } }),
    );
    return { id, from, to, earlier };
  };

  const copying = (begun: BegunMove) =>
    until('Nova copies', async () => {
      const { nova } = await operation(begun.id);
      return nova?.status === 'running' || undefined;
    });

  const ended = async (begun: BegunMove): Promise<Operation> => {
    let last: Operation | undefined;
    return until(`the end of operation ${begun.id}`, async () => {
      last = await operation(begun.id);
      return finalStates.includes(last.state) ? last : undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}; it reads ${JSON.stringify(last)}`);
    });
  };

  const chainIsWhole = async () => {
    let faults: readonly string[] = [];
    await until('a whole chain', async () => {
      faults = await site.chainFaults();
      return faults.length === 0 || undefined;
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${faults.join('; ')}`);
    });
    expect(await site.emptyNextHops()).toEqual([]);
    const { orphans } = await answer('nfvo', nfvo.GET('/orphans'));
    expect(orphans).toEqual([]);
  };

  const newCalls = async (begun: BegunMove) =>
    (await liveMigrations()).filter((requestId) => !begun.earlier.has(requestId));

  return {
    until,
    hostOf,
    operation,
    propose,
    begin,
    copying,
    ended,
    chainIsWhole,
    /** Ended where it began, the reason on it, the server free for its next move. */
    async rolledBack(begun: BegunMove, calls: 0 | 1): Promise<Operation> {
      const over = await ended(begun);
      site.mend();
      expect(over).toMatchObject({ state: 'ROLLED_BACK', problem: { detail: expect.any(String) } });
      expect(await newCalls(begun)).toHaveLength(calls);
      expect(await openstack.nova.showServer(victim.id)).toMatchObject({
        status: 'ACTIVE',
        taskState: null,
        host: begun.from,
      });
      await chainIsWhole();
      return over;
    },
    /** Done once, to its end. */
    async moved(begun: BegunMove): Promise<Operation> {
      const over = await ended(begun);
      expect(over).toMatchObject({ state: 'COMPLETED', problem: null });
      expect(await newCalls(begun)).toHaveLength(1);
      expect(await hostOf()).toBe(begun.to);
      await chainIsWhole();
      return over;
    },
    /** Until Nova and Neutron call every host up again. */
    async allUp(): Promise<void> {
      await until('every nova-compute is up and enabled', async () => {
        const services = await openstack.nova.listComputeServices({ binary: 'nova-compute' });
        return (
          services.every(({ state, status }) => state === 'up' && status === 'enabled') || undefined
        );
      });
      await until('every L2 agent is alive', async () => {
        const agents = await openstack.neutron.listAgents();
        return agents.every(({ alive }) => alive) || undefined;
      });
    },
  };
}
