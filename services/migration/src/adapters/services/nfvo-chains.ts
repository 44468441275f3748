import { answer, type NfvoClient, ServiceError } from '@sidestep/contracts';
import { ProblemError } from '@sidestep/service-kit';
import type { Chains } from '../../ports/chains.ts';
import { problemOf } from './translated.ts';

/** Chains made whole by the NFVO service. */
export function nfvoChains(client: NfvoClient): Chains {
  return {
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
