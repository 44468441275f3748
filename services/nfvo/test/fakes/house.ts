import { type Records, silentLog, sqliteRecords } from '@sidestep/service-kit';
import { type ManualClock, manualClock } from '@sidestep/service-kit/testing';
import type { HopOptions } from '../../src/domain/hop-options.ts';
import type { Meters } from '../../src/ports/meters.ts';
import { createChain } from '../../src/usecases/change-chain.ts';
import type { Context } from '../../src/usecases/context.ts';
import { createLocks, leaseTtlMs } from '../../src/usecases/locks.ts';
import { recover } from '../../src/usecases/recover.ts';
import { createSfcr } from '../../src/usecases/sfcrs.ts';
import { type FakeCloud, fakeCloud } from './fake-cloud.ts';

/** The service's use cases on a cloud in memory, on a clock that only sleeps move. */
export type House = {
  readonly cloud: FakeCloud;
  readonly context: Context;
  readonly clock: ManualClock;
  readonly records: Records;
  /** What was counted, in order. */
  readonly metered: string[];
  /** A new process on the same records: the dead one's leases run out, and it recovers until nothing is open. */
  restart(): Promise<number>;
  sfcr(client?: string): Promise<string>;
  chain(hops: readonly (readonly string[])[], more?: Partial<ChainOptions>): Promise<string>;
};

type ChainOptions = {
  onGap: 'closed' | 'open';
  symmetric: boolean;
  classifierIds: readonly string[];
  hopOptions: readonly HopOptions[];
};

export function house(): House {
  const cloud = fakeCloud();
  const clock = manualClock();
  const stored = sqliteRecords(':memory:', clock);
  let next = 0;
  const newId = () => `change${next++}`;
  const sleep = async (ms: number) => {
    cloud.calls.alive();
    clock.advance(ms);
  };
  const records = mortal(stored, () => cloud.calls.alive());
  const metered: string[] = [];
  const meters: Meters = {
    repathEnded: (outcome) => metered.push(`repath ${outcome}`),
    hopRendered: ({ method }) => metered.push(`hop ${method}`),
    openOperations: (kind, count) => metered.push(`open ${kind} ${count}`),
    orphans: (count) => metered.push(`orphans ${count}`),
  };
  const context: Context = {
    cloud,
    records,
    clock,
    newId,
    sleep,
    log: silentLog,
    meters,
    locks: createLocks({ records, holder: newId(), sleep }),
  };
  let clients = 0;
  const house: House = {
    cloud,
    context,
    clock,
    records,
    metered,
    restart: async () => {
      cloud.calls.plan(new Map());
      clock.advance(leaseTtlMs + 1);
      let open = await recover(context);
      for (let round = 0; open > 0 && round < 10; round++) {
        clock.advance(400_000);
        open = await recover(context);
      }
      return open;
    },
    sfcr: async (client) => {
      const id = client ?? `client${clients++}`;
      if (!cloud.servers.has(id)) cloud.server(id, 'host1', 1);
      return createSfcr(context, {
        name: `from-${id}`,
        sourceClient: id,
        destinationClient: id,
        traffic: { proto: 'tcp', dstPortMin: 80 },
        kept: { bw: null, delay: null, duration: null, nfChain: [] },
      });
    },
    chain: async (hops, more = {}) =>
      createChain(context, {
        name: 'web',
        classifierIds: more.classifierIds ?? [await house.sfcr()],
        hops,
        symmetric: more.symmetric ?? false,
        onGap: more.onGap ?? 'closed',
        hopOptions: more.hopOptions ?? [],
        sla: { bandwidthMbps: null, delayMs: null },
      }),
  };
  return house;
}

/** Records that a dead process can't reach any more. */
function mortal(records: Records, alive: () => void): Records {
  const guarded =
    <Args extends unknown[], Result>(method: (...args: Args) => Promise<Result>) =>
    async (...args: Args): Promise<Result> => {
      alive();
      return method(...args);
    };
  return {
    get: async (kind, id) => {
      alive();
      return records.get(kind, id);
    },
    list: async (kind, query) => {
      alive();
      return records.list(kind, query);
    },
    commit: guarded(records.commit),
    acquireLease: guarded(records.acquireLease),
    renewLease: guarded(records.renewLease),
    releaseLease: guarded(records.releaseLease),
    pendingEvents: guarded(records.pendingEvents),
    settleEvent: guarded(records.settleEvent),
    close: records.close,
  };
}
