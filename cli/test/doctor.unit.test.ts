import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { doctorCollectd } from '../src/commands/doctor.ts';

const undo: (() => void)[] = [];
afterEach(() => {
  for (const step of undo.splice(0)) step();
});

/** A Monitoring that gives this diagnosis, and what the command says of it. */
async function diagnosis(findings: readonly object[]) {
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  const tokenFile = join(folder, 'viewer.token');
  writeFileSync(tokenFile, 'secret\n');
  const asked: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.url} ${request.headers.authorization}`);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ hosts: 2, servers: 1, findings }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo.push(() => {
    server.close();
    rmSync(folder, { recursive: true });
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const lines: string[] = [];
  const say = (text = '') => {
    lines.push(text);
  };
  const exitCode = await doctorCollectd(
    { url: `http://127.0.0.1:${port}`, tokenFile },
    { line: say, progress: say, progressDone: say },
  );
  return { exitCode, text: lines.join('\n'), asked };
}

test('a fleet without findings is well: exit 0', async () => {
  const { exitCode, text, asked } = await diagnosis([]);

  expect(exitCode).toBe(0);
  expect(text).toBe('2 hosts, 1 servers: all well');
  expect(asked).toEqual(['/doctor Bearer secret']);
});

test('each finding is told with who, what and the way out: exit 1', async () => {
  const { exitCode, text } = await diagnosis([
    { resource: 'compute2', metric: 'host.memPercent', finding: 'missing', hint: 'Load it' },
    { resource: null, metric: null, finding: 'datagrams-refused', hint: '3 were refused' },
  ]);

  expect(exitCode).toBe(1);
  expect(text).toMatch(/missing +compute2 host\.memPercent\n +Load it/);
  expect(text).toMatch(/datagrams-refused +-/);
});
