import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, daemon, eventually, freePort, isInstalled } from './daemons.ts';

const missing = ['redis-server', 'logger'].filter((command) => !isInstalled(command, '--version'));

describe.skipIf(missing.length > 0)(
  `a real logger (util-linux)${missing.length > 0 ? ` (not installed: ${missing.join(', ')})` : ''}`,
  () => {
    let folder: string;
    let url: string;
    let port: number;
    const daemons: Daemon[] = [];

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'monitoring-syslog-'));
      const [httpPort, redisPort] = [await freePort(), await freePort()];
      port = await freePort();
      url = `http://127.0.0.1:${httpPort}`;
      writeFileSync(join(folder, 'tokens.json'), JSON.stringify(testTokens));
      writeFileSync(join(folder, 'secret'), 'unused');
      daemons.push(
        daemon('redis-server', [
          ...['--port', String(redisPort), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
        ]),
        daemon(process.execPath, [join(import.meta.dirname, '../src/main.ts')], {
          SIDESTEP_DATA_DIR: join(folder, 'data'),
          SIDESTEP_MONITORING_PORT: String(httpPort),
          SIDESTEP_COLLECTD_PORT: String(await freePort()),
          SIDESTEP_SYSLOG_PORT: String(port),
          SIDESTEP_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
          SIDESTEP_TOKENS_FILE: join(folder, 'tokens.json'),
          SIDESTEP_SERVICE_TOKEN_FILE: join(folder, 'secret'),
          SIDESTEP_LOG_LEVEL: 'warn',
          // Nobody answers there: the VIM is away all the time.
          OS_AUTH_URL: `http://127.0.0.1:${await freePort()}/v3`,
          OS_USERNAME: 'u',
          OS_PASSWORD_FILE: join(folder, 'secret'),
          OS_PROJECT_NAME: 'p',
        }),
      );
      await eventually('Monitoring answers', async () => {
        const health = await fetch(`${url}/health`).catch(() => undefined);
        return health?.ok ? true : undefined;
      });
    });
    afterAll(async () => {
      for (const each of daemons.reverse()) await each.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const get = async (path: string) => {
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${testToken('operator')}` },
      });
      return response.ok ? JSON.parse(await response.text()) : undefined;
    };
    const counted = async (name: string): Promise<number> => {
      const response = await fetch(`${url}/metrics`, {
        headers: { authorization: `Bearer ${testToken('operator')}` },
      });
      const line = (await response.text()).split('\n').find((each) => each.startsWith(name));
      return Number(line?.split(' ').at(-1) ?? 0);
    };
    const logger = (...args: string[]) =>
      execFileSync('logger', ['-n', '127.0.0.1', '-P', String(port), ...args]);

    test('its messages arrive by UDP and TCP, counted or by lines, in the old form and the new', async () => {
      logger('-d', '-t', 'kernel', '-p', 'kern.err', 'buffer overrun on queue 7');
      logger('-d', '--rfc3164', '-t', 'sshd', '-p', 'auth.info', 'session opened for user alice');
      logger('-T', '-t', 'nova', '-p', 'daemon.warning', 'live migration is slow');
      logger('-T', '--octet-count', '-t', 'nova', '-p', 'daemon.crit', 'conductor never answers');

      const templates = await eventually('four templates are known', async () => {
        const answer = await get(`/log-templates/${hostname()}`);
        return answer?.templates.length === 4 ? answer.templates : undefined;
      });

      const told = templates.map((each: { app: string; severity: string; template: string }) =>
        [each.severity, each.app, each.template].join(' | '),
      );
      expect(told.sort()).toEqual([
        'critical | nova | conductor never answers',
        'error | kernel | buffer overrun on queue <*>',
        'informational | sshd | session opened for user <*>',
        'warning | nova | live migration is slow',
      ]);
    });

    test('how much and how severe they are becomes series', async () => {
      const sample = await eventually(
        'errors of the host are a series',
        async () => {
          logger('-d', '-p', 'kern.err', 'again');
          const answer = await get('/latest?metric=host.logErrorsPerSecond');
          const newest = answer?.samples[0];
          return newest?.value > 0 ? newest : undefined;
        },
        60_000,
      );

      expect(sample.resource).toBe(hostname());
    });

    test('a stream of nonsense is counted and closed, and stops nothing', async () => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`nonsense\n99999999 ${'x'.repeat(100)}`);
      await new Promise((resolve) => socket.once('close', resolve));

      expect(await counted('sidestep_syslog_refused_total{reason="no-priority"}')).toBe(1);
      expect(await counted('sidestep_syslog_refused_total{reason="too-long"}')).toBe(1);
      logger('-T', '-t', 'after', 'still here');
      await eventually('what comes after is taken', async () => {
        const answer = await get(`/log-templates/${hostname()}`);
        return answer?.templates.some((each: { app: string }) => each.app === 'after') || undefined;
      });
    });
  },
);
