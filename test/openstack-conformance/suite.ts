import { test } from 'vitest';
import type { Behaviour, ConformanceTarget } from './target.ts';
import type { Workbench } from './workbench.ts';

/** Registers a rule, or a skip that tells why the target can't show it. */
export type Rule = (title: string, check: () => Promise<void>, ...needs: Behaviour[]) => void;

/** What each part of the suite is given. */
export type Part = {
  readonly target: ConformanceTarget;
  readonly rule: Rule;
  /** Only within a rule. */
  readonly bench: () => Workbench;
};

/** Why a behaviour can't be checked on the target; undefined when it can. */
export function obstacle(target: ConformanceTarget, behaviour: Behaviour): string | undefined {
  const stated = target.skip?.[behaviour];
  if (stated !== undefined) return stated;
  if (behaviour === 'faults' && target.setMigrationFault === undefined) {
    return 'the target offers no migration faults';
  }
  if (behaviour === 'flows' && target.flows === undefined) {
    return 'the target does not show its flow rules';
  }
  return undefined;
}

/** Makes the function by which the parts register their rules. */
export function ruleOf(target: ConformanceTarget): Rule {
  return (title, check, ...needs) => {
    const reason = needs.map((need) => obstacle(target, need)).find((each) => each !== undefined);
    if (reason === undefined) test(title, check);
    else test.skip(`${title} (skipped: ${reason})`, check);
  };
}
