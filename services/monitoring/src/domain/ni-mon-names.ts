import type { ReadingIdentity } from './reading.ts';
import { RAW_PREFIX } from './series.ts';

/** Joins the parts of a NI-Mon measurement type: name, data source, kind. */
const JOINT = '___';

/** NI-Mon's name of the CPU use of a whole host or server in percent; answered from our canonical metric. */
export const CPU_USAGE_TYPE = 'cpu_usage___value___gauge';

/**
 * NI-Mon's measurement type of a raw reading: `memory_free___value___gauge`, `eno1___if_octets___rx___derive`,
 * `vda___disk_ops___read___derive`; anything else is `plugin___instance___type___instance___source___kind`.
 */
export function measurementType(
  { plugin, pluginInstance, type, typeInstance }: ReadingIdentity,
  dataSource: string,
  kind: string,
): string {
  const tail = [dataSource, kind];
  if (plugin === 'memory' && type === 'memory') {
    return [`memory_${typeInstance}`, ...tail].join(JOINT);
  }
  const isDevice = type.startsWith('if_') || type.startsWith('disk_');
  if (isDevice && (plugin === 'interface' || plugin === 'disk')) {
    return [pluginInstance, type, ...tail].join(JOINT);
  }
  if (isDevice && plugin === 'virt') return [typeInstance, type, ...tail].join(JOINT);
  return [plugin, pluginInstance, type, typeInstance, ...tail].join(JOINT);
}

/** Metric under which the raw readings of a measurement type are stored; characters that metric names lack become `_`. */
export const rawMetricOf = (type: string): string =>
  `${RAW_PREFIX}${type.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 119)}`;
