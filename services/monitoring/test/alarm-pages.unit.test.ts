import { silentLog } from '@sidestep/service-kit';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultRules } from '../src/domain/alarm-rule.ts';
import { listKey } from '../src/http/alarms.ts';
import { pageOf } from '../src/http/pages.ts';
import { type Alarm, AlarmDesk } from '../src/usecases/alarm-desk.ts';
import { SeriesCatalogue } from '../src/usecases/series-catalogue.ts';
import { START_MS } from './fakes/monitoring-for-tests.ts';

const hosts = Array.from({ length: 12 }, (_, at) => `compute${at}`);
const [shipped] = defaultRules;
if (shipped === undefined) throw new Error('no rule ships');
const rule = { ...shipped, forMs: 0, clearForMs: 0, windowMs: 0 };

/** The host's next sample: hot (100), or calm (0). */
const sample = fc.record({ host: fc.constantFrom(...hosts), value: fc.constantFrom(100, 100, 0) });

test('an alarm that stays raised is told once, whatever is judged between two pages', () => {
  const samples = fc.array(sample, { maxLength: 8 });
  const between = fc.array(samples, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(samples, between, fc.integer({ min: 1, max: 5 }), (first, later, limit) => {
      const desk = new AlarmDesk(() => undefined, silentLog);
      desk.restore([rule], []);
      const catalogue = new SeriesCatalogue();
      let timeMs = START_MS;
      const judge = ({ host, value }: { host: string; value: number }) => {
        timeMs += 1000;
        const entry = catalogue.entry({ resource: host, metric: rule.metric, labels: {} });
        desk.judge(entry, timeMs, value);
      };
      const raised = () => desk.alarms().filter(({ state }) => state === 'raised');
      for (const host of hosts) judge({ host, value: 100 });
      first.forEach(judge);
      const stayed = new Map(raised().map(({ id, raisedAtMs }) => [id, raisedAtMs]));

      const told: string[] = [];
      let cursor: string | null = null;
      for (let page = 0; page === 0 || cursor !== null; page += 1) {
        const answer: { page: Alarm[]; nextCursor: string | null } = pageOf(raised(), listKey, {
          limit,
          cursor,
        });
        told.push(...answer.page.map(({ id }) => id));
        cursor = answer.nextCursor;
        for (const next of later[page] ?? []) judge(next);
        const now = new Map(raised().map(({ id, raisedAtMs }) => [id, raisedAtMs]));
        for (const [id, atMs] of stayed) if (now.get(id) !== atMs) stayed.delete(id);
      }

      const toldOf = (wanted: string) => told.filter((id) => id === wanted).length;
      expect([...stayed.keys()].map(toldOf)).toEqual([...stayed].map(() => 1));
    }),
  );
});
