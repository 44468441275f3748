import type { nfvo } from '@sidestep/contracts';
import { type Handlers, NotFound, ProblemError } from '@sidestep/service-kit';
import type { ChainProber } from '../ports/chain-prober.ts';
import { createChain, deleteChain, updateChain } from '../usecases/change-chain.ts';
import { listContainers } from '../usecases/containers.ts';
import type { Context } from '../usecases/context.ts';
import { describeChain } from '../usecases/describe-chain.ts';
import { type ChainRecord, kinds } from '../usecases/documents.ts';
import { drain, showDrain, undrain } from '../usecases/drain.ts';
import type { DrainDocument } from '../usecases/drain-document.ts';
import { drainable } from '../usecases/drainable.ts';
import { listChains, showPortChain } from '../usecases/list-chains.ts';
import { cleanOrphans, findOrphans } from '../usecases/orphans.ts';
import { repath } from '../usecases/repath.ts';
import type { RepathDocument } from '../usecases/repath-document.ts';
import { demandSfc, type ReadSfcExtension } from '../usecases/sfc-extension.ts';
import { createSfcr, deleteSfcr, listSfcrs } from '../usecases/sfcrs.ts';
import { beginStandby, showStandby } from '../usecases/standby.ts';
import type { StandbyDocument } from '../usecases/standby-document.ts';
import { upstreamProblem } from '../usecases/upstream-problem.ts';
import { createVnf, deleteVnf, shutdownVnf, type VnfOptions } from '../usecases/vnfs.ts';
import {
  containerOnWire,
  describedOnWire,
  drainOnWire,
  hopOptions,
  newSfcr,
  probedOnWire,
  promiseOnWire,
  repathOnWire,
  sfcOnWire,
  sfcrOnWire,
  slaOf,
  standbyOnWire,
} from './wire.ts';

type Operations = nfvo.operations;

