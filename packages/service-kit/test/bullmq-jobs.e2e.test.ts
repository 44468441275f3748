import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { bullmqJobs, type Jobs, silentLog } from '../src/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'sidestep-redis-'));
const redises: ChildProcess[] = [];
const opened: Jobs[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((jobs) => jobs.close()));
  await Promise.all(redises.splice(0).map(stop));
  rmSync(folder, { recursive: true, force: true });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function redis(port: number): Promise<ChildProcess> {
  const child = spawn('redis-server', [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--dir',
    tmpdir(),
  ]);
  redises.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.stdout?.on(
      'data',
      (text: Buffer) => text.includes('Ready to accept connections') && resolve(),
    );
  });
  return child;
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) {
      resolve();
      return;
    }
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });
}

function jobsAt(port: number, prefix = 'test'): Jobs {
  const jobs = bullmqJobs({
    redisUrl: `redis://127.0.0.1:${port}`,
    prefix,
    log: silentLog,
    enqueueTimeoutMs: 500,
  });
  opened.push(jobs);
  return jobs;
}

test('a job reaches its worker, and one of the same id only once while it waits', async () => {
  const port = await freePort();
  await redis(port);
  const jobs = jobsAt(port);
  const seen: unknown[] = [];

  await jobs.enqueue('q', { name: 'wake', data: { n: 1 } }, { jobId: 'a' });
  await jobs.enqueue('q', { name: 'wake', data: { n: 2 } }, { jobId: 'a' });
  await jobs.enqueue('q', { name: 'wake', data: { n: 3 } });
  jobs.work('q', async (job) => void seen.push(job.data.n), { concurrency: 1 });

  await vi.waitFor(() => expect(seen).toEqual([1, 3]), { timeout: 5_000 });
});

test('two that share a Redis under prefixes of their own take nothing of each other', async () => {
  const port = await freePort();
  await redis(port);
  const [real, demo] = [jobsAt(port, 'real'), jobsAt(port, 'demo')];
  const seen: unknown[] = [];

  await demo.enqueue('q', { name: 'wake', data: { of: 'demo' } });
  await real.enqueue('q', { name: 'wake', data: { of: 'real' } });
  real.work('q', async (job) => void seen.push(job.data.of), { concurrency: 1 });
  await vi.waitFor(() => expect(seen).toEqual(['real']), { timeout: 5_000 });
  demo.work('q', async (job) => void seen.push(job.data.of), { concurrency: 1 });

  await vi.waitFor(() => expect(seen).toEqual(['real', 'demo']), { timeout: 5_000 });
});

test('while Redis is away an enqueue fails in time and nothing crashes; when it is back, both sides go on', async () => {
  const port = await freePort();
  const first = await redis(port);
  const jobs = jobsAt(port);
  const seen: unknown[] = [];
  jobs.work('q', async (job) => void seen.push(job.data.n), { concurrency: 1 });
  await jobs.enqueue('q', { name: 'wake', data: { n: 1 } });
  await vi.waitFor(() => expect(seen).toEqual([1]), { timeout: 5_000 });

  await stop(first);
  await expect(jobs.enqueue('q', { name: 'wake', data: { n: 2 } })).rejects.toThrow();
  expect(await jobs.ping()).toMatchObject({ ok: false });
  await redis(port);

  await vi.waitFor(async () => expect(await jobs.ping()).toEqual({ ok: true, detail: null }), {
    timeout: 10_000,
  });
  await jobs.enqueue('q', { name: 'wake', data: { n: 3 } });
  await vi.waitFor(() => expect(seen).toEqual([1, 3]), { timeout: 10_000 });
});

test('where Redis was never there, closing ends all the same', async () => {
  const jobs = bullmqJobs({
    redisUrl: `redis://127.0.0.1:${await freePort()}`,
    prefix: 'test',
    log: silentLog,
    enqueueTimeoutMs: 100,
    closeTimeoutMs: 200,
  });
  jobs.work('q', async () => undefined, { concurrency: 1 });

  await expect(jobs.close()).resolves.toBeUndefined();
});
