import { readFileSync } from 'node:fs';
import { builtinTypes } from '@sidestep/collectd';
import { openApiDocument } from '@sidestep/contracts';
import { silentLog } from '@sidestep/service-kit';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { resourceDirectory } from '../../../services/monitoring/src/domain/resources.ts';
import type { Sample } from '../../../services/monitoring/src/domain/series.ts';
import { CollectdIntake } from '../../../services/monitoring/src/usecases/collectd-intake.ts';
import {
  type ExternalAlert,
  ExternalAlerts,
} from '../../../services/monitoring/src/usecases/external-alerts.ts';
import type { JsonNotification } from '../../../services/monitoring/src/usecases/posted-notification.ts';
import type { JsonValueList } from '../../../services/monitoring/src/usecases/posted-values.ts';
import { SeriesCatalogue } from '../../../services/monitoring/src/usecases/series-catalogue.ts';
import type { SampleIntake } from '../../../services/monitoring/src/usecases/take-samples.ts';
import { type FuzzTarget, hold } from '../fuzz-target.ts';
import { mutateJson } from '../mutate-json.ts';

const NOW_MS = 1_795_207_500_000;
const MAX_SERIES = 5000;

const document = openApiDocument('monitoring');
const ajv = new Ajv2020({ strict: false, validateFormats: true });
addFormats.default(ajv);
ajv.addSchema(document as object, 'monitoring');

/** The check of a request's body that the contract makes before the handler sees it. */
function bodyCheck(path: string): (body: unknown) => boolean {
  const at = `#/paths/${path.replaceAll('/', '~1')}/post/requestBody/content/application~1json/schema`;
  return ajv.compile({ $ref: `monitoring${at}` });
}

const resourceOf = resourceDirectory({ hosts: new Set(['nfv-host-01']), servers: new Map() });

const jsonWords = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  'null',
  '""',
  '"__proto__":',
  '\\u0000',
  '\\ud800',
  '1e309',
] as const;

/** Half of the inputs are changed as text, half as trees, so that both JSON.parse and what follows it are reached. */
const changedTree =
  (seeds: readonly [unknown, ...unknown[]]): NonNullable<FuzzTarget['generate']> =>
  (dice) =>
    dice.oneIn(2) ? undefined : Buffer.from(JSON.stringify(mutateJson(dice.pick(seeds), dice)));

function parsedJson(input: Uint8Array): { value: unknown } | 'no JSON' {
  try {
    return { value: JSON.parse(new TextDecoder().decode(input)) };
  } catch {
    return 'no JSON';
  }
}

const fixture = new URL('../fixtures/write_http.json', import.meta.url);

