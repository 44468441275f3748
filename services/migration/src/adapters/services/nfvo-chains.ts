import { answer, type NfvoClient, ServiceError } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';
import type { Chains } from '../../ports/chains.ts';
import { problemOf, translated } from './translated.ts';

/** Chains made whole by the NFVO service; `advice` for what a move can do without. */
export function nfvoChains(client: NfvoClient, advice: NfvoClient): Chains {
  return {
    drainable: async (chainIds, serverId) => {
      const answers = await Promise.all(chainIds.map((id) => drainableIn(advice, id, serverId)));
      if (answers.some(({ drainable }) => drainable)) return { kind: 'yes' };
      const reasons = new Set(answers.flatMap(({ why }) => why ?? []));
      return { kind: 'no', why: [...reasons].join('; ') };
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

type InChain = { readonly drainable: boolean; readonly why: string | null };

/** From a chain that is gone, and where there are none, nobody can be drained. */
async function drainableIn(client: NfvoClient, id: string, serverId: string): Promise<InChain> {
  const params = { path: { id }, query: { serverId } };
  try {
    return await answer('nfvo', client.GET('/sfcs/{id}/drainable', { params }));
  } catch (error) {
    if (error instanceof ServiceError && (error.status === 404 || error.status === 501)) {
      return { drainable: false, why: 'the server is in no hop' };
    }
    throw problemOf(error);
  }
}
