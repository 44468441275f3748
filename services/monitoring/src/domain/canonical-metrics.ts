import type { ReadingIdentity } from './reading.ts';
import type { ReportedResource } from './resources.ts';

/** How the readings of a round's instances become one value. */
export type Combine = 'sum' | 'mean' | 'share-not-idle' | 'share-used' | 'share-not-usable';

/** Where a value of collectd leads: one canonical metric, alone or with the other instances of its round. */
export interface CanonicalSource {
  readonly resource: string;
  readonly metric: string;
  /** What tells the resource's series of one metric apart: a sensor, a device, a target. */
  readonly labels: Readonly<Record<string, string>>;
  /** Use the change per second rather than the reading itself. */
  readonly perSecond: boolean;
  /** value × scale + offset, before instances are combined. */
  readonly scale: number;
  readonly offset: number;
  readonly atMost: number;
  /** The instance within its round; undefined: the reading is the value. */
  readonly instance: string | undefined;
  readonly combine: Combine;
  /** When several sources tell the same metric, the lowest rank counts. */
  readonly rank: number;
}

const plain = {
  labels: {},
  perSecond: false,
  scale: 1,
  offset: 0,
  atMost: Infinity,
  instance: undefined,
  combine: 'sum',
  rank: 0,
} as const;

// Interfaces whose traffic already passes a physical one (bridges, taps, tunnels), bonds and VLANs on top of counted members.
const VIRTUAL_INTERFACE =
  /^(lo\d*$|tap|vnet|qvo|qvb|qbr|qr-|qg-|ovs-|br|virbr|docker|cni|veth|vxlan|gre|dummy|ifb|bond|team|tun|.*\.)/;
// Partitions, loop and RAM disks, optical drives, device mapper and software RAID on top of counted disks.
const NOT_A_DISK =
  /^(loop|ram|zram|sr|fd|dm-|md|(sd|vd|xvd|hd)[a-z]+\d+$|nvme\d+n\d+p\d+$|mmcblk\d+p\d+$)/;

/** Whether an interface's traffic counts: that of one on top of others would count twice. */
export const isPhysicalInterface = (name: string): boolean => !VIRTUAL_INTERFACE.test(name);

/** Whether a disk's traffic counts: that of a partition is its disk's. */
export const isWholeDisk = (name: string): boolean => !NOT_A_DISK.test(name);

const chainMetrics: Readonly<Record<string, string>> = {
  requests_per_second: 'chain.requestsPerSecond',
  response_time_ms: 'chain.responseTimeMs',
};

/** The canonical metric that one value of a collectd reading tells something about, if any (docs: canonical metrics). */
export function canonicalSource(
  identity: ReadingIdentity,
  dataSource: string,
  reporter: ReportedResource,
): CanonicalSource | undefined {
  if (identity.plugin === 'chain') return chainSource(identity);
  const at = (metric: string) => ({
    ...plain,
    resource: reporter.id,
    metric: `${reporter.kind}.${metric}`,
  });
  switch (identity.plugin) {
    case 'cpu':
      return cpuSource(identity, at('cpuPercent'));
    case 'memory':
      return memorySource(identity, at('memPercent'));
    case 'load':
      return identity.type === 'load' && dataSource === 'shortterm' ? at('loadShort') : undefined;
    case 'disk':
      if (!isWholeDisk(identity.pluginInstance)) return undefined;
      return deviceSource(identity.type, identity.pluginInstance, dataSource, at, 0);
    case 'interface':
      if (!isPhysicalInterface(identity.pluginInstance)) return undefined;
      return deviceSource(identity.type, identity.pluginInstance, dataSource, at, 0);
    case 'virt':
    case 'libvirt':
      return virtSource(identity, dataSource, reporter, at);
    case 'df':
      return diskSpaceSource(identity, at('diskUsedPercent'));
    case 'cgroups':
      return cgroupSource(identity, at('cgroupCpuCores'));
    case 'ipmi':
    case 'sensors':
    case 'smart':
      return sensorSource(identity, at);
    case 'ping':
      return pingSource(identity, at);
    default:
      return undefined;
  }
}

/** The root file system: the one whose filling up stops a host. */
function diskSpaceSource(
  { pluginInstance, type, typeInstance }: ReadingIdentity,
  to: CanonicalSource,
): CanonicalSource | undefined {
  if (pluginInstance !== 'root') return undefined;
  if (type === 'percent_bytes') return typeInstance === 'used' ? to : undefined;
  if (type !== 'df_complex') return undefined;
  return { ...to, instance: typeInstance, combine: 'share-used', rank: 1 };
}

/** Jiffies (1/100 s) of a control group, user and system. */
function cgroupSource(
  { pluginInstance, type, typeInstance }: ReadingIdentity,
  to: CanonicalSource,
): CanonicalSource | undefined {
  if (type !== 'cpu' || pluginInstance === '') return undefined;
  return {
    ...to,
    labels: { cgroup: pluginInstance },
    perSecond: true,
    scale: 0.01,
    instance: typeInstance,
  };
}

