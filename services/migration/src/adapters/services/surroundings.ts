import {
  answer,
  type MonitoringClient,
  type monitoring,
  type NfvoClient,
  type nfvo,
} from '@sidestep/contracts';
import { type ChainPromise, type Link, usualCriticality } from '@sidestep/fleet';
import type { Surroundings } from '../../ports/surroundings.ts';
import { translated } from './translated.ts';

/** How long a reading serves: links are declared, promises are made by hand. */
const keptMs = 30_000;
/** Who does not answer is not waited for in each decision. */
const afterFailureMs = 5_000;
const pageSize = 500;

/** The topology from Monitoring and the promises from NFVO, read now and then. */
export function serviceSurroundings(
  clients: { monitoring: MonitoringClient; nfvo: NfvoClient },
  now: () => number,
): Surroundings {
  return {
    links: monitoringLinks(clients.monitoring, now),
    promises: kept(now, async () => {
      const all = await allPromises(clients.nfvo);
      return new Map(all.map(({ sfc_id: id, sla }) => [id, readPromise(sla)]));
    }),
  };
}

async function allPromises(
  client: NfvoClient,
): Promise<nfvo.components['schemas']['ChainPromise'][]> {
  const all: nfvo.components['schemas']['ChainPromise'][] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: pageSize, ...(cursor === undefined ? {} : { cursor }) };
    const page = client.GET('/promises', { params: { query } });
    const { promises, nextCursor } = await translated(answer('nfvo', page));
    all.push(...promises);
    cursor = nextCursor ?? undefined;
  } while (cursor !== undefined);
  return all;
}

/** The topology from Monitoring, read now and then. */
export const monitoringLinks = (client: MonitoringClient, now: () => number) =>
  kept(now, async () => {
    const links = await translated(answer('monitoring', client.GET('/links')));
    return links.map(readLink);
  });

/**
 * The last reading while it is recent. An older one goes on serving while the next is read, so that no decision waits
 * for it; only the first is waited for.
 */
function kept<T>(now: () => number, read: () => Promise<T>): () => Promise<T> {
  let last: { value: T; atMs: number } | undefined;
  let failed: { error: unknown; atMs: number } | undefined;
  let reading: Promise<T> | undefined;
  const readOnce = () => {
    reading ??= read()
      .then((value) => {
        last = { value, atMs: now() };
        return value;
      })
      .catch((error: unknown) => {
        failed = { error, atMs: now() };
        throw error;
      })
      .finally(() => {
        reading = undefined;
      });
    return reading;
  };
  return async () => {
    if (last === undefined) {
      if (failed !== undefined && now() - failed.atMs < afterFailureMs) throw failed.error;
      return readOnce();
    }
    if (now() - last.atMs >= keptMs) readOnce().catch(() => undefined);
    return last.value;
  };
}

function readLink(link: monitoring.components['schemas']['Link']): Link {
  return {
    id: link.id,
    ends: [link.node1_id, link.node2_id],
    delayMs: link.delay_us === null ? 'unknown' : link.delay_us / 1_000,
    bandwidthMbps: link.max_bw_mbps ?? 'unknown',
  };
}

function readPromise(sla: nfvo.components['schemas']['Sla']): ChainPromise {
  return {
    delayMs: sla.delay_ms,
    bandwidthMbps: sla.bandwidth_mbps,
    criticality: sla.criticality ?? usualCriticality,
  };
}