/** What collectd's write_http posts: the contract's check, then the intake with its catalogue of series. */
export const writeHttp = (): FuzzTarget => {
  const isBody = bodyCheck('/collectd');
  const whole = JSON.parse(readFileSync(fixture, 'utf8')) as [unknown, ...unknown[]];
  const catalogue = new SeriesCatalogue(MAX_SERIES);
  let taken = 0;
  // Each input is of a later second: what is not newer than a series' last is left out.
  let second = 0;
  const nowMs = (): number => NOW_MS + second * 1000;
  const intake: Pick<SampleIntake, 'take' | 'catalogue'> = {
    catalogue,
    take: (entry, timeMs, value, intervalMs) => {
      taken += 1;
      hold(Number.isFinite(value), 'a sample is finite');
      hold(Number.isInteger(timeMs), 'a sample’s time is whole milliseconds');
      hold(
        timeMs <= nowMs() + 60_000 && timeMs >= nowMs() - 3_600_001,
        'a sample is of these days',
      );
      hold(intervalMs === undefined || intervalMs > 0, 'an interval is positive');
      hold(/^[A-Za-z0-9_.-]{1,128}$/.test(entry.metric), 'a metric has a plain name');
      catalogue.note(entry, timeMs, value, intervalMs);
    },
  };
  const collectd = new CollectdIntake({
    intake: intake as SampleIntake,
    clock: { now: nowMs },
    log: silentLog,
    types: builtinTypes,
    resourceOf,
    generation: () => 1,
  });
  return {
    name: 'write_http JSON',
    seeds: [readFileSync(fixture), Buffer.from(JSON.stringify(whole.slice(0, 1)))],
    dictionary: [...jsonWords, '"values":[', '"dstypes":["derive"]', '"host":"', '"time":1e308'],
    generate: changedTree([whole, whole.slice(0, 2), [whole[0]]]),
    run: (input) => {
      const parsed = parsedJson(input);
      if (parsed === 'no JSON' || !isBody(parsed.value)) return 'refused';
      second += 1;
      const entries = parsed.value as readonly (JsonValueList | JsonNotification)[];
      collectd.notified(entries.flatMap((each) => ('values' in each ? [] : [each])));
      const lists = entries
        .filter((each) => 'values' in each)
        .map((list) => ({
          ...list,
          time: list.time + second,
        }));
      taken = 0;
      const { values, notNewer, implausibleTime, tooManySeries, rates } = collectd.counts;
      collectd.posted(lists);
      const { counts } = collectd;
      const offered = lists.reduce((sum, list) => sum + list.values.length, 0);
      const read = counts.values - values;
      hold(read <= offered, 'no more values are counted than were sent');
      const left =
        counts.notNewer -
        notNewer +
        counts.implausibleTime -
        implausibleTime +
        counts.tooManySeries -
        tooManySeries +
        counts.rates -
        rates;
      hold(left <= offered, 'what is left out is counted once');
      hold(taken <= 3 * read, 'a value feeds itself and few canonical series');
      // A canonical series may be made with the raw one that feeds it.
      hold(catalogue.size <= MAX_SERIES + 2000, 'the series are bounded');
      return 'accepted';
    },
  };
};

const alert = {
  status: 'firing',
  labels: { alertname: 'HostHot', instance: 'compute1:9100', severity: 'critical' },
  annotations: { summary: 'hot' },
  startsAt: '2026-11-20T12:00:00Z',
};
const message = {
  version: '4',
  groupKey: '{}:{alertname="HostHot"}',
  status: 'firing',
  receiver: 'sidestep',
  groupLabels: {},
  commonLabels: {},
  externalURL: 'http://alertmanager:9093',
  alerts: [alert, { ...alert, status: 'resolved', labels: { host: 'c2', alertname: 'Other' } }],
};

/** What Prometheus' Alertmanager posts. */
export const alertmanager = (): FuzzTarget => {
  const isBody = bodyCheck('/alertmanager');
  let written: readonly Sample[] = [];
  const alerts = new ExternalAlerts(
    {
      write: (samples) => {
        written = samples;
        return Promise.resolve({ stored: samples.length });
      },
    },
    resourceOf,
  );
  return {
    name: 'Alertmanager webhook',
    seeds: [Buffer.from(JSON.stringify(message))],
    dictionary: [...jsonWords, '"labels":{', '"alerts":[', '"status":"resolved"', ':9100'],
    generate: changedTree([message]),
    run: (input) => {
      const parsed = parsedJson(input);
      if (parsed === 'no JSON' || !isBody(parsed.value)) return 'refused';
      const { alerts: told } = parsed.value as { alerts: readonly ExternalAlert[] };
      written = [];
      let broken: unknown;
      alerts.take(told, NOW_MS).catch((error: unknown) => {
        broken = error;
        throw error;
      });
      hold(broken === undefined && written.length === told.length, 'each alert is one sample');
      for (const { resource, labels, value } of written) {
        hold(resource !== undefined && typeof resource === 'string', 'an alert is of a resource');
        hold(value === 0 || value === 1, 'an alert fires or does not');
        for (const label of Object.values(labels)) {
          hold(typeof label === 'string' && label.length <= 200, 'a label is a short text');
        }
      }
      return 'accepted';
    },
  };
};
