import { test } from 'vitest';
import { describeOpenStackConformance } from './describe-openstack-conformance.ts';
import { labTarget } from './lab-target.ts';

const found = await labTarget(process.env);
if ('target' in found) describeOpenStackConformance(found.target);
else test.skip(`OpenStack as the real lab (skipped: ${found.reason})`);
