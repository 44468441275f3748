import { ProblemError } from '@sidestep/service-kit';
import { seriesOfTags } from '../../../services/monitoring/src/adapters/influx/line-protocol.ts';
import { PointLines } from '../../../services/monitoring/src/adapters/influx/point-lines.ts';
import {
  type LinePoint,
  type LinePrecision,
  parseInfluxLines,
} from '../../../services/monitoring/src/domain/influx-lines.ts';
import {
  type Sample,
  SampleBatch,
  seriesText,
} from '../../../services/monitoring/src/domain/series.ts';
import { samplesOfLines } from '../../../services/monitoring/src/usecases/line-intake.ts';
import type { Dice } from '../dice.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';

const precisions = ['ns', 'us', 'ms', 's'] as const satisfies readonly LinePrecision[];
/** Points of one input that are written and read again: doing it takes far longer than reading them. */
const MAX_CHECKED = 300;
const NOW_MS = 1_795_207_500_000;

const seeds = [
  'cpu,cpu=cpu-total,host=compute1 usage_idle=42.5,usage_user=30i 1795207471512000000',
  'mem,host=compute1 used_percent=42.5,total=16777216i,ok=t\ndisk,host=c2,path=/ used_percent=9',
  'net\\ io,host=a\\,b,zone=k\\=v value=1e3,text="say \\"hi\\", or = so" 1795207471512',
  '# a comment\r\nsystem,host=c1 load1=0.5\r\n',
  'cpu,host=compute1,rack=5" usage_idle=1',
];

const dictionary = [
  ',',
  '=',
  ' ',
  '"',
  '\\',
  '\n',
  '\\ ',
  '\\,',
  'host=',
  '=true',
  'i',
  'u',
  '__proto__=1',
  ' 1795207471512000000',
  '"text"',
  '#',
  'usage_idle=',
  '\\"',
  '\\\\',
  'cpu,host=a value=1\n',
];

const escaped = (text: string): string => text.replaceAll(/[,= \\]/g, (found) => `\\${found}`);

