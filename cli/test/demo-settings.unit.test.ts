import { commonSettings } from '@sidestep/service-kit';
import { expect, test } from 'vitest';
import { demoSettings } from '../src/demo/demo-settings.ts';

test('a demo’s queues are those of no other Sidestep on the same Redis', () => {
  const prefixOf = (portBase: number) =>
    commonSettings.SIDESTEP_QUEUE_PREFIX.parse(
      demoSettings({ policy: 'least-risk', portBase }).SIDESTEP_QUEUE_PREFIX,
    );
  const real = commonSettings.SIDESTEP_QUEUE_PREFIX.parse(undefined);

  expect(new Set([real, prefixOf(8601), prefixOf(8701)]).size).toBe(3);
  expect(prefixOf(8601)).toBe(prefixOf(8601));
});
