import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whom the agents of one installation sign as, and the list (collectd's AuthFile) that Monitoring checks them by. */
export type CollectdUser = { user: string; password: string; usersFile: string };

const USER = 'sidestep';

/** Makes the user when it is not there yet and keeps it where only this account can read it. */
export function makeCollectdUser(dataDir: string): CollectdUser {
  const folder = join(dataDir, 'access');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const usersFile = join(folder, 'collectd.users');
  if (!existsSync(usersFile)) {
    const password = randomBytes(24).toString('base64url');
    writeFileSync(usersFile, `${USER}: ${password}\n`, { mode: 0o600 });
  }
  const [, user, password] =
    /^([^:\s]+)\s*:\s*(\S+)\s*$/m.exec(readFileSync(usersFile, 'utf8')) ?? [];
  if (user === undefined || password === undefined) {
    throw new Error(`${usersFile} has no line "user: password"`);
  }
  return { user, password, usersFile };
}

/** What makes Monitoring refuse datagrams that are not signed. */
export const signedOnly: Readonly<Record<string, string>> = {
  SIDESTEP_COLLECTD_SECURITY: 'signed',
};

/** How an emulated cloud's agents sign. */
export const signingAs = ({ user, password }: CollectdUser) =>
  ({ level: 'sign', user, password }) as const;
