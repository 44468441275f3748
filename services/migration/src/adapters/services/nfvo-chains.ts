import { answer, type NfvoClient, type nfvo, ServiceError } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';
import type { Chains } from '../../ports/chains.ts';
import { problemOf, translated } from './translated.ts';

/** Chains made whole by the NFVO service; `advice` for what a move can do without. */
export function nfvoChains(client: NfvoClient, advice: NfvoClient): Chains {
  return {
    drainable: async (chainIds, serverId) => {
      const found = await Promise.all(chainIds.map((id) => hopsOf(advice, id)));
      const around = found
        .flat()
        .filter(({ members }) => members.some(({ id }) => id === serverId));
      if (around.length === 0) return { kind: 'no', why: 'the server is in no hop' };
      const stateless = around.filter((hop) => hop.stateless);
      if (stateless.length === 0) return { kind: 'no', why: 'none of its hops is stateless' };
      return stateless.some(({ members }) => members.length > 1)
        ? { kind: 'yes' }
        : { kind: 'no', why: 'its stateless hops have no other member' };
    },

    drain: async (id, serverId) => {
      const drain = await translated(
        answer(
          'nfvo',
          client.PUT('/drains/{id}', { params: { path: { id } }, body: { serverId } }),
        ),
      );
      if (drain.state === 'failed') {
        throw new ProblemError('UPSTREAM_FAILED', drain.problem?.detail ?? 'the drain failed');
      }
      return {
        hopsOut: drain.hops.filter(({ state }) => state === 'drained').length,
        kept: drain.hops.flatMap(({ state, why }) =>
          state === 'kept' ? [why ?? 'no reason given'] : [],
        ),
      };
    },

    undrain: async (id) => {
      try {
        await answer('nfvo', client.DELETE('/drains/{id}', { params: { path: { id } } }));
      } catch (error) {
        // NFVO has never heard of it.
        if (error instanceof ServiceError && error.status === 404) return;
        throw problemOf(error);
      }
    },

    probe: async (id) => {
      const { outcome, detail } = await translated(
        answer('nfvo', client.POST('/sfcs/{id}/probe', { params: { path: { id } } })),
      );
      return { outcome, detail };
    },

    repath: async (operationId, serverId) => {
      try {
        const record = await answer(
          'nfvo',
          client.PUT('/repaths/{id}', {
            params: { path: { id: operationId } },
            body: { serverId },
          }),
        );
        if (record.state !== 'completed') {
          const detail = record.problem?.detail ?? `the re-path is ${record.state}`;
          throw new ProblemError('REPATH_FAILED', detail);
        }
        if (record.hops.length === 0) return { kind: 'not-needed' };
        const gaps = record.hops.flatMap(({ gapMs }) => (gapMs === null ? [] : [gapMs]));
        const gapMs = gaps.length === 0 ? null : Math.max(...gaps);
        return { kind: 'completed', hops: record.hops.length, gapMs };
      } catch (error) {
        if (error instanceof ServiceError && error.status === 501) {
          return { kind: 'not-available', detail: error.problem?.detail ?? error.message };
        }
        throw problemOf(error);
      }
    },
  };
}

type Hops = NonNullable<nfvo.components['schemas']['Sfc']['hops']>;

/** A chain that is gone has no hops. */
async function hopsOf(client: NfvoClient, id: string): Promise<Hops> {
  try {
    const chain = await answer('nfvo', client.GET('/sfcs/{id}', { params: { path: { id } } }));
    return chain.hops ?? [];
  } catch (error) {
    if (error instanceof ServiceError && (error.status === 404 || error.status === 501)) return [];
    throw problemOf(error);
  }
}
