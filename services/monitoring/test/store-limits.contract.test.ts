import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Listening, listen } from '@sidestep/service-kit';
import { testToken } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { influxSeriesStore } from '../src/adapters/influx/influx-series-store.ts';
import { monitoringForTests, START_MS } from './fakes/monitoring-for-tests.ts';

/** 3 Core as its documents describe it: no statement that makes databases; a limit of files. */
const fileLimit =
  'External error: Query would exceed file limit of 432 parquet files. Please specify a smaller time range for your query.';
const asked: string[] = [];
const core = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://core');
  const statement = url.searchParams.get('q') ?? '';
  asked.push(statement || url.pathname);
  const body = /FROM "host"/.test(statement) ? { error: fileLimit } : { results: [{}] };
  response.writeHead('error' in body ? 400 : 200, { 'x-influxdb-version': '3.4.0' });
  response.end(JSON.stringify(body));
});
let service: Awaited<ReturnType<typeof monitoringForTests>>;
let http: Listening;
beforeAll(async () => {
  await new Promise<void>((resolve) => core.listen(0, '127.0.0.1', resolve));
  const { port } = core.address() as AddressInfo;
  const store = influxSeriesStore({
    url: `http://127.0.0.1:${port}`,
    database: 'sidestep',
    generation: '3',
    token: 't',
  });
  service = await monitoringForTests({}, { store, storeDetail: 'InfluxDB 3 Core' });
  http = await listen(service.app, '127.0.0.1', 0);
});
afterAll(async () => {
  await http.close(100);
  core.close();
});

const ask = async (path: string, body?: object) => {
  const response = await fetch(`${http.url}${path}`, {
    headers: {
      authorization: `Bearer ${testToken('operator')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }),
  });
  return { status: response.status, body: JSON.parse(await response.text()) };
};
const question = { metrics: ['host.cpuPercent'], stepMs: 60_000, aggregate: 'mean' };
const HOUR_MS = 3_600_000;

test('the limits of the store are told', async () => {
  const { body } = await ask('/capabilities');
  const store = body.capabilities.find(({ name }: { name: string }) => name === 'series-store');

  expect(store.detail).toMatch(/InfluxDB 3 Core.*72 hours.*retention/);
});

test.each([
  ['/query', { ...question, lastMs: 80 * HOUR_MS }],
  ['/query/csv', { ...question, lastMs: 80 * HOUR_MS }],
])(
  '%s: a question over the limit is refused with how to narrow it, and never asked',
  async (path, body) => {
    asked.length = 0;
    const answer = await ask(path, body);

    expect(answer).toMatchObject({ status: 422, body: { code: 'QUERY_TOO_LARGE' } });
    expect(answer.body.detail).toMatch(/80 hours are more than the 72 .* shorter time/);
    expect(asked).toEqual([]);
  },
);

test('a question that the store itself finds too large is refused in the same way', async () => {
  const from = new Date(START_MS - 5 * HOUR_MS).toISOString();
  const to = new Date(START_MS).toISOString();

  expect(await ask('/query', { ...question, from, to })).toMatchObject({
    status: 422,
    body: { code: 'QUERY_TOO_LARGE', detail: expect.stringMatching(/too many files.*shorter/) },
  });
});
