import { systemClock } from './clock.ts';
import { createGlance } from './glance/create-glance.ts';
import { compareMicroversions } from './http/microversion.ts';
import { createTransport } from './http/transport.ts';
import { createSession } from './identity/session.ts';
import { createNeutron } from './neutron/create-neutron.ts';
import { createNeutronClient } from './neutron/neutron-client.ts';
import { createNova, NOVA_CEILING } from './nova/create-nova.ts';
import type { OpenStackOptions } from './options.ts';
import { createPlacement } from './placement/create-placement.ts';
import { readCapabilities } from './read-capabilities.ts';
import { createSfc } from './sfc/create-sfc.ts';
import type { OpenStack } from './types/clients.ts';
import { createZun } from './zun/create-zun.ts';

const DEFAULT_TIMEOUT_MS = 30_000;
const DEFAULT_RETRIES = 2;
const DEFAULT_MAX_RESPONSE_BYTES = 32 * 1024 * 1024;

function keystoneUrlOf(authUrl: string): string {
  // The URL is not repeated in the messages: it may hold a password.
  if (!URL.canParse(authUrl)) throw new TypeError('authUrl is no URL');
  const url = new URL(authUrl);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError('authUrl is neither http nor https');
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError('authUrl holds credentials: they belong into auth');
  }
  const base = `${url.origin}${url.pathname}`.replace(/\/+$/, '');
  return base.endsWith('/v3') ? base : `${base}/v3`;
}

/**
 * Makes the clients of one region of an OpenStack. Nothing is sent before the first call.
 * Secrets stay in closures: printing what is returned shows none.
 */
export function createOpenStack(options: OpenStackOptions): OpenStack {
  const { auth } = options;
  const clock = options.clock ?? systemClock;
  const secrets = [auth.kind === 'password' ? auth.password : auth.secret];
  // The one before may still come back in the answer to a call that used it.
  let lastTokens: readonly string[] = [];
  const transport = createTransport({
    fetch: options.fetch ?? fetch,
    clock,
    random: options.random ?? Math.random,
    timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    retries: options.retries ?? DEFAULT_RETRIES,
    maxResponseBytes: options.maxResponseBytes ?? DEFAULT_MAX_RESPONSE_BYTES,
    redact: (text) =>
      [...secrets, ...lastTokens]
        .filter((secret) => secret !== '')
        .reduce((clean, secret) => clean.replaceAll(secret, '***'), text),
  });
  const session = createSession({
    keystoneUrl: keystoneUrlOf(options.authUrl),
    auth,
    choice: { region: options.region ?? null, interface: options.interface ?? 'public' },
    transport,
    clock,
    onToken: (value) => {
      lastTokens = [value, ...lastTokens].slice(0, 2);
    },
  });
  const wanted = options.maxComputeMicroversion ?? NOVA_CEILING;
  const ceiling = compareMicroversions(wanted, NOVA_CEILING) < 0 ? wanted : NOVA_CEILING;

  const nova = createNova({ session, transport, ceiling });
  const placement = createPlacement({ session, transport });
  const neutronClient = createNeutronClient({ session, transport });
  const neutron = createNeutron(neutronClient);
  return {
    keystone: { identity: session.identity, endpoint: session.endpoint },
    nova,
    placement,
    neutron,
    sfc: createSfc(neutronClient),
    glance: createGlance({ session, transport }),
    zun: createZun({ session, transport }),
    capabilities: (call) =>
      readCapabilities({ nova, placement, neutron }, options.region ?? null, call),
  };
}
