/** A text that is no list of users; the message names the first faulty line. */
export class MalformedUsers extends Error {
  override readonly name = 'MalformedUsers';
}

/** Passwords by user of collectd's AuthFile: a line `user: password` each. Throws MalformedUsers. */
export function parseUsers(text: string): ReadonlyMap<string, string> {
  const users = new Map<string, string>();
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const colon = line.indexOf(':');
    const user = line.slice(0, Math.max(0, colon)).trim();
    const password = line.slice(colon + 1).trim();
    if (user === '' || password === '') {
      throw new MalformedUsers(`line ${at + 1} is no "user: password"`);
    }
    users.set(user, password);
  }
  return users;
}
