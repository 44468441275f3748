import { readFileSync } from 'node:fs';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { monitoringForTests } from '../../services/monitoring/test/fakes/monitoring-for-tests.ts';
import { Dice } from './dice.ts';
import { mutate } from './mutate.ts';

const INPUTS = 400;

let http: Listening;
beforeAll(async () => {
  const service = await monitoringForTests({}, { maxSeries: 2000 });
  http = await listen(service.app, '127.0.0.1', 0);
});
afterAll(() => http.close(100));

const json = 'application/json';
const dictionary = ['{', '[', '"', ',', 'null', '1e309', '"__proto__":{}', '\\ud800', '\n', '='];

test.each([
  ['/collectd', json, readFileSync(new URL('fixtures/write_http.json', import.meta.url), 'utf8')],
  ['/write', 'text/plain', 'cpu,host=compute1,cpu=cpu-total usage_idle=42.5 1795207471512000000\n'],
  [
    '/alertmanager',
    json,
    '{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"host":"c1"}}]}',
  ],
  [
    '/samples',
    json,
    '{"samples":[{"resource":"c1","metric":"host.x","timestampMs":1795176000000,"value":1}]}',
  ],
])(
  'whatever is posted to %s is taken or refused as the caller’s fault',
  async (path, type, seed) => {
    const statuses = new Set<number>();
    for (let index = 0; index < INPUTS; index += 1) {
      const dice = Dice.of(path, 1, index);
      const body =
        index === 0
          ? Buffer.from(seed)
          : mutate(Buffer.from(seed), dice, { seeds: [], dictionary });
      const response = await fetch(`${http.url}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${testToken('operator')}`, 'content-type': type },
        body: Uint8Array.from(body),
      });
      await response.arrayBuffer();
      statuses.add(response.status);
      expect(response.status, body.toString('hex')).toBeLessThan(500);
    }

    expect([...statuses].some((status) => status < 300)).toBe(true);
    expect([...statuses].some((status) => status >= 400)).toBe(true);
  },
);
