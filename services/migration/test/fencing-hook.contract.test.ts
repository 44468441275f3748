import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { commandHook } from '../src/adapters/fencing/command-hook.ts';
import { webhook } from '../src/adapters/fencing/webhook.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-fencing-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const request = { hostId: 'h1', incidentId: 'i1', reason: 'it went down' };
let scripts = 0;
const script = (...lines: string[]): string => {
  scripts += 1;
  const path = join(folder, `hook-${scripts}`);
  writeFileSync(path, ['#!/bin/sh', ...lines].join('\n'));
  chmodSync(path, 0o755);
  return path;
};

describe('a command', () => {
  const fence = (path: string, timeoutMs = 5_000) =>
    commandHook({ path, timeoutMs }).fence(request);

  test('is told the host, the incident and the reason, and none of our secrets', async () => {
    process.env.SIDESTEP_TEST_SECRET = 'secret';
    const path = script(
      'echo "{\\"fenced\\":true,\\"detail\\":\\"$1 $2 $SIDESTEP_FENCING_REASON $SIDESTEP_TEST_SECRET\\"}"',
    );

    expect(await fence(path)).toEqual({ kind: 'fenced', detail: 'h1 i1 it went down ' });
    delete process.env.SIDESTEP_TEST_SECRET;
  });

  test.each([
    ['says no', ['echo \'{"fenced":false,"detail":"BMC away"}\''], 'refused', /BMC away/],
    ['says nothing', ['true'], 'unsure', /no JSON/],
    ['says something else', ['echo \'{"ok":1}\''], 'unsure', /does not say/],
    ['says yes, but fails', ['echo \'{"fenced":true}\'', 'exit 3'], 'unsure', /exit code 3/],
    ['talks for ever', ['yes'], 'unsure', /could not be run|exit code/],
  ])('that %s confirms nothing', async (_case, lines, kind, detail) => {
    const answer = await fence(script(...lines));

    expect(answer.kind).toBe(kind);
    expect(answer.detail).toMatch(detail);
  });

  test('that hangs, or leaves something hanging, is cut off at its time', async () => {
    expect(await fence(script('sleep 60 & sleep 60'), 200)).toEqual({
      kind: 'unsure',
      detail: 'no answer within 200 ms',
    });
  });

  test('that is not there confirms nothing', async () => {
    expect(await fence(join(folder, 'none'))).toMatchObject({ kind: 'unsure' });
  });
});

describe('a webhook', () => {
  const served = async (listener: RequestListener, timeoutMs = 2_000) => {
    const server = createServer(listener);
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const { port } = server.address() as AddressInfo;
    return webhook({ url: `http://127.0.0.1:${port}/fence`, token: 't', timeoutMs }).fence(request);
  };

  test('is told the same, with its token', async () => {
    let seen = '';
    const answer = await served((incoming, response) => {
      seen = `${incoming.method} ${incoming.headers.authorization} `;
      incoming.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
      });
      incoming.on('end', () => response.end('{"fenced":true}'));
    });

    expect(answer.kind).toBe('fenced');
    expect(seen).toBe(`POST Bearer t ${JSON.stringify(request)}`);
  });

  test.each<[string, RequestListener, RegExp]>([
    ['answers 500', (_in, out) => void out.writeHead(500).end('{"fenced":true}'), /answered 500/],
    ['answers no JSON', (_in, out) => void out.end('yes'), /no JSON/],
    ['leads elsewhere', (_in, out) => void out.writeHead(302, { location: '/' }).end(), /reached/],
    ['cuts the line', (_in, out) => void out.destroy(), /could not be reached/],
    ['talks too long', (_in, out) => void out.end('x'.repeat(100_000)), /could not be reached/],
  ])('that %s confirms nothing', async (_case, listener, detail) => {
    const answer = await served(listener);

    expect(answer.kind).toBe('unsure');
    expect(answer.detail).toMatch(detail);
  });

  test('that does not answer is given up at its time', async () => {
    expect(await served(() => undefined, 200)).toEqual({
      kind: 'unsure',
      detail: 'no answer within 200 ms',
    });
  });
});
