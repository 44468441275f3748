import type { SeriesKey } from '../../domain/series.ts';

const LABEL_PREFIX = 'label_';
const EMPTY = '%';

/**
 * A tag's value for line protocol and back. Besides the protocol's own escapes, what it cannot carry at all (backslashes, control
 * characters, an empty text) is percent-encoded, so that every text comes back as it was.
 */
const encodeTag = (text: string): string =>
  text === ''
    ? EMPTY
    : // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be encoded
      text.replaceAll(/[%\\\u0000-\u001f]/g, (character) => encodeURIComponent(character));

export const decodeTag = (text: string): string => (text === EMPTY ? '' : decodeURIComponent(text));

const escapeTag = (text: string): string =>
  text.replaceAll(/[,= ]/g, (character) => `\\${character}`);

const escapeMeasurement = (text: string): string =>
  encodeTag(text).replaceAll(/[, ]/g, (character) => `\\${character}`);

/** Measurement and tags of a series, before the fields of its lines. */
export function linePrefix({ metric, resource, labels }: SeriesKey, measurement = metric): string {
  const labelTags = Object.entries(labels).map(([name, value]): [string, string] => [
    `${LABEL_PREFIX}${name}`,
    value,
  ]);
  const tags = [...labelTags, ['resource', resource] as const]
    .map(([name, value]) => `${escapeTag(encodeTag(name))}=${escapeTag(encodeTag(value))}`)
    .sort();
  return [escapeMeasurement(measurement), ...tags].join(',');
}

/** The series that a measurement with tags means. */
export function seriesOfTags(metric: string, tags: Readonly<Record<string, string>>): SeriesKey {
  const labels: Record<string, string> = {};
  for (const [name, value] of Object.entries(tags)) {
    // A series without some label bears it with an empty text in an answer grouped by all tags.
    if (!name.startsWith(LABEL_PREFIX) || value === '') continue;
    labels[decodeTag(name).slice(LABEL_PREFIX.length)] = decodeTag(value);
  }
  return { resource: decodeTag(tags.resource ?? EMPTY), metric, labels };
}

/** The value of a tag as InfluxQL compares it. */
export const tagValue = encodeTag;

/** An identifier of InfluxQL, which cannot be a bound parameter. */
export const quoteIdentifier = (name: string): string =>
  `"${encodeTag(name).replaceAll('"', '\\"')}"`;
