import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bullmqJobs, type Jobs, silentLog } from '@sidestep/service-kit';
import { testToken, testTokens } from '@sidestep/service-kit/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, daemon, eventually, freePort, isInstalled } from './daemons.ts';

const missing = [
  ['collectd', '-h'],
  ['redis-server', '--version'],
  ['openssl', 'version'],
].flatMap(([command = '', argument = '']) => (isInstalled(command, argument) ? [] : [command]));

const HOST = 'compute-e2e';

interface Finding {
  readonly finding: string;
  readonly hint: string;
}

const collectdConfig = (folder: string, port: number): string => `
Hostname "${HOST}"
FQDNLookup false
Interval 1
BaseDir "${folder}"
PIDFile "${folder}/collectd.pid"
TypesDB "/usr/share/collectd/types.db"
LoadPlugin cpu
<Plugin cpu>
  ReportByCpu false
  ValuesPercentage true
</Plugin>
LoadPlugin memory
LoadPlugin load
LoadPlugin interface
LoadPlugin network
<Plugin network>
  <Server "127.0.0.1" "${port}">
    SecurityLevel Sign
    Username "nfvmon"
    Password "s3cret"
  </Server>
</Plugin>
`;

const VNF = 'vnf-e2e';

/** An agent within a VNF: it speaks HTTPS, with a password. */
const writeHttpConfig = (folder: string, port: number): string => `
Hostname "${VNF}"
FQDNLookup false
Interval 1
BaseDir "${folder}"
PIDFile "${folder}/vnf.pid"
TypesDB "/usr/share/collectd/types.db"
LoadPlugin load
LoadPlugin memory
LoadPlugin write_http
<Plugin write_http>
  <Node "sidestep">
    URL "https://127.0.0.1:${port}/collectd"
    User "operator"
    Password "${testToken('operator')}"
    CACert "${folder}/cert.pem"
    VerifyPeer true
    VerifyHost true
    Format "JSON"
    StoreRates false
    BufferSize 1024
  </Node>
</Plugin>
`;

function makeCertificate(folder: string): void {
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=sidestep'],
      ...['-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')],
    ],
    { stdio: 'ignore' },
  );
}

