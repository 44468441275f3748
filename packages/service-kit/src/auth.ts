import { createHash, timingSafeEqual } from 'node:crypto';

/** What a caller may do; each role may do what the ones before it may. */
export const roles = ['viewer', 'operator', 'admin'] as const;
export type Role = (typeof roles)[number];

/** Who calls. */
export type Principal = { name: string; role: Role };

/** One accepted token; only its SHA-256 (hex) is kept. */
export type TokenEntry = { name: string; role: Role; sha256: string };

export function mayAct(principal: Principal, needed: Role): boolean {
  return roles.indexOf(principal.role) >= roles.indexOf(needed);
}

export function tokenDigest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Finds whom a presented token belongs to; compares digests in constant time. */
export function principalOf(token: string, entries: readonly TokenEntry[]): Principal | undefined {
  const digest = Buffer.from(tokenDigest(token), 'hex');
  let found: Principal | undefined;
  for (const entry of entries) {
    if (timingSafeEqual(digest, Buffer.from(entry.sha256, 'hex'))) {
      found = { name: entry.name, role: entry.role };
    }
  }
  return found;
}

/**
 * Whom a header of an agent's kind belongs to: `Basic` (RFC 7617) with the token's name and the token, or InfluxDB's
 * `Token <token>`.
 */
export function principalOfOther(
  header: string,
  entries: readonly TokenEntry[],
): Principal | undefined {
  const influx = /^Token +([^\s]{1,512})$/i.exec(header)?.[1];
  if (influx !== undefined) return principalOf(influx, entries);
  const basic = /^Basic +([A-Za-z0-9+/=]{1,2048})$/i.exec(header)?.[1];
  if (basic === undefined) return undefined;
  const [, user, password] = /^([^:]*):(.*)$/s.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  if (password === undefined) return undefined;
  const principal = principalOf(password, entries);
  return principal?.name === user ? principal : undefined;
}
