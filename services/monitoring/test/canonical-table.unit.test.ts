import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { canonicalSource } from '../src/domain/canonical-metrics.ts';
import { canonicalMarkdown, canonicalTable } from '../src/domain/canonical-table.ts';

const reporter = { kind: 'host', id: 'compute1', vcpus: 4 } as const;
const sourceOf = (
  plugin: string,
  pluginInstance: string,
  type: string,
  typeInstance: string,
  dataSource = 'value',
) =>
  canonicalSource(
    { host: 'compute1', plugin, pluginInstance, type, typeInstance },
    dataSource,
    reporter,
  );

test('the table of the documentation is the code’s', () => {
  const page = readFileSync(new URL('../../../docs/monitoring.md', import.meta.url), 'utf8');

  expect(page).toContain(canonicalMarkdown());
});

test.each([
  ['df', 'root', 'percent_bytes', 'used', 'host.diskUsedPercent', {}],
  ['df', 'root', 'df_complex', 'free', 'host.diskUsedPercent', {}],
  ['cgroups', 'vnf.slice', 'cpu', 'user', 'host.cgroupCpuCores', { cgroup: 'vnf.slice' }],
  ['ipmi', '', 'temperature', 'CPU1 Temp', 'host.temperatureCelsius', { sensor: 'CPU1 Temp' }],
  ['ipmi', '', 'power', 'PSU1', 'host.powerWatts', { sensor: 'PSU1' }],
  [
    'sensors',
    'coretemp-isa-0000',
    'fanspeed',
    'fan1',
    'host.fanRpm',
    { sensor: 'coretemp-isa-0000/fan1' },
  ],
  ['sensors', 'nct', 'voltage', 'in0', 'host.voltageVolts', { sensor: 'nct/in0' }],
  ['smart', 'sda', 'smart_temperature', '', 'host.diskTemperatureCelsius', { sensor: 'sda' }],
  ['smart', 'sda', 'smart_badsectors', '', 'host.diskBadSectors', { sensor: 'sda' }],
  ['ping', '', 'ping', 'compute2', 'host.pingMs', { target: 'compute2' }],
  ['ping', '', 'ping_droprate', 'compute2', 'host.pingLossRatio', { target: 'compute2' }],
] as const)(
  '%s/%s/%s-%s is %s, and the table has it',
  (plugin, instance, type, of, metric, labels) => {
    const source = sourceOf(plugin, instance, type, of);

    expect(source).toMatchObject({ resource: 'compute1', metric, labels });
    expect(canonicalTable.map((row) => row.metric.replace('‹host|server›', 'host'))).toContain(
      metric,
    );
  },
);

test.each([
  ['df', 'boot', 'percent_bytes', 'used'],
  ['df', 'root', 'percent_inodes', 'used'],
  ['cgroups', '', 'cpu', 'user'],
  ['ipmi', '', 'temperature', ''],
  ['ping', '', 'ping_stddev', 'compute2'],
])('%s/%s/%s-%s stays a raw reading', (plugin, instance, type, of) => {
  expect(sourceOf(plugin, instance, type, of)).toBeUndefined();
});