const sensorMetrics: Readonly<Record<string, string>> = {
  temperature: 'temperatureCelsius',
  fanspeed: 'fanRpm',
  power: 'powerWatts',
  voltage: 'voltageVolts',
  smart_temperature: 'diskTemperatureCelsius',
  smart_badsectors: 'diskBadSectors',
};

/** IPMI, lm-sensors and SMART: one series a sensor or disk. */
function sensorSource(
  { pluginInstance, type, typeInstance }: ReadingIdentity,
  at: At,
): CanonicalSource | undefined {
  const metric = sensorMetrics[type];
  const sensor = [pluginInstance, typeInstance].filter((part) => part !== '').join('/');
  return metric === undefined || sensor === '' ? undefined : { ...at(metric), labels: { sensor } };
}

function pingSource({ type, typeInstance }: ReadingIdentity, at: At): CanonicalSource | undefined {
  if (typeInstance === '') return undefined;
  const labels = { target: typeInstance };
  if (type === 'ping') return { ...at('pingMs'), labels };
  return type === 'ping_droprate' ? { ...at('pingLossRatio'), labels } : undefined;
}

type At = (metric: string) => CanonicalSource;

function chainSource(identity: ReadingIdentity): CanonicalSource | undefined {
  const metric = chainMetrics[identity.typeInstance];
  if (metric === undefined || identity.type !== 'gauge' || identity.pluginInstance === '') {
    return undefined;
  }
  return { ...plain, resource: identity.pluginInstance, metric };
}

function cpuSource(
  { pluginInstance, type, typeInstance }: ReadingIdentity,
  to: CanonicalSource,
): CanonicalSource | undefined {
  // `active` is all there is with ReportByState false.
  const busy = typeInstance === 'idle' ? { ...to, scale: -1, offset: 100 } : to;
  if (type === 'percent' && (typeInstance === 'idle' || typeInstance === 'active')) {
    return pluginInstance === ''
      ? busy
      : { ...busy, instance: pluginInstance, combine: 'mean', rank: 1 };
  }
  if (type !== 'cpu') return undefined;
  const instance = `${typeInstance}/${pluginInstance}`;
  return { ...to, perSecond: true, instance, combine: 'share-not-idle', rank: 2 };
}

function memorySource(
  { type, typeInstance }: ReadingIdentity,
  to: CanonicalSource,
): CanonicalSource | undefined {
  if (type === 'percent') return typeInstance === 'used' ? to : undefined;
  if (type !== 'memory') return undefined;
  return { ...to, instance: typeInstance, combine: 'share-used', rank: 1 };
}

const deviceMetrics: Readonly<Record<string, string>> = {
  'disk_octets/read': 'diskReadBytesPerSecond',
  'disk_octets/write': 'diskWriteBytesPerSecond',
  'if_octets/rx': 'netRxBytesPerSecond',
  'if_octets/tx': 'netTxBytesPerSecond',
};

function deviceSource(
  type: string,
  device: string,
  dataSource: string,
  at: At,
  rank: number,
): CanonicalSource | undefined {
  const metric = deviceMetrics[`${type}/${dataSource}`];
  return metric === undefined
    ? undefined
    : { ...at(metric), perSecond: true, instance: device, rank };
}

/** The virt plugin sees a server from outside: what an agent inside the server says goes before it. */
function virtSource(
  { type, typeInstance }: ReadingIdentity,
  dataSource: string,
  reporter: ReportedResource,
  at: At,
): CanonicalSource | undefined {
  if (reporter.kind !== 'server') return undefined;
  if (type === 'virt_cpu_total') {
    if (reporter.vcpus === 'unknown' || reporter.vcpus <= 0) return undefined;
    // Nanoseconds of CPU time a second, over all vCPUs.
    const scale = 100 / 1e9 / reporter.vcpus;
    return { ...at('cpuPercent'), perSecond: true, scale, atMost: 100, rank: 3 };
  }
  // By the balloon driver, where the domain has one with a period: what its system sees, and what of it is free to use.
  if (type === 'memory' && (typeInstance === 'available' || typeInstance === 'usable')) {
    return {
      ...at('memPercent'),
      instance: typeInstance,
      combine: 'share-not-usable',
      rank: 3,
    };
  }
  return deviceSource(type, typeInstance, dataSource, at, 3);
}

/** One value from a round. */
export function combineRound(
  values: ReadonlyMap<string, number>,
  combine: Combine,
): number | 'unknown' {
  let sum = 0;
  let part = 0;
  for (const [instance, value] of values) {
    sum += value;
    if (combine === 'share-not-idle' ? !instance.startsWith('idle/') : instance === 'used') {
      part += value;
    }
  }
  switch (combine) {
    case 'share-not-usable': {
      const [available = 0, usable] = [values.get('available'), values.get('usable')];
      return usable === undefined || available <= 0
        ? 'unknown'
        : (100 * Math.max(0, available - usable)) / available;
    }
    case 'sum':
      return sum;
    case 'mean':
      return values.size > 0 ? sum / values.size : 'unknown';
    default:
      return sum > 0 ? (100 * part) / sum : 'unknown';
  }
}