/** The contract's operations over the use cases. What is about chains first asks whether networking-sfc is there. */
export function nfvoHandlers(
  context: Context,
  options: {
    readonly readSfc: ReadSfcExtension;
    readonly vnfs: VnfOptions;
    readonly probeChain: ChainProber;
  },
): Handlers<Operations> {
  const { readSfc, vnfs, probeChain } = options;
  const withSfc = <T>(work: () => Promise<T>): Promise<T> =>
    told(async () => {
      await demandSfc(readSfc);
      return work();
    });
  const pageOf = <T extends object>(kind: string, query: { limit?: number; cursor?: string }) =>
    context.records.list<T>(kind, { limit: query.limit ?? 100, cursor: query.cursor });
  return {
    listSfcrs: () =>
      withSfc(async () => ({
        status: 200,
        body: (await listSfcrs(context)).map(sfcrOnWire),
      })),
    createSfcr: ({ body }) =>
      withSfc(async () => ({ status: 200, body: await createSfcr(context, newSfcr(body)) })),
    deleteSfcr: ({ params }) =>
      withSfc(async () => {
        await deleteSfcr(context, params.id);
        return { status: 204 };
      }),
    listSfcs: () =>
      withSfc(async () => ({ status: 200, body: (await listChains(context)).map(sfcOnWire) })),
    getSfc: ({ params }) =>
      withSfc(async () => ({
        status: 200,
        body: describedOnWire(await describeChain(context, params.id)),
      })),
    probeSfc: ({ params }) =>
      withSfc(async () => {
        const chain = await showPortChain(context, params.id);
        return { status: 200, body: probedOnWire(chain.id, await probeChain(chain)) };
      }),
    listPromises: ({ query }) =>
      told(async () => {
        const page = await pageOf<ChainRecord>(kinds.chain, query);
        const promises = page.items.flatMap(({ id, value }) => promiseOnWire(id, value));
        return { status: 200, body: { promises, nextCursor: page.nextCursor } };
      }),
    createSfc: ({ body }) =>
      withSfc(async () => ({
        status: 200,
        body: await createChain(context, {
          name: body.sfc_name,
          classifierIds: body.sfcr_ids,
          hops: body.vnf_instance_ids,
          symmetric: body.is_symmetric ?? false,
          onGap: body.on_gap ?? 'closed',
          hopOptions: hopOptions(body.hop_options ?? []),
          sla: slaOf(body.sla ?? {}),
        }),
      })),
    updateSfc: ({ params, body }) =>
      withSfc(async () => {
        await updateChain(context, params.id, {
          classifierIds: body.sfcr_ids,
          hops: body.vnf_instance_ids,
          sla: body.sla === undefined ? undefined : slaOf(body.sla),
        });
        return { status: 200, body: params.id };
      }),
    deleteSfc: ({ params }) =>
      withSfc(async () => {
        await deleteChain(context, params.id);
        return { status: 204 };
      }),
    listRepaths: ({ query }) =>
      told(async () => {
        const page = await pageOf<RepathDocument>(kinds.repath, query);
        return {
          status: 200,
          body: {
            repaths: page.items.map(({ id, value }) => repathOnWire(id, value)),
            nextCursor: page.nextCursor,
          },
        };
      }),
    getRepath: ({ params }) =>
      told(async () => {
        const stored = await context.records.get<RepathDocument>(kinds.repath, params.id);
        if (stored === undefined) throw new NotFound('re-render', params.id);
        return { status: 200, body: repathOnWire(params.id, stored.value) };
      }),
    repath: ({ params, body }) =>
      withSfc(async () => ({
        status: 200,
        body: repathOnWire(params.id, await repath(context, params.id, body.serverId)),
      })),
    listDrains: ({ query }) =>
      told(async () => {
        const page = await pageOf<DrainDocument>(kinds.drain, query);
        const drains = page.items.map(({ id, value }) => drainOnWire(id, value));
        return { status: 200, body: { drains, nextCursor: page.nextCursor } };
      }),
    getDrain: ({ params }) =>
      told(async () => ({
        status: 200,
        body: drainOnWire(params.id, await showDrain(context, params.id)),
      })),
    drain: ({ params, body }) =>
      withSfc(async () => ({
        status: 200,
        body: drainOnWire(params.id, await drain(context, params.id, body.serverId)),
      })),
    undrain: ({ params }) =>
      withSfc(async () => ({
        status: 200,
        body: drainOnWire(params.id, await undrain(context, params.id)),
      })),
    getDrainable: ({ params, query }) =>
      told(async () => {
        const answer = await drainable(context, params.id, query.serverId);
        const why = answer.kind === 'no' ? answer.why : null;
        return { status: 200, body: { drainable: answer.kind === 'yes', why } };
      }),
    listStandbys: ({ query }) =>
      told(async () => {
        const page = await pageOf<StandbyDocument>(kinds.standby, query);
        const standbys = page.items.map(({ id, value }) => standbyOnWire(id, value));
        return { status: 200, body: { standbys, nextCursor: page.nextCursor } };
      }),
    getStandby: ({ params }) =>
      told(async () => ({
        status: 200,
        body: standbyOnWire(params.id, await showStandby(context, params.id)),
      })),
    standby: ({ params, body }) =>
      withSfc(async () => ({
        status: 202,
        headers: { location: `/standbys/${params.id}` },
        body: standbyOnWire(
          params.id,
          await beginStandby(context, params.id, body.serverId, {
            hostId: body.hostId ?? null,
            policy: body.policy ?? 'least-risk',
            userData: body.userData ?? null,
            monitoring: body.monitoring ?? null,
            warmUpMs: body.warmUpMs ?? 0,
          }),
        ),
      })),
    createVnf: ({ body }) =>
      told(async () => {
        if (body.command !== undefined)
          throw new ProblemError('UNPROCESSABLE', 'A server takes no command; containers do', {
            errors: [{ pointer: '/body/command', detail: 'is for containers only' }],
          });
        if (body.policy !== undefined && body.like === undefined)
          throw new ProblemError('INVALID_REQUEST', 'A policy needs a server to rank hosts for', {
            errors: [{ pointer: '/body/policy', detail: 'goes with like only' }],
          });
        const id = await createVnf(
          context,
          {
            flavorId: body.flavor_id,
            imageId: body.image_id,
            name: body.vnf_name,
            host: body.node_name,
            userData: body.user_data,
            like:
              body.like === undefined
                ? undefined
                : { serverId: body.like, policy: body.policy ?? 'least-risk' },
            monitoring: body.monitoring,
          },
          vnfs,
        );
        return { status: 200, body: id };
      }),
    deleteVnf: ({ params }) =>
      told(async () => {
        await deleteVnf(context, params.id, readSfc);
        return { status: 204 };
      }),
    shutdownVnf: ({ params }) =>
      told(async () => {
        await shutdownVnf(context, params.id);
        return { status: 204 };
      }),
    listContainers: () =>
      told(async () => ({
        status: 200,
        body: { containers: (await listContainers(context, readSfc)).map(containerOnWire) },
      })),
    listOrphans: () =>
      withSfc(async () => ({ status: 200, body: { orphans: await findOrphans(context) } })),
    cleanOrphans: () =>
      withSfc(async () => ({ status: 200, body: { orphans: await cleanOrphans(context) } })),
  };
}

async function told<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw upstreamProblem(error) ?? error;
  }
}
