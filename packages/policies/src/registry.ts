import { leastCpu } from './least-cpu.ts';
import { leastRisk } from './least-risk.ts';
import { noMigration } from './no-migration.ts';
import type { Policy } from './policy.ts';
import { random } from './random.ts';
import { svmClass } from './svm-class.ts';

/** Every policy; one line each. */
export const policies: readonly Policy[] = [leastCpu, leastRisk, noMigration, random, svmClass];

/** The policy of that name, or undefined. */
export function policyNamed(name: string): Policy | undefined {
  return policies.find((policy) => policy.name === name);
}
