import type { nfvo } from '@sidestep/contracts';
import { createServiceApp, type Listening, listen, silentLog } from '@sidestep/service-kit';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { afterEach } from 'vitest';
import { configuredProber } from '../../src/adapters/probes/configured-prober.ts';
import type { ProbeSetting } from '../../src/adapters/probes/probe-settings.ts';
import type { MonitoringTarget } from '../../src/domain/user-data.ts';
import { nfvoHandlers } from '../../src/http/handlers.ts';
import type { AskDestination } from '../../src/ports/destinations.ts';
import { nfvoCapabilities } from '../../src/usecases/capabilities.ts';
import { sfcExtensionReader } from '../../src/usecases/sfc-extension.ts';
import { type House, house } from './house.ts';

const open: Listening[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close(100)));
});

export type Ask = (
  method: string,
  path: string,
  body?: unknown,
) => Promise<{ status: number; body: unknown; type: string | null }>;

/** The service on a cloud in memory, each of its answers checked against the contract. */
export async function served(
  more: {
    probes?: readonly ProbeSetting[];
    monitoring?: MonitoringTarget;
    askDestination?: AskDestination;
  } = {},
): Promise<House & { ask: Ask }> {
  const it = house();
  for (const id of ['client', 'web']) it.cloud.server(id, 'host1', 1);
  for (const id of ['fw', 'ips', 'dpi']) it.cloud.server(id, 'host2');
  const readSfc = sfcExtensionReader(it.cloud, it.clock);
  const app = createServiceApp<nfvo.operations>({
    service: 'nfvo',
    version: '0.0.0',
    handlers: nfvoHandlers(it.context, {
      readSfc,
      probeChain: configuredProber(more.probes ?? [], it.clock),
      vnfs: {
        defaults: {
          networks: ['name-of-net-1', 'name-of-net-1'],
          imageId: null,
          monitoring: more.monitoring ?? null,
        },
        askDestination:
          more.askDestination ?? (async () => ({ kind: 'none', why: 'nobody was asked' })),
      },
    }),
    tokens: testTokens,
    log: silentLog,
    readiness: {},
    capabilities: () => nfvoCapabilities(it.context, readSfc),
    checkReplies: true,
  });
  const server = await listen(app, '127.0.0.1', 0);
  open.push(server);
  const ask: Ask = async (method, path, body) => {
    const response = await fetch(`${server.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${testToken('operator')}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      type: response.headers.get('content-type'),
    };
  };
  return { ...it, ask };
}
