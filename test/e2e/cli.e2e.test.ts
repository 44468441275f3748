import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { poll } from '../openstack/poll.ts';
import { freePortBase } from './rig.ts';

const frontDoor = fileURLToPath(new URL('../../sidestep', import.meta.url));
const main = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'sidestep-cli-'));

/** The command line as a process, and everything that it started. */
type Cli = {
  child: ChildProcess;
  ended: Promise<number | null>;
  output(): string;
  /** Pids of all processes alive that descend from it, itself included. */
  family(): number[];
};

const started: Cli[] = [];
let count = 0;

function run(command: string, ...args: string[]): Cli {
  count += 1;
  // Every descendant inherits the environment: by this mark they are found whoever their parent is by then.
  const mark = `SIDESTEP_TEST_MARK=${process.pid}-${count}`;
  const [name = '', value = ''] = mark.split('=');
  const child = spawn(command, args, {
    env: { ...process.env, [name]: value },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString('utf8');
    });
  }
  const cli: Cli = {
    child,
    ended: once(child, 'close').then(([code]) => code as number | null),
    output: () => output,
    family: () => marked(mark),
  };
  started.push(cli);
  return cli;
}

const runMain = (...args: string[]) =>
  run(process.execPath, '--disable-warning=ExperimentalWarning', main, ...args);

/** Pids of the processes whose environment bears the mark. */
function marked(mark: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        return false;
      }
    })
    .map(Number);
}

async function demoFlags(): Promise<string[]> {
  const base = await freePortBase();
  return ['--port-base', String(base), '--collectd-port', String(base + 4)];
}

let untilMoved: Cli;
beforeAll(async () => {
  // It takes two minutes: the others run meanwhile.
  untilMoved = run(frontDoor, 'demo', '--until-moved', ...(await demoFlags()));
});
afterAll(() => {
  for (const cli of started) for (const pid of cli.family()) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

describe('what was started ends with the command line', () => {
  async function runningDemo(): Promise<Cli> {
    const dataDir = mkdtempSync(join(folder, 'demo-'));
    const cli = runMain('demo', '--data-dir', dataDir, ...(await demoFlags()));
    await poll('the services are up', 60_000, () => {
      if (cli.child.exitCode !== null) throw new Error(cli.output());
      return cli.output().includes('services are up') || undefined;
    });
    // Beside it may lie what `start` keeps.
    expect(readdirSync(dataDir)).toEqual(['demo']);
    // The command line, Redis and its watchman, four services.
    expect(cli.family().length).toBeGreaterThanOrEqual(6);
    return cli;
  }

  test.each(['SIGINT', 'SIGTERM'] as const)('on %s: in order, exit code 0', async (signal) => {
    const cli = await runningDemo();

    cli.child.kill(signal);

    expect(await cli.ended).toBe(0);
    expect(cli.family()).toEqual([]);
  });

  test('killed with SIGKILL: by themselves', async () => {
    const cli = await runningDemo();

    cli.child.kill('SIGKILL');

    await poll('nothing is left', 20_000, () => cli.family().length === 0 || undefined);
  });
});

test('a port in use is one clear line', async () => {
  const base = await freePortBase();
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(base + 2, '127.0.0.1', resolve));

  const cli = runMain('demo', '--port-base', String(base), '--collectd-port', String(base + 4));
  const code = await cli.ended;
  taken.close();

  expect(code).toBe(2);
  const [line, ...more] = cli.output().trim().split('\n').slice(-1);
  expect(more).toEqual([]);
  expect(line).toBe(
    `sidestep: port ${base + 2} (migration) is in use; free it or give another with --port-base`,
  );
  expect(cli.family()).toEqual([]);
});

test('without an OpenStack to log in to, start says what is missing', async () => {
  const cli = runMain('start');

  expect(await cli.ended).toBe(2);
  expect(cli.output()).toMatch(/^sidestep: set OS_AUTH_URL, OS_USERNAME, OS_PASSWORD_FILE/);
});

test('the demo ends with the first handled hot host, told in its last line', async () => {
  const code = await untilMoved.ended;

  expect([code, untilMoved.output()]).toEqual([0, expect.any(String)]);
  const summaryLine = untilMoved.output().trimEnd().split('\n').at(-1) ?? '';
  const chainQuality = {
    requestsPerSecond: expect.any(Number),
    responseTimeMs: expect.any(Number),
  };
  const summary = JSON.parse(summaryLine) as { from: string; to: string };
  expect(summary).toEqual({
    alarm: expect.stringMatching(/^[0-9a-f]{32}$/),
    vnf: expect.stringMatching(/^chain[1-4]-(firewall|ips|dpi|web)/),
    from: expect.stringMatching(/^compute[1-6]$/),
    to: expect.stringMatching(/^compute[1-6]$/),
    policy: 'least-risk',
    modelVersion: expect.any(String),
    operation: expect.stringMatching(/^[0-9a-f-]{36}$/),
    durationMs: expect.any(Number),
    chain: { before: chainQuality, during: chainQuality, after: chainQuality },
  });
  expect(summary.to).not.toBe(summary.from);
  expect(untilMoved.family()).toEqual([]);
}, 330_000);

test('what only the fuzzer understands is one clear line elsewhere', async () => {
  const cli = runMain('test', 'unit', '--seed', '3');

  expect(await cli.ended).toBe(2);
  expect(cli.output().trim()).toBe('sidestep: --seed is of the suite fuzz, not of unit');
});
