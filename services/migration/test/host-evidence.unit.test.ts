import { cloud } from '@sidestep/fleet/testing';
import { expect, test } from 'vitest';
import { evidenceOf } from '../src/usecases/hosts/open-incidents.ts';
import { fakeTelemetry } from './fakes/fake-telemetry.ts';

const silent = { down: false, silent: true, seen: true, ruleIds: ['silent'], raisedAtMs: 0 };
const service = {
  state: 'down',
  status: 'enabled',
  disabledReason: null,
  forcedDown: false,
  reportedAtMs: null,
} as const;

/** A host of unknown load with a server of the load, beside others that are heard. */
function site(cpuPercent: number | 'unknown') {
  const view = cloud()
    .host('h1', { cpuPercent: 'unknown' })
    .server('s1', { on: 'h1', cpuPercent })
    .host('h2', { cpuPercent: 40 })
    .host('h3', { cpuPercent: 40 })
    .server('s2', { on: 'h2', cpuPercent: 10 })
    .build();
  const telemetry = fakeTelemetry(view);
  const asked = new Set<string | undefined>();
  const newest: typeof telemetry.newest = (metric, resources) => {
    for (const each of resources ?? [undefined]) asked.add(each);
    return telemetry.newest(metric, resources);
  };
  const options = {
    hosts: { readService: async () => service },
    telemetry: { ...telemetry, newest },
    now: () => 0,
  };
  return { asked, evidence: () => evidenceOf('h1', silent, options) };
}

test.each([
  ['unknown', 'dead'],
  [5, 'unknown'],
] as const)('a silent host whose server is at %s has series that are %s', async (load, series) => {
  expect(await site(load).evidence()).toMatchObject({ nova: 'down', series });
});

test('of a silent host only what is on it is asked for', async () => {
  const { asked, evidence } = site('unknown');
  await evidence();

  expect([...asked].sort()).toEqual(['h1', 's1']);
});
