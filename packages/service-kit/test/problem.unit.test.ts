import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ProblemError, problemCatalogue, toProblem } from '../src/index.ts';

const context = { instance: '/things/1', traceId: 'abc' };

test('the catalogue and docs/problems.md say the same', () => {
  const page = readFileSync(new URL('../../../docs/problems.md', import.meta.url), 'utf8');
  const documented = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (permanent|retryable) \|/gm)];

  expect(
    Object.fromEntries(documented.map(([, code, status, retry]) => [code, `${status} ${retry}`])),
  ).toEqual(
    Object.fromEntries(
      Object.entries(problemCatalogue).map(([code, entry]) => [
        code,
        `${entry.status} ${entry.retry}`,
      ]),
    ),
  );
});

test('a known failure tells its code, detail and every fault', () => {
  const error = new ProblemError('INVALID_REQUEST', '1 fault in the request', {
    errors: [{ pointer: '/body/mode', detail: 'must be one of recommend, auto' }],
  });

  expect(toProblem(error, context)).toEqual({
    type: 'https://sidestep.example/problems/invalid-request',
    title: 'The request is not valid',
    status: 400,
    detail: '1 fault in the request',
    instance: '/things/1',
    code: 'INVALID_REQUEST',
    traceId: 'abc',
    errors: [{ pointer: '/body/mode', detail: 'must be one of recommend, auto' }],
  });
});

test('an unknown failure tells nothing of itself', () => {
  const problem = toProblem(new Error('secret'), context);

  expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', traceId: 'abc' });
  expect(JSON.stringify(problem)).not.toContain('secret');
});

test('whether to try again is a property of the code', () => {
  expect(new ProblemError('UPSTREAM_TIMEOUT', 'x').retryable).toBe(true);
  expect(new ProblemError('KILL_SWITCH', 'x').retryable).toBe(false);
});
