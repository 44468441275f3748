import { test } from 'vitest';
import { takeLab } from '../openstack/take-lab.ts';
import { describeOperations } from './describe-operations.ts';
import { openLabSite } from './lab-site.ts';

const found = await takeLab();
if ('reason' in found) test.skip(`operations on the real lab (skipped: ${found.reason})`);
else
  describeOperations({
    name: 'the real lab',
    limitMs: 300_000,
    pollMs: 500,
    open: () => openLabSite(found.lab, found.release),
  });
