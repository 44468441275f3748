import type { Transport } from '../http/transport.ts';
import type { Clock } from '../options.ts';
import type { CallOptions } from '../types/clients.ts';
import type { Auth, Identity, ServiceType } from '../types/identity.ts';
import type { WireTokenRequest } from '../wire/identity.ts';
import { type EndpointChoice, endpointOf, readCatalog } from './catalog.ts';

/** A token and what came with it. */
export type Token = {
  readonly value: string;
  readonly identity: Identity;
  /** From then on a new one is fetched beside the calls. */
  readonly renewAtMs: number;
  /** From then on calls wait for a new one. */
  readonly unusableAtMs: number;
};

/** The Keystone session that all clients of one OpenStack share. */
export type Session = {
  /** A token that is not about to expire; calls at the same time share one request. */
  token(signal?: AbortSignal): Promise<Token>;
  /** Forgets a token that a service refused. */
  refused(token: Token): void;
  endpoint(service: ServiceType, call?: CallOptions): Promise<string>;
  identity(call?: CallOptions): Promise<Identity>;
};

/** Renewed this long before expiry, or at three quarters of a short life. */
const RENEW_BEFORE_MS = 300_000;
/** A token may not expire between our sending it and the service's looking at it. */
const UNUSABLE_BEFORE_MS = 60_000;
/** After a renewal that failed, the still valid token is used this long before the next try. */
const RENEW_AGAIN_MS = 10_000;

function tokenRequest(auth: Auth): WireTokenRequest {
  if (auth.kind === 'application-credential') {
    return {
      auth: {
        identity: {
          methods: ['application_credential'],
          application_credential: { id: auth.id, secret: auth.secret },
        },
      },
    };
  }
  return {
    auth: {
      identity: {
        methods: ['password'],
        password: {
          user: {
            name: auth.username,
            domain: { name: auth.userDomainName ?? 'Default' },
            password: auth.password,
          },
        },
      },
      scope: {
        project: {
          name: auth.projectName,
          domain: { name: auth.projectDomainName ?? 'Default' },
        },
      },
    },
  };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(signal.reason);
    signal.addEventListener('abort', giveUp, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', giveUp));
  });
}

/** Makes a session; the first token is got when first needed. `keystoneUrl` ends in `/v3`. */
export function createSession(options: {
  readonly keystoneUrl: string;
  readonly auth: Auth;
  readonly choice: EndpointChoice;
  readonly transport: Transport;
  readonly clock: Clock;
  /** Told each token, so that it can be kept out of errors. */
  readonly onToken: (value: string) => void;
}): Session {
  const url = `${options.keystoneUrl}/auth/tokens`;
  const path = new URL(url).pathname;
  let current: Token | null = null;
  let underWay: Promise<Token> | null = null;

  const authenticate = async (): Promise<Token> => {
    const answer = await options.transport({
      service: 'identity',
      method: 'POST',
      url,
      headers: {},
      body: tokenRequest(options.auth),
      // Asking twice only makes a second token.
      repeat: 'safe',
    });
    const value = answer.headers.get('x-subject-token');
    const token = answer.json().object('token');
    if (value === null || value === '') return token.fail('(header X-Subject-Token)', 'present');
    options.onToken(value);
    const expiresAt = token.time('expires_at');
    // Counted from our own clock: the two machines' clocks may differ.
    const lifeMs = Math.max(0, Date.parse(expiresAt) - Date.parse(token.time('issued_at')));
    const nowMs = options.clock.nowMs();
    return {
      value,
      renewAtMs: nowMs + Math.max(lifeMs - RENEW_BEFORE_MS, lifeMs * 0.75),
      unusableAtMs: nowMs + Math.max(lifeMs - UNUSABLE_BEFORE_MS, lifeMs * 0.9),
      identity: {
        userId: token.object('user').string('id'),
        projectId: token.nullableObject('project')?.string('id') ?? null,
        roles: token.optionalList('roles').map((role) => role.string('name')),
        expiresAt,
        catalog: readCatalog(token),
      },
    };
  };

  const renew = (): Promise<Token> => {
    underWay ??= authenticate()
      .then((token) => {
        current = token;
        return token;
      })
      .finally(() => {
        underWay = null;
      });
    return underWay;
  };

  /** Keystone away for a while is no reason to stop using a token that is still good. */
  const renewBeside = (held: Token): void => {
    void renew().catch(() => {
      if (current !== held) return;
      current = { ...held, renewAtMs: options.clock.nowMs() + RENEW_AGAIN_MS };
    });
  };

  const token = async (signal?: AbortSignal): Promise<Token> => {
    const held = current;
    const nowMs = options.clock.nowMs();
    if (held === null || nowMs >= held.unusableAtMs) return untilAborted(renew(), signal);
    if (nowMs >= held.renewAtMs && underWay === null) renewBeside(held);
    return held;
  };

  return {
    token,
    refused: (refusedToken) => {
      if (current?.value === refusedToken.value) current = null;
    },
    endpoint: async (service, call) => {
      const { identity } = await token(call?.signal);
      return endpointOf(identity.catalog, service, options.choice, path);
    },
    identity: async (call) => (await token(call?.signal)).identity,
  };
}