const entriesText = (record: Readonly<Record<string, unknown>>): string =>
  JSON.stringify(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A point in line protocol, by the protocol's book. */
function lineOf({ measurement, tags, fields, timeMs }: LinePoint): string {
  const tagText = Object.entries(tags).map(
    ([name, value]) => `,${escaped(name)}=${escaped(value)}`,
  );
  const fieldText = Object.entries(fields).map(([name, value]) => `${escaped(name)}=${value}`);
  const time = timeMs === undefined ? '' : ` ${BigInt(timeMs)}`;
  return `${escaped(measurement)}${tagText.join('')} ${fieldText.join(',')}${time}`;
}

function checkPoint(point: LinePoint): void {
  hold(point.measurement !== '', 'a point has a measurement');
  for (const [name, value] of Object.entries(point.fields)) {
    hold(name !== '' && Number.isFinite(value), 'a field is a named finite number');
  }
  for (const [name, value] of Object.entries(point.tags)) {
    hold(name !== '' && value !== '', 'a tag has name and value');
  }
  const { timeMs } = point;
  hold(timeMs === undefined || Number.isInteger(timeMs), 'a time is whole milliseconds');
  // A text at the end of a line may look like a comment or like an empty line; the protocol has no escape for that.
  const line = lineOf(point);
  if (Object.keys(point.fields).length === 0 || line.startsWith('#') || /[\n\r]/.test(line)) return;
  const again = parseInfluxLines(line, 'ms');
  hold(again.ok && again.points.length === 1, 'what was read is read again');
  const [same] = again.points;
  hold(same?.measurement === point.measurement, 'the measurement comes back');
  hold(entriesText(same?.tags ?? {}) === entriesText(point.tags), 'the tags come back');
  hold(entriesText(same?.fields ?? {}) === entriesText(point.fields), 'the fields come back');
  hold(same?.timeMs === timeMs, 'the time comes back');
}

function checkSamples(samples: readonly Sample[]): void {
  for (const { resource, metric, labels, timeMs, value } of samples) {
    hold(resource !== '', 'a sample is of a resource');
    hold(metric.length <= 128 && /^[A-Za-z0-9_.-]+$/.test(metric), 'a metric has a plain name');
    hold(Object.keys(labels).length <= 16, 'at most 16 labels are kept');
    for (const name of Object.keys(labels)) {
      hold(JSON.stringify(name) === `"${name}"`, 'JSON escapes nothing of a label’s name');
    }
    hold(Number.isFinite(value), 'a sample is finite');
    hold(timeMs >= 0 && timeMs <= NOW_MS + 60_000, 'a sample is not from the future');
  }
}

const resourceOf = (id: string) => ({ kind: 'host', id, vcpus: 'unknown' }) as const;

/** What Telegraf posts. */
export const lineProtocol = (): FuzzTarget => ({
  name: 'line protocol',
  seeds: seeds.map((text) => Buffer.from(text)) as [Buffer, ...Buffer[]],
  dictionary,
  run: (input) => {
    const text = new TextDecoder().decode(input);
    const fitting = precisions[input.length % precisions.length] ?? 'ns';
    const precision = /\d{16}/.test(text) ? 'ns' : fitting;
    const parsed = parseInfluxLines(text, precision);
    if (parsed.ok) {
      hold(parsed.points.length <= text.split('\n').length, 'at most one point a line');
      for (const point of parsed.points.slice(0, MAX_CHECKED)) checkPoint(point);
    } else {
      hold(parsed.line >= 1 && parsed.line <= text.split('\n').length, 'the faulty line is named');
      hold(parsed.detail !== '' && parsed.detail.length < 200, 'a fault is told in short');
    }
    try {
      checkSamples(samplesOfLines(text, precision, resourceOf, NOW_MS));
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
    }
    return parsed.ok ? 'accepted' : 'refused';
  },
});

const pieces = [
  'a',
  'compute1',
  ' ',
  ',',
  '=',
  '\\',
  '"',
  '%',
  '%2',
  '%zz',
  '\n',
  '\r',
  '\t',
  '\u0000',
  'é',
  '\ufeff',
  '\u2028',
  '__proto__',
  '#',
  'x'.repeat(60),
  '',
] as const;

const metrics = [
  'host.cpuPercent',
  'metric.x',
  'a.time',
  'collectd.memory_free___value___gauge',
  'collectd.eno1___if_octets___rx___derive',
  'collectd._____x',
] as const;

const someText = (dice: Dice): string =>
  Array.from({ length: dice.below(5) }, () => dice.pick(pieces)).join('');

// What JSON escapes is no part of a label's name: V8 would mix such names up (nodejs/node#63785).
const labelName = (dice: Dice): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what JSON escapes
  someText(dice).replaceAll(/["\\\u0000-\u001f]/g, '_') || 'l';

/** What the InfluxDB adapter writes, read by our own reader: every name comes back as it was. */
export const linesOut = (): FuzzTarget => ({
  name: 'line protocol out',
  seeds: [Buffer.from(JSON.stringify({ resource: 'compute1', metric: 'host.x', labels: {} }))],
  dictionary: [],
  generate: (dice) => {
    const labels = Object.fromEntries(
      Array.from({ length: dice.below(4) }, () => [labelName(dice), someText(dice)]),
    );
    const key = { resource: someText(dice), metric: dice.pick(metrics), labels };
    return Buffer.from(JSON.stringify(key));
  },
  run: (input) => {
    const key = JSON.parse(new TextDecoder('utf8', { ignoreBOM: true }).decode(input));
    const lines = new PointLines().lines(SampleBatch.of([{ ...key, timeMs: 5, value: 1 }]));
    const parsed = parseInfluxLines(lines.join('\n'), 'ms');
    hold(parsed.ok && parsed.points.length === 1, 'one sample is one point');
    const [point] = parsed.points;
    const [field = ''] = Object.keys(point?.fields ?? {});
    const back = seriesOfTags(point?.measurement ?? '', field, point?.tags ?? {});
    hold(seriesText(back) === seriesText(key), 'the series comes back');
    return 'accepted';
  },
});
