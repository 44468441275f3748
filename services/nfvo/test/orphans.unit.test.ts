import { setImmediate as nextTurn } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { createChain, deleteChain, updateChain } from '../src/usecases/change-chain.ts';
import { findOrphans } from '../src/usecases/orphans.ts';
import { repath } from '../src/usecases/repath.ts';
import { type House, house } from './fakes/house.ts';

/** Somebody whose calls are carried out one by one, when they are let through. */
class Gated {
  readonly context: House['context'];
  #waiting: (() => void) | undefined;

  constructor({ context, cloud }: House) {
    const { neutron, sfc } = cloud;
    this.context = {
      ...context,
      cloud: { ...cloud, neutron: this.#gate(neutron), sfc: this.#gate(sfc) },
    };
  }

  /** Lets so many calls through, as far as there are any. */
  async go(calls: number): Promise<void> {
    for (let call = 0; call < calls; call++) {
      await nextTurn();
      const proceed = this.#waiting;
      this.#waiting = undefined;
      if (proceed === undefined) return;
      proceed();
    }
    await nextTurn();
  }

  #gate<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, key) => {
        const found: unknown = Reflect.get(target, key);
        if (typeof found !== 'function') return found;
        return async (...args: unknown[]) => {
          await new Promise<void>((resolve) => {
            const before = this.#waiting;
            this.#waiting = () => {
              before?.();
              resolve();
            };
          });
          return Reflect.apply(found, target, args);
        };
      },
    });
  }
}

type Work = (
  it: House,
  context: House['context'],
  ids: { chainId: string; classifierId: string },
) => Promise<unknown>;
const works: [string, Work][] = [
  [
    'made',
    async (_it, context, { classifierId }) =>
      createChain(context, {
        name: 'second',
        classifierIds: [classifierId],
        hops: [['ips'], ['dpi']],
        symmetric: false,
        onGap: 'closed',
        hopOptions: [],
        sla: { bandwidthMbps: null, delayMs: null },
      }),
  ],
  [
    'rendered anew',
    async ({ cloud }, context) => {
      cloud.move('fw', 'host3');
      return repath(context, 'r1', 'fw');
    },
  ],
  [
    'changed',
    async (_it, context, { chainId }) =>
      updateChain(context, chainId, { hops: [['nat', 'fw'], ['ids']] }),
  ],
  ['deleted', async (_it, context, { chainId }) => deleteChain(context, chainId)],
];

const toItsEnd = 100;
/** How many calls of the work lie between two calls of who looks. */
const anyRuns = fc.array(fc.oneof(fc.integer({ min: 0, max: 12 }), fc.constant(toItsEnd)), {
  minLength: 9,
  maxLength: 9,
});

test.each(works)(
  'nothing of a chain that is %s meanwhile is an orphan, however the two interleave',
  async (_case, work) => {
    await fc.assert(
      fc.asyncProperty(anyRuns, async (runs) => {
        const it = house();
        for (const id of ['fw', 'nat', 'ids', 'ips', 'dpi']) it.cloud.server(id, 'host2');
        const chainId = await it.chain([['fw'], ['nat', 'ids']]);
        const classifierId = await it.sfcr();
        const [finder, worker] = [new Gated(it), new Gated(it)];

        const both = Promise.all([
          findOrphans(finder.context),
          work(it, worker.context, { chainId, classifierId }),
        ]);
        for (const calls of runs) {
          await worker.go(calls);
          await finder.go(1);
        }
        await finder.go(toItsEnd);
        await worker.go(toItsEnd);

        expect((await both)[0]).toEqual([]);
        expect(await findOrphans(it.context)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  },
);
