import { expect, test } from 'vitest';
import { expectedOfHosts } from '../../services/monitoring/src/usecases/examine-agents.ts';
import { collectdConfigs, directivesOf, userData } from './collectd-configs.ts';

const loaded = (config: string): string[] =>
  directivesOf(config).flatMap((line) => /^LoadPlugin (\w+)$/.exec(line)?.[1] ?? []);

test('a host’s agent loads every plugin whose metrics the doctor looks for, and reports its servers', () => {
  expect(loaded(collectdConfigs.host)).toEqual(
    expect.arrayContaining([...new Set(Object.values(expectedOfHosts)), 'virt', 'network']),
  );
});

test('nothing is sent that anybody on the way could forge', () => {
  expect(collectdConfigs.host).toMatch(/SecurityLevel "(Sign|Encrypt)"/);
  expect(collectdConfigs.vnf).toMatch(/URL "https:/);
  for (const wanted of ['VerifyPeer true', 'VerifyHost true', 'StoreRates false']) {
    expect(directivesOf(collectdConfigs.vnf)).toContain(wanted);
  }
});

test('a VNF that is started with the user data is configured as one whose image has the agent', () => {
  expect(directivesOf(collectdConfigs['cloud-init'])).toEqual(directivesOf(collectdConfigs.vnf));
  expect(userData.packages).toContain('collectd-core');
  expect(userData.runcmd.join('\n')).toMatch(/sed "s\/SERVER_UUID\/.*instance_id.*collectd\.conf/);
});
