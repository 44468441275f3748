import { createHash } from 'node:crypto';
import { type Policy, replacementCode } from '@sidestep/policies';

const versions = new WeakMap<Policy, string>();

/** The first digits of the SHA-256 of the policy's code and parameters: another for each change, which nobody can forget to make. */
export function policyVersion(policy: Policy): string {
  const known = versions.get(policy);
  if (known !== undefined) return known;
  const version = versionOf(`${policy.name} ${JSON.stringify(policy.params)} ${policy.plan}`);
  versions.set(policy, version);
  return version;
}

/** The same of the code that searches for better places of all. */
export const replacementVersion: string = versionOf(replacementCode.join(' '));

function versionOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}
