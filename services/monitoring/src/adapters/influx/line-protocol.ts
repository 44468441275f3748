import { areLabels, labelsText, type SeriesKey } from '../../domain/series.ts';
import { type MetricPlace, metricOf } from './metric-place.ts';

const EMPTY = '%';
const NO_LABELS = '{}';

/**
 * A tag's value for line protocol and back. Besides the protocol's own escapes, what it cannot carry at all (backslashes, control
 * characters, an empty text) is percent-encoded, so that every text comes back as it was.
 */
const encodeTag = (text: string): string =>
  text === ''
    ? EMPTY
    : // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what has to be encoded
      text.replaceAll(/[%\\\u0000-\u001f]/g, (character) => encodeURIComponent(character));

/** A tag that others wrote into the database may hold a bare percent sign: it means itself. */
export const decodeTag = (text: string): string => {
  if (text === EMPTY) return '';
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const escapeKey = (text: string): string =>
  encodeTag(text).replaceAll(/[,= ]/g, (character) => `\\${character}`);

const escapeMeasurement = (text: string): string =>
  encodeTag(text).replaceAll(/[, ]/g, (character) => `\\${character}`);

/** A field's name as a line bears it. */
export const escapeField = escapeKey;

/**
 * Table and tags of a point, before its fields. A table has the same tags in every line, as 3 Core wants it: raw readings `part`
 * and `resource`, all else `labels` (JSON, `{}` without any) and `resource`.
 */
export function linePrefix(
  { resource, labels }: SeriesKey,
  { part }: MetricPlace,
  table: string,
): string {
  const tags =
    part === undefined ? `labels=${escapeKey(labelsText(labels))}` : `part=${escapeKey(part)}`;
  return `${escapeMeasurement(table)},${tags},resource=${escapeKey(resource)}`;
}

/** The tags that tell the series of a table apart, in the order of an answer grouped by them. */
export const tagsOf = ({ part }: Pick<MetricPlace, 'part'>): readonly string[] =>
  part === undefined ? ['labels', 'resource'] : ['part', 'resource'];

/** The series that a field of a table with tags means. */
export function seriesOfTags(
  table: string,
  field: string,
  tags: Readonly<Record<string, string>>,
): SeriesKey {
  const part = tags.part === undefined || tags.part === '' ? undefined : decodeTag(tags.part);
  const labels = parseLabels(decodeTag(tags.labels || NO_LABELS));
  const metric = metricOf({ table, part, field: decodeTag(field) });
  return { resource: decodeTag(tags.resource ?? EMPTY), metric, labels };
}

/** Labels that others wrote into the database in a form of their own are one label. */
function parseLabels(text: string): Record<string, string> {
  if (text === NO_LABELS) return {};
  try {
    const labels: unknown = JSON.parse(text);
    if (areLabels(labels)) return labels;
  } catch {
    // Not ours: kept as it is.
  }
  return { labels: text };
}

/** A text as InfluxQL's literal; what was encoded for a tag has no backslash left. */
export const quoteTag = (text: string): string => `'${encodeTag(text).replaceAll("'", "\\'")}'`;

/** An identifier of InfluxQL. */
export const quoteIdentifier = (name: string): string =>
  `"${encodeTag(name).replaceAll('"', '\\"')}"`;
