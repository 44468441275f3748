import { expect, test } from 'vitest';
import { collectdConfig } from './collectd-host.ts';
import { stressArguments } from './host-load.ts';

const group = {
  folders: ['/cg/cpu/own/compute1', '/cg/cpuacct/own/compute1'],
  usageFile: '/cg/cpuacct/own/compute1/cpuacct.usage',
};

test('a host reports under its own name, signed, to loopback, as soon as it has measured', () => {
  const config = collectdConfig({
    name: 'compute1',
    group,
    quotaCores: 0.2,
    cores: 12,
    port: 25826,
    signer: { user: 'agents', password: 's3cret' },
    intervalSeconds: 1,
    folder: '/hosts/compute1',
  });

  expect(config).toContain('Hostname "compute1"');
  expect(config).toContain('<Server "127.0.0.1" "25826">');
  expect(config).toMatch(/SecurityLevel Sign\s+Username "agents"\s+Password "s3cret"/);
  expect(config).toContain('FlushInterval 1');
  expect(config).toContain(
    '"/cg/cpuacct/own/compute1/cpuacct.usage" "200" "12" "/cg/cpuacct/own/compute1"',
  );
});

test('half of a host of a fifth of a core is a tenth of a core to stress-ng', () => {
  const args = stressArguments(group, 50, 0.2, '/hosts');

  expect(args.slice(-4)).toEqual(['--cpu-load', '10', '--temp-path', '/hosts']);
});

test('a full host is one whole worker, held back by the quota', () => {
  expect(stressArguments(group, 100, 0.2, '/hosts')).not.toContain('--cpu-load');
});
