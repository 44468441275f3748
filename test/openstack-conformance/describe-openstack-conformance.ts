import { afterAll, beforeAll, describe, expect } from 'vitest';
import { chainAfterMoveRules } from './chain-after-move-rules.ts';
import { chainRules } from './chain-rules.ts';
import { hostFailureRules } from './host-failure-rules.ts';
import { liveMigrationRules } from './live-migration-rules.ts';
import { ruleOf } from './suite.ts';
import type { ConformanceTarget } from './target.ts';
import { createWorkbench, type Workbench } from './workbench.ts';

/**
 * Checks, through the unmodified clients, that a target behaves as the real OpenStack did that was measured.
 * The emulator and the real lab run the same rules, so that what is learnt on one holds on the other.
 */
export function describeOpenStackConformance(target: ConformanceTarget): void {
  describe(`OpenStack as ${target.name}`, () => {
    let made: Workbench | null = null;
    const bench = () => {
      if (made === null) throw new Error('the workbench was not made');
      return made;
    };
    beforeAll(async () => {
      try {
        made = await createWorkbench(target);
      } catch (error) {
        await target.close?.();
        throw error;
      }
    });
    afterAll(async () => {
      await made?.close();
    });

    const rule = ruleOf(target);
    rule('tells what it can do', async () => {
      const capabilities = await bench().openstack.capabilities();

      expect(capabilities).toMatchObject({
        compute: { available: true },
        placement: { available: true },
        network: { available: true, portBindings: true, sfc: target.skip?.sfc === undefined },
      });
    });
    const part = { target, rule, bench };
    chainRules(part);
    liveMigrationRules(part);
    chainAfterMoveRules(part);
    hostFailureRules(part);
  });
}
