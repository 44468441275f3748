import { emptySeries, type FleetSeries, hostCpuPercent, sampleIndex } from '../series.ts';
import { type FolderReader, readTable, type Table } from './fleet-folder.ts';

/** Metric files of a fleet folder and the canonical names they stand for. */
export const fleetFiles: Readonly<Record<string, string>> = {
  cpu: hostCpuPercent,
  mem: 'host.memPercent',
  disk_read: 'host.diskReadBytesPerSecond',
  disk_write: 'host.diskWriteBytesPerSecond',
  net_rx: 'host.netRxBytesPerSecond',
  net_tx: 'host.netTxBytesPerSecond',
};

/** Reads the metric files of a folder into one series, hosts in the order of `cpu`. */
export const readWideFleet = async (
  read: FolderReader,
  intervalMs: number,
  names: readonly string[] = Object.keys(fleetFiles),
): Promise<FleetSeries & { times: Float64Array }> => {
  const tables: [string, Table][] = [];
  for (const name of names) {
    const table = await readTable(read, name);
    if (table !== 'missing') tables.push([fleetFiles[name] ?? hostCpuPercent, table]);
  }
  const cpu = tables[0]?.[1];
  if (cpu === undefined) throw new Error(`there is no ${names[0]}.csv.gz in the folder`);
  const series = emptySeries({
    hosts: cpu.columns,
    metrics: tables.map(([metric]) => metric),
    tickMs: intervalMs,
    firstTickAtMs: (cpu.times[0] ?? 0) * 1000,
    ticks: cpu.rows,
  });
  tables.forEach(([, table], metric) => {
    series.hosts.forEach((host, h) => {
      const column = table.columns.indexOf(host);
      if (column < 0) return;
      for (let tick = 0; tick < Math.min(series.ticks, table.rows); tick++)
        series.values[sampleIndex(series, tick, h, metric)] =
          table.cells[tick * table.columns.length + column] ?? NaN;
    });
  });
  return { ...series, times: cpu.times };
};
