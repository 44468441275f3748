import { type Role, roles, type TokenEntry, tokenDigest } from '../auth.ts';

/** One token a role, its name being the role's. */
export const testTokens: readonly TokenEntry[] = roles.map((role) => ({
  name: role,
  role,
  sha256: tokenDigest(testToken(role)),
}));

export function testToken(role: Role): string {
  return `test-token-of-${role}`;
}