describe.skipIf(missing.length > 0)(
  `Monitoring as a process (needs collectd, redis-server and openssl)`,
  () => {
    let folder: string;
    let redis: Daemon;
    let collectd: Daemon;
    let monitoring: Daemon;
    let jobs: Jobs;
    let url: string;
    let env: Record<string, string>;
    const woken: object[] = [];

    const call = async (path: string, body?: object) => {
      const response = await fetch(`${url}${path}`, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${testToken('operator')}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    const startMonitoring = async (): Promise<void> => {
      monitoring = daemon(process.execPath, [join(import.meta.dirname, '../src/main.ts')], env);
      await eventually('Monitoring answers', async () => {
        const health = await fetch(`${url}/health`).catch(() => undefined);
        return health?.ok ? true : undefined;
      });
    };

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
      const [httpPort, redisPort, collectdPort] = [
        await freePort(),
        await freePort(),
        await freePort(),
      ];
      url = `http://127.0.0.1:${httpPort}`;
      const redisUrl = `redis://127.0.0.1:${redisPort}`;
      writeFileSync(join(folder, 'tokens.json'), JSON.stringify(testTokens));
      writeFileSync(join(folder, 'secret'), 'unused');
      writeFileSync(join(folder, 'users'), 'nfvmon: s3cret\n');
      mkdirSync(join(folder, 'collectd'));
      writeFileSync(
        join(folder, 'collectd.conf'),
        collectdConfig(join(folder, 'collectd'), collectdPort),
      );
      makeCertificate(join(folder, 'collectd'));
      const tlsPort = await freePort();
      writeFileSync(join(folder, 'vnf.conf'), writeHttpConfig(join(folder, 'collectd'), tlsPort));
      env = {
        SIDESTEP_TLS_PORT: String(tlsPort),
        SIDESTEP_TLS_CERT_FILE: join(folder, 'collectd', 'cert.pem'),
        SIDESTEP_TLS_KEY_FILE: join(folder, 'collectd', 'key.pem'),
        SIDESTEP_DATA_DIR: join(folder, 'data'),
        SIDESTEP_MONITORING_PORT: String(httpPort),
        SIDESTEP_COLLECTD_PORT: String(collectdPort),
        SIDESTEP_COLLECTD_SECURITY: 'signed',
        SIDESTEP_COLLECTD_USERS_FILE: join(folder, 'users'),
        SIDESTEP_REDIS_URL: redisUrl,
        SIDESTEP_TOKENS_FILE: join(folder, 'tokens.json'),
        SIDESTEP_SERVICE_TOKEN_FILE: join(folder, 'secret'),
        SIDESTEP_LOG_LEVEL: 'warn',
        // Nobody answers there: the VIM is away all the time.
        OS_AUTH_URL: `http://127.0.0.1:${await freePort()}/v3`,
        OS_USERNAME: 'u',
        OS_PASSWORD_FILE: join(folder, 'secret'),
        OS_PROJECT_NAME: 'p',
      };
      redis = daemon('redis-server', [
        '--port',
        String(redisPort),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--dir',
        folder,
      ]);
      await startMonitoring();
      jobs = bullmqJobs({ redisUrl, prefix: 'bull', log: silentLog });
      jobs.work('alarm-wake', async ({ data }) => void woken.push(data), { concurrency: 1 });
      collectd = daemon('collectd', ['-f', '-C', join(folder, 'collectd.conf')]);
    });
    afterAll(async () => {
      await collectd?.stop();
      await jobs?.close();
      await monitoring?.stop();
      await redis?.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const latest = async (metric: string) =>
      (await call(`/latest?metric=${metric}&resource=${HOST}`)).body.samples[0];

    test('what a real collectd measures, signed, arrives as canonical metrics', async () => {
      const cpu = await eventually('a CPU sample', () => latest('host.cpuPercent'));
      const memory = await eventually('a memory sample', () => latest('host.memPercent'));
      const load = await eventually('a load sample', () => latest('host.loadShort'));

      expect(cpu).toMatchObject({ resource: HOST, fresh: true });
      for (const { value } of [cpu, memory]) {
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(100);
      }
      expect(load.value).toBeGreaterThanOrEqual(0);
    });

    test('an agent that speaks HTTPS comes in with a password, once it was asked for it', async () => {
      const vnf = daemon('collectd', ['-f', '-C', join(folder, 'vnf.conf')]);
      try {
        const sample = await eventually('a sample of the VNF', async () => {
          const { body } = await call(`/latest?metric=host.loadShort&resource=${VNF}`);
          return body.samples[0];
        });

        expect(sample).toMatchObject({ resource: VNF });
        expect(sample.value).toBeGreaterThanOrEqual(0);
      } finally {
        await vnf.stop();
      }
    });

    test('NI-Mon’s names are those of the agent’s readings', async () => {
      await eventually('loopback traffic', async () => {
        const { body } = await call(`/measurement_types/${HOST}`);
        return body.includes?.('lo___if_octets___rx___derive') ? true : undefined;
      });

      const { body } = await call(`/last_measurement/${HOST}/memory_free___value___gauge`);
      expect(body.measurement_value).toBeGreaterThan(1e6);
    });

    test('garbage on the socket is counted and stops nothing', async () => {
      const socket = createSocket('udp4');
      const port = Number(env.SIDESTEP_COLLECTD_PORT);
      for (let size = 0; size < 200; size += 1) {
        const garbage = Buffer.alloc(size * 7, size);
        await new Promise((resolve) => socket.send(garbage, port, '127.0.0.1', resolve));
      }
      socket.close();
      const before = (await latest('host.cpuPercent')).timestamp;

      await eventually('a newer sample', async () => {
        const sample = await latest('host.cpuPercent');
        return sample.timestamp > before ? sample : undefined;
      });
      const metrics = await fetch(`${url}/metrics`, {
        headers: { authorization: `Bearer ${testToken('viewer')}` },
      });
      expect(await metrics.text()).toMatch(
        /sidestep_collectd_refused_total\{reason="[a-z-]+"\} [1-9]/,
      );
    });

    test('a VIM that is away is a problem with a reason, and stops nothing', async () => {
      const { body } = await eventually('the first attempt', async () => {
        const fleet = await call('/fleet');
        return /not been read/.test(fleet.body.problem) ? undefined : fleet;
      });

      expect(body).toMatchObject({ observedAt: null, hosts: [] });
      expect(body.problem).toMatch(/keystone|identity|unreachable|ECONNREFUSED/i);
      expect((await call('/ready')).status).toBe(503);
    });

    test('a raised alarm wakes Migration through the queue', async () => {
      const rule = await call('/alarm-rules', {
        name: 'always',
        metric: 'host.loadShort',
        comparison: '>=',
        threshold: 0,
        forMs: 1000,
        clearThreshold: 0,
        clearForMs: 0,
        severity: 'warning',
      });
      await eventually('the wake-up', () => woken[0]);

      const { body } = await call('/alarms?state=raised');
      expect(rule.status).toBe(201);
      expect(body.alarms).toMatchObject([{ ruleId: 'always', resource: HOST, state: 'raised' }]);
      expect(woken[0]).toEqual({ alarmId: body.alarms[0].id, resource: HOST, state: 'raised' });
    });

    test('after a kill -9 none of a million acknowledged values is lost, and the alarm is still raised', async () => {
      const before = (await call('/alarms?state=raised')).body.alarms[0];
      const now = Date.now();
      for (let batch = 0; batch < 100; batch += 1) {
        const samples = Array.from({ length: 10_000 }, (_, at) => ({
          resource: `s${batch}`,
          metric: 'server.cpuPercent',
          timestampMs: now - (10_000 - at) * 100,
          value: at,
        }));
        expect((await call('/samples', { samples })).body).toEqual({ stored: 10_000 });
      }
      await monitoring.stop('SIGKILL');
      await startMonitoring();

      const { findings } = (await call('/doctor')).body;
      const lost = findings.filter(({ finding }: Finding) => finding === 'samples-lost');
      // What the agents sent in the last moment is lost with the process, and said to be.
      expect(lost).toHaveLength(1);
      expect(lost[0].hint).toMatch(/^At most \d{1,5} samples from .* Monitoring was killed/);
      const counted = await call('/query', {
        metrics: ['server.cpuPercent'],
        lastMs: 3_600_000,
        stepMs: 7_200_000,
        aggregate: 'count',
      });
      const values: (number | null)[] = counted.body.series.flatMap(
        (row: { values: (number | null)[] }) => row.values,
      );
      expect(values.reduce<number>((sum, value) => sum + (value ?? 0), 0)).toBe(1_000_000);
      const after = (await call(`/alarms/${before.id}`)).body;
      expect(after).toMatchObject({ state: 'raised', raisedAt: before.raisedAt });
    });

    test('a settled stop ends with code 0 and without a complaint', async () => {
      await monitoring.stop('SIGTERM');

      expect(monitoring.output()).not.toMatch(/"level":(50|60)/);
      await startMonitoring();
    });
  },
);
