import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Role, roles, type TokenEntry, tokenDigest } from '@sidestep/service-kit';

/** Tokens of one installation: one a role for people, one a service for the others. */
export type Access = {
  /** What the services accept; digests only. */
  tokensFile: string;
  token: Record<Role, string>;
  tokenFile: Record<Role, string>;
  serviceTokenFile: Record<string, string>;
};

/** Services need no more than operator: they write samples, approve nothing and change no settings. */
const serviceRole: Role = 'operator';

/** Makes the tokens that are not there yet and keeps them where only this user can read them. */
export function makeAccess(folder: string, services: readonly string[]): Access {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const entries: TokenEntry[] = [];
  const make = (name: string, role: Role): { token: string; file: string } => {
    const file = join(folder, `${name}.token`);
    if (!existsSync(file)) {
      writeFileSync(file, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
    }
    const token = readFileSync(file, 'utf8').trim();
    entries.push({ name, role, sha256: tokenDigest(token) });
    return { token, file };
  };
  const people = roles.map((role) => [role, make(role, role)] as const);
  const machines = services.map(
    (service) => [service, make(`service-${service}`, serviceRole)] as const,
  );
  const tokensFile = join(folder, 'accepted-tokens.json');
  writeFileSync(tokensFile, JSON.stringify(entries, null, 2), { mode: 0o600 });
  return {
    tokensFile,
    token: Object.fromEntries(people.map(([role, made]) => [role, made.token])) as Record<
      Role,
      string
    >,
    tokenFile: Object.fromEntries(people.map(([role, made]) => [role, made.file])) as Record<
      Role,
      string
    >,
    serviceTokenFile: Object.fromEntries(machines.map(([service, made]) => [service, made.file])),
  };
}
