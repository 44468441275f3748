import { expect, test } from 'vitest';
import { errorOf, fakeClock, startFakeOpenStack } from './fake-openstack.ts';

const SERVERS = 'GET /compute/v2.1/servers/detail';
const EMPTY = { json: { servers: [] } };
const unavailable = (headers: Record<string, string> = {}) => ({
  status: 503,
  headers,
  json: { serviceUnavailable: { code: 503, message: 'try later' } },
});

test('a GET is tried again after passing failures, with growing waits', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, unavailable(), (response) => response.destroy(), EMPTY);
  const clock = fakeClock();

  const servers = await cloud.connect({ clock }).nova.listServers();

  expect(servers).toEqual([]);
  expect(cloud.count(SERVERS)).toBe(3);
  expect(clock.sleptMs).toEqual([188, 375]);
});

test('a GET is given up after the configured number of retries', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, unavailable());

  const error = await errorOf(cloud.connect({ retries: 4 }).nova.listServers());

  expect(error).toMatchObject({ kind: 'server-error', status: 503, retryable: true });
  expect(cloud.count(SERVERS)).toBe(5);
});

test.each([
  [400, 'bad-request', false],
  [403, 'forbidden', false],
  [404, 'not-found', false],
  [409, 'conflict', false],
  [501, 'server-error', false],
])('a GET answered with %i is not tried again', async (status, kind, retryable) => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { status, json: { fault: { code: status, message: 'no' } } });

  const error = await errorOf(cloud.connect().nova.listServers());

  expect(error).toMatchObject({ kind, status, retryable, fault: 'fault', detail: 'no' });
  expect(cloud.count(SERVERS)).toBe(1);
});

test.each([
  ['7', 7_000],
  ['Fri, 20 Nov 2026 20:00:09 GMT', 9_000],
])('Retry-After: %s is waited out', async (header, waitMs) => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { ...unavailable({ 'retry-after': header }), status: 429 }, EMPTY);
  const clock = fakeClock();

  await cloud.connect({ clock }).nova.listServers();

  expect(clock.sleptMs).toEqual([waitMs]);
});

test('a Retry-After over 30 s is left to the caller', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { ...unavailable({ 'retry-after': '31' }), status: 429 });

  const error = await errorOf(cloud.connect().nova.listServers());

  expect(error).toMatchObject({ kind: 'over-limit', retryAfterMs: 31_000, retryable: true });
  expect(cloud.count(SERVERS)).toBe(1);
});

test('an answer that does not come in time is a timeout, also when only its body hangs', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(
    SERVERS,
    () => undefined,
    (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"servers":');
    },
  );

  const error = await errorOf(cloud.connect({ retries: 1, timeoutMs: 80 }).nova.listServers());

  expect(error).toMatchObject({ kind: 'timeout', retryable: true, service: 'compute' });
  expect(cloud.count(SERVERS)).toBe(2);
});

test('a caller may give one call another limit', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, () => undefined);
  const { nova } = cloud.connect({ retries: 0 });

  const error = await errorOf(nova.listServers({}, { timeoutMs: 60 }));

  expect(error.detail).toBe('no complete answer within 60 ms');
});

test("the caller's signal ends a call with its own reason and without retry", async () => {
  await using cloud = await startFakeOpenStack();
  const giveUp = new AbortController();
  const reason = new Error('no longer wanted');
  cloud.on(SERVERS, () => giveUp.abort(reason));

  const call = cloud.connect().nova.listServers({}, { signal: giveUp.signal });

  await expect(call).rejects.toBe(reason);
  expect(cloud.count(SERVERS)).toBe(1);
});

test('an answer that is no JSON is a protocol error and not retried', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { text: '<html>hello</html>' });

  const error = await errorOf(cloud.connect().nova.listServers());

  expect(error).toMatchObject({ kind: 'protocol', retryable: false, status: 200 });
  expect(cloud.count(SERVERS)).toBe(1);
});

