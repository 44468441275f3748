import { describe, expect, test } from 'vitest';
import { answer, serviceClient } from '../src/client.ts';
import { ServiceError } from '../src/service-error.ts';

const json = (status: number, body: unknown, type = 'application/json') =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': type } });

/** A client whose other side answers by this list, the last for ever. */
function against(...answers: (() => Response | Promise<Response>)[]) {
  const seen: Request[] = [];
  const client = serviceClient('migration', {
    baseUrl: 'http://127.0.0.1:1',
    token: 'swordfish',
    timeoutMs: 50,
    retries: 2,
    sleep: async () => undefined,
    fetch: async (request) => {
      seen.push(request);
      const next = answers[Math.min(seen.length, answers.length) - 1];
      if (next === undefined) throw new Error('no answer is left');
      return next();
    },
  });
  return { client, seen };
}

const settings = { mode: 'recommend', policy: 'least-risk', updatedAt: null, updatedBy: null };

describe('a client of another service', () => {
  test('shows its token and gives the answer', async () => {
    const { client, seen } = against(() => json(200, settings));

    expect(await answer('migration', client.GET('/settings'))).toEqual(settings);
    expect(seen[0]?.headers.get('authorization')).toBe('Bearer swordfish');
  });

  test('sends a GET again that was not answered, a bounded number of times', async () => {
    const down = () => Promise.reject(new TypeError('fetch failed'));
    const recovered = against(
      down,
      () => json(503, {}),
      () => json(200, settings),
    );
    const lost = against(down);

    expect(await answer('migration', recovered.client.GET('/settings'))).toEqual(settings);
    await expect(answer('migration', lost.client.GET('/settings'))).rejects.toMatchObject({
      status: null,
      retryable: true,
    });
    expect(lost.seen).toHaveLength(3);
  });

  test('never sends a change again: it may have arrived', async () => {
    const { client, seen } = against(() => Promise.reject(new TypeError('fetch failed')));

    await expect(
      answer('migration', client.PUT('/settings', { body: { mode: 'auto', policy: 'random' } })),
    ).rejects.toThrow(ServiceError);
    expect(seen).toHaveLength(1);
  });

  test('hands on the other side’s problem, and never the token', async () => {
    const problem = {
      type: 't',
      title: 'No such thing',
      status: 404,
      detail: 'There is no decision d1',
      instance: '/decisions/d1',
      code: 'NOT_FOUND',
      traceId: '1',
    };
    const { client } = against(() => json(404, problem, 'application/problem+json'));

    const failure = await answer(
      'migration',
      client.GET('/decisions/{decisionId}', { params: { path: { decisionId: 'd1' } } }),
    ).catch((error: unknown) => error);

    expect(failure).toMatchObject({
      status: 404,
      problem: { code: 'NOT_FOUND' },
      retryable: false,
    });
    expect(String(failure)).not.toContain('swordfish');
  });

  test('gives up on an attempt when its time is over', async () => {
    const { client } = against(() => Promise.reject(new DOMException('timed out', 'TimeoutError')));

    await expect(answer('migration', client.GET('/settings'))).rejects.toThrow(
      /within 50 ms \(TimeoutError\)/,
    );
  });
});
