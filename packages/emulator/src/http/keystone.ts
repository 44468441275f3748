import { randomBytes } from 'node:crypto';
import type { WireCatalogService, WireToken } from '@sidestep/openstack/wire';
import { keystoneId, type World } from '../cloud/world.ts';
import type { EmulatorCredentials } from '../emulator-types.ts';
import { ApiError } from './api-error.ts';
import { asRecord, Router, textOf } from './router.ts';

/** Keystone's words for a wrong password, a wrong scope, a stale token. */
const unauthorized = 'The request you have made requires authentication.';

/** Where the services listen. */
export interface ServiceUrls {
  readonly identity: string;
  readonly compute: string;
  readonly placement: string;
  readonly network: string;
  readonly image: string;
}

/** Tokens given out and still good. */
export class Tokens {
  readonly #world: World;
  readonly #lifetimeMs: number;
  readonly #expiry = new Map<string, number>();

  constructor(world: World, lifetimeMs: number) {
    this.#world = world;
    this.#lifetimeMs = lifetimeMs;
  }

  issue(): { id: string; issuedMs: number; expiresMs: number } {
    const id = `gAAAAA${randomBytes(48).toString('base64url')}`;
    const issuedMs = this.#world.clock.nowMs();
    const expiresMs = issuedMs + this.#lifetimeMs;
    this.#expiry.set(id, expiresMs);
    return { id, issuedMs, expiresMs };
  }

  isValid(id: string): boolean {
    const expiresMs = this.#expiry.get(id);
    if (expiresMs === undefined) return false;
    if (expiresMs > this.#world.clock.nowMs()) return true;
    this.#expiry.delete(id);
    return false;
  }

  revokeAll(): void {
    this.#expiry.clear();
  }
}

function catalogue(world: World, urls: ServiceUrls): WireCatalogService[] {
  const { seed, region, otherRegions = [] } = world.spec;
  const services = [
    ['identity', 'keystone', urls.identity],
    ['compute', 'nova', urls.compute],
    ['placement', 'placement', urls.placement],
    ['network', 'neutron', urls.network],
    ['image', 'glance', urls.image],
  ] as const;
  return services.map(([type, name, url]) => ({
    id: keystoneId(seed, 'service', name),
    type,
    name,
    endpoints: [region, ...otherRegions].flatMap((regionId) =>
      (['public', 'internal', 'admin'] as const).map((kind) => ({
        id: keystoneId(seed, 'endpoint', `${name}/${regionId}/${kind}`),
        interface: kind,
        region: regionId,
        region_id: regionId,
        // Another region is another cloud: its addresses lead nowhere here.
        url: regionId === region || type === 'identity' ? url : `${url}/elsewhere/${regionId}`,
      })),
    ),
  }));
}

function tokenMethod(credentials: EmulatorCredentials, body: unknown): string | 'refused' {
  const identity = asRecord(asRecord(asRecord(body).auth).identity);
  const methods = Array.isArray(identity.methods) ? identity.methods : [];
  if (methods.includes('password')) {
    const user = asRecord(asRecord(identity.password).user);
    const right =
      textOf(user.name) === credentials.username && textOf(user.password) === credentials.password;
    return right ? 'password' : 'refused';
  }
  if (methods.includes('application_credential')) {
    const application = asRecord(identity.application_credential);
    const right =
      textOf(application.id) === credentials.applicationCredentialId &&
      textOf(application.secret) === credentials.applicationCredentialSecret;
    return right ? 'application_credential' : 'refused';
  }
  throw new ApiError(400, "Invalid input for field 'methods': unknown authentication method.");
}

/** Keystone v3: tokens, catalogue, regions. */
export function keystoneRouter(
  world: World,
  tokens: Tokens,
  credentials: EmulatorCredentials,
  urls: ServiceUrls,
): Router {
  const { seed, region, otherRegions = [] } = world.spec;
  const domain = { id: 'default', name: 'Default' };
  const version = {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${urls.identity}/` }],
    'media-types': [
      { base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' },
    ],
  };
  const token = (method: string, issuedMs: number, expiresMs: number): WireToken => ({
    token: {
      methods: [method],
      user: { id: world.ids.userId, name: credentials.username, domain },
      project: { id: world.ids.projectId, name: credentials.projectName, domain },
      roles: [
        { id: keystoneId(seed, 'role', 'admin'), name: 'admin' },
        { id: keystoneId(seed, 'role', 'member'), name: 'member' },
        { id: keystoneId(seed, 'role', 'reader'), name: 'reader' },
      ],
      catalog: catalogue(world, urls),
      issued_at: new Date(issuedMs).toISOString().replace('Z', '000Z'),
      expires_at: new Date(expiresMs).toISOString().replace('Z', '000Z'),
      audit_ids: [keystoneId(seed, 'audit', String(issuedMs)).slice(0, 22)],
    },
  });
  const regions = [region, ...otherRegions].map((id) => ({
    id,
    description: '',
    parent_region_id: null,
    links: { self: `${urls.identity}/regions/${id}` },
  }));

  return new Router()
    .on('GET', '/', () => ({ status: 200, body: { version } }))
    .on('POST', '/auth/tokens', ({ body }) => {
      const method = tokenMethod(credentials, body);
      if (method === 'refused') throw new ApiError(401, unauthorized);
      const project = asRecord(asRecord(asRecord(asRecord(body).auth).scope).project);
      const asked = textOf(project.name) ?? textOf(project.id);
      if (asked !== undefined && asked !== credentials.projectName && asked !== world.ids.projectId)
        throw new ApiError(401, unauthorized);
      const issued = tokens.issue();
      return {
        status: 201,
        body: token(method, issued.issuedMs, issued.expiresMs),
        headers: { 'X-Subject-Token': issued.id },
      };
    })
    .on('GET', '/auth/tokens', ({ headers }) => {
      const subject = headers['x-subject-token'];
      if (typeof subject !== 'string' || !tokens.isValid(subject))
        throw new ApiError(404, 'Could not find token.');
      const nowMs = world.clock.nowMs();
      return { status: 200, body: token('password', nowMs, nowMs + 3_600_000) };
    })
    .on('GET', '/auth/catalog', () => ({
      status: 200,
      body: { catalog: catalogue(world, urls), links: { self: `${urls.identity}/auth/catalog` } },
    }))
    .on('GET', '/regions', () => ({ status: 200, body: { regions } }))
    .on('GET', '/projects', () => ({
      status: 200,
      body: {
        projects: [
          { id: world.ids.projectId, name: credentials.projectName, domain_id: 'default' },
        ],
      },
    }));
}