test.each([
  ['announced', { 'content-length': '5000' }],
  ['not announced', { 'transfer-encoding': 'chunked' }],
])('an answer over the size limit is refused, its length %s', async (_, headers) => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { text: JSON.stringify({ servers: 'x'.repeat(4_985) }), headers });

  const error = await errorOf(cloud.connect({ maxResponseBytes: 4_000 }).nova.listServers());

  expect(error).toMatchObject({ kind: 'protocol', detail: 'the answer is over 4000 bytes' });
});

test('a redirect is not followed: it would carry the token elsewhere', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on(SERVERS, { status: 307, headers: { location: `${cloud.url}/elsewhere` } });

  const error = await errorOf(cloud.connect().nova.listServers());

  expect(error).toMatchObject({ kind: 'protocol', status: 307 });
  expect(cloud.count('GET /elsewhere')).toBe(0);
});

test('an error tells service, method, path, status, request id and the words of the service', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /compute/v2.1/servers/s1', {
    status: 404,
    headers: { 'x-openstack-request-id': 'req-42' },
    json: { itemNotFound: { code: 404, message: 'Instance s1 could not be found.' } },
  });

  const error = await errorOf(cloud.connect().nova.showServer('s1'));

  expect({ ...error }).toEqual({
    name: 'OpenStackError',
    kind: 'not-found',
    retryable: false,
    service: 'compute',
    method: 'GET',
    path: '/compute/v2.1/servers/s1',
    status: 404,
    requestId: 'req-42',
    fault: 'itemNotFound',
    detail: 'Instance s1 could not be found.',
    mayHaveArrived: false,
    retryAfterMs: null,
  });
  expect(error.message).toContain('req-42');
});

test('the older x-compute-request-id is read too', async () => {
  await using cloud = await startFakeOpenStack();
  cloud.on('GET /compute/v2.1/servers/s1', (response) => {
    response.writeHead(404, { 'x-compute-request-id': 'req-old' });
    response.end('gone');
  });

  const error = await errorOf(cloud.connect().nova.showServer('s1'));

  expect(error).toMatchObject({ requestId: 'req-old', fault: null, detail: 'gone' });
});

test.each([
  ['answered with 500', { status: 500, json: {} }, 'server-error'],
  ['answered with 429', { status: 429, json: {} }, 'over-limit'],
] as const)('a change %s is not sent again', async (_, answer, kind) => {
  await using cloud = await startFakeOpenStack();
  const route = 'POST /network/v2.0/sfc/port_pairs';
  cloud.on(route, answer);

  const error = await errorOf(
    cloud.connect().sfc.createPortPair({ ingressPortId: 'a', egressPortId: 'b' }),
  );

  expect(error).toMatchObject({ kind, mayHaveArrived: kind === 'server-error' });
  expect(cloud.count(route)).toBe(1);
});

test('a change whose connection breaks is not sent again: it may have arrived', async () => {
  await using cloud = await startFakeOpenStack();
  const route = 'DELETE /network/v2.0/sfc/port_pairs/pp1';
  cloud.on(route, (response) => response.destroy());

  const error = await errorOf(cloud.connect().sfc.deletePortPair('pp1'));

  expect(error).toMatchObject({ kind: 'unreachable', retryable: true, mayHaveArrived: true });
  expect(cloud.count(route)).toBe(1);
});

test('a change that never left, the connection being refused, is sent again', async () => {
  await using cloud = await startFakeOpenStack();
  const route = 'DELETE /network/v2.0/sfc/port_pairs/pp1';
  cloud.on(route, { status: 204 });
  let refusals = 1;
  const { sfc } = cloud.connect({
    fetch: async (url, init) => {
      if (init?.method === 'DELETE' && refusals > 0) {
        refusals -= 1;
        const cause = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
        throw new TypeError('fetch failed', { cause });
      }
      return fetch(url, init);
    },
  });

  await sfc.deletePortPair('pp1');

  expect(cloud.count(route)).toBe(1);
});
