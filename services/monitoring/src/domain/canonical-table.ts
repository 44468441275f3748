/** One canonical metric: its unit and what it is made from. docs/monitoring.md shows the same table. */
export interface CanonicalRow {
  readonly metric: string;
  readonly unit: string;
  readonly labels: string;
  readonly from: string;
}

const row = (metric: string, unit: string, from: string, labels = ''): CanonicalRow => ({
  metric,
  unit,
  labels,
  from,
});

/** Every canonical metric. `‹host|server›` stands for both prefixes. */
export const canonicalTable: readonly CanonicalRow[] = [
  row(
    '‹host|server›.cpuPercent',
    '0–100 of the whole host or the server’s vCPUs',
    'cpu: percent-idle or -active, else jiffies; virt: virt_cpu_total; Telegraf cpu.usage_idle',
  ),
  row(
    '‹host|server›.memPercent',
    '0–100',
    'memory: percent-used, else used of all; virt: memory-usable of -available; Telegraf mem.used_percent',
  ),
  row('‹host|server›.loadShort', 'processes', 'load: shortterm; Telegraf system.load1'),
  row(
    '‹host|server›.diskReadBytesPerSecond',
    'bytes/s',
    'disk, virt: disk_octets read, whole disks summed; Telegraf diskio.read_bytes',
  ),
  row(
    '‹host|server›.diskWriteBytesPerSecond',
    'bytes/s',
    'disk, virt: disk_octets write, whole disks summed; Telegraf diskio.write_bytes',
  ),
  row(
    '‹host|server›.netRxBytesPerSecond',
    'bytes/s',
    'interface, virt: if_octets rx, physical interfaces summed; Telegraf net.bytes_recv',
  ),
  row(
    '‹host|server›.netTxBytesPerSecond',
    'bytes/s',
    'interface, virt: if_octets tx, physical interfaces summed; Telegraf net.bytes_sent',
  ),
  row(
    '‹host|server›.diskUsedPercent',
    '0–100 of the root file system',
    'df root: percent_bytes-used, else df_complex; Telegraf disk.used_percent',
  ),
  row('‹host|server›.cgroupCpuCores', 'cores in use', 'cgroups: cpu, user and system', 'cgroup'),
  row('‹host|server›.temperatureCelsius', '°C', 'ipmi, sensors: temperature', 'sensor'),
  row('‹host|server›.fanRpm', 'rotations/min', 'ipmi, sensors: fanspeed', 'sensor'),
  row('‹host|server›.powerWatts', 'W', 'ipmi, sensors: power', 'sensor'),
  row('‹host|server›.voltageVolts', 'V', 'ipmi, sensors: voltage', 'sensor'),
  row('‹host|server›.diskTemperatureCelsius', '°C', 'smart: smart_temperature', 'sensor'),
  row('‹host|server›.diskBadSectors', 'sectors', 'smart: smart_badsectors', 'sensor'),
  row('‹host|server›.pingMs', 'ms, round trip', 'ping: ping', 'target'),
  row('‹host|server›.pingLossRatio', '0–1', 'ping: ping_droprate', 'target'),
  row('‹host|server›.logMessagesPerSecond', 'messages/s', 'syslog, collectd’s notifications'),
  row(
    '‹host|server›.logErrorsPerSecond',
    'messages/s of severity error or worse',
    'syslog, collectd’s notifications',
  ),
  row(
    '‹host|server›.logNewTemplatesPerSecond',
    'forms/s that were not seen before; from ten minutes after the first message',
    'syslog, collectd’s notifications',
  ),
  row('chain.requestsPerSecond', '1/s', 'chain probe: gauge requests_per_second'),
  row('chain.responseTimeMs', 'ms', 'chain probe: gauge response_time_ms'),
  row('forecast.failureRisk', '0–1', 'written by Prediction: of the CPU', 'horizon, model'),
  row('forecast.memFailureRisk', '0–1', 'written by Prediction: of memory', 'horizon, model'),
  row(
    'forecast.incidentRisk',
    '0–1',
    'written by Prediction: that an incident begins',
    'horizon, model',
  ),
  row('prediction.degraded', '0 or 1, of prediction', 'written by Prediction', 'outlook'),
  row(
    'prediction.inputDrift',
    'population stability index, of prediction',
    'written by Prediction',
    'outlook',
  ),
  row('expression.‹rule’s id›', 'as the expression', 'written by Monitoring: a rule’s expression'),
  row('telemetry.ageSeconds', 's since host.cpuPercent last came', 'written by Monitoring'),
  row('telemetry.faults', 'faults of the host’s series', 'written by Monitoring'),
  row(
    'telemetry.samplesLost',
    'samples in 10 s, of sidestep-monitoring',
    'written by Monitoring: taken and never stored',
  ),
  row(
    'telemetry.datagramsDropped',
    'datagrams in 10 s, of sidestep-monitoring',
    'written by Monitoring: fallen at the socket',
  ),
  row('telemetry.hostDown', '0 or 1', 'written by Monitoring, from Nova'),
  row('external.alert', '1 firing, 0 resolved', 'Alertmanager’s webhook', 'alertname, severity'),
];

/** The table in Markdown. */
export const canonicalMarkdown = (): string =>
  [
    '| metric | unit | labels | from |',
    '|---|---|---|---|',
    ...canonicalTable.map(
      ({ metric, unit, labels, from }) =>
        `| \`${metric.replaceAll('|', '/')}\` | ${unit} | ${labels} | ${from} |`,
    ),
  ].join('\n');
