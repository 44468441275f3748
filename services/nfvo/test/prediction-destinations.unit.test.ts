import { createServer } from 'node:http';
import { serviceClient } from '@sidestep/contracts';
import { expect, onTestFinished, test } from 'vitest';
import { predictionDestinations } from '../src/adapters/services/prediction-destinations.ts';

async function prediction(status: number | 'silent', body: object) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      asked.push(`${request.method} ${request.url} ${text}`);
      if (status !== 'silent')
        response
          .writeHead(status, { 'content-type': 'application/json' })
          .end(JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const baseUrl = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const client = serviceClient('prediction', { baseUrl, token: 'token', timeoutMs: 200 });
  return { asked, ask: predictionDestinations(client) };
}

const ranking = {
  serverId: 'fw',
  policy: 'least-risk',
  destination: 'compute3',
  stayReason: null,
  ranking: [],
  rejected: [],
  modelVersion: null,
  fallback: null,
};

test('the host is the one that Prediction names, by the policy asked for', async () => {
  const { ask, asked } = await prediction(200, ranking);

  expect(await ask('fw', 'least-risk')).toEqual({ kind: 'host', hostId: 'compute3' });
  expect(asked).toEqual(['POST /destinations {"serverId":"fw","policy":"least-risk","seed":1}']);
});

test('where it names none, the reasons are told', async () => {
  const rejected = [{ hostId: 'compute1', why: 'ram', detail: 'lacks RAM' }];
  const { ask } = await prediction(200, {
    ...ranking,
    destination: null,
    stayReason: 'no-destination',
    rejected,
  });

  expect(await ask('fw', 'least-risk')).toEqual({
    kind: 'none',
    why: 'Prediction names no host (no-destination); compute1: lacks RAM',
  });
});

test.each([
  [404, 'UNPROCESSABLE'],
  [503, 'UPSTREAM_FAILED'],
  ['silent', 'UPSTREAM_FAILED'],
] as const)('an answer of %s is a problem: %s', async (status, code) => {
  const { ask } = await prediction(status, {});

  await expect(ask('fw', 'least-risk')).rejects.toMatchObject({ code });
});
