import { createSocket } from 'node:dgram';
import type { AddressInfo } from 'node:net';
import { createDatagramParser, type SeriesIdentity } from '@sidestep/collectd';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type LoadedHosts, startHosts } from './host-load.ts';
import { connectLab, labFolder } from './lab.ts';
import { poll } from './poll.ts';
import { readFlowRules } from './sfc-journal.ts';

const lab = await connectLab(labFolder(process.env));

describe.skipIf(!lab.ok)(`the lab${lab.ok ? '' : ` (skipped: ${lab.reason})`}`, () => {
  if (!lab.ok) return;
  const { description } = lab.lab;

  test('Keystone gives the lab’s account a token', async () => {
    const account = lab.lab.credentials();
    const user = { name: account.username, password: account.password };
    const identity = {
      methods: ['password'],
      password: { user: { ...user, domain: { name: account.userDomainName } } },
    };

    const response = await fetch(`${account.authUrl}/auth/tokens`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ auth: { identity } }),
      signal: AbortSignal.timeout(30_000),
    });

    expect(response.status).toBe(201);
    expect(response.headers.get('x-subject-token')).toBeTruthy();
  });

  test('five hosts are up, and the members of a chain stand on different ones', () => {
    const vnfs = description.servers.filter(({ ports }) => 'ingress' in ports);

    expect(description.hosts.map(({ state }) => state)).toEqual(Array(5).fill('up'));
    expect(vnfs.length).toBeGreaterThanOrEqual(3);
    expect(new Set(vnfs.map(({ host }) => host)).size).toBeGreaterThanOrEqual(3);
  });

  test('what the hosts are told to switch can be read', () => {
    expect(() => readFlowRules(description.sfcFlowsFile)).not.toThrow();
  });
});

describe('hosts of real collectd processes', () => {
  const busyPercent = new Map<string, number[]>();
  const serverCpuNs = new Map<string, number[]>();
  const socket = createSocket('udp4');
  const parser = createDatagramParser<SeriesIdentity>({
    seriesOf: (identity) => identity,
    onValues: ({ series, values }) => {
      const value = values[0] ?? Number.NaN;
      if (series.plugin === 'cpu' && series.typeInstance === 'idle') {
        busyPercent.set(series.host, [...(busyPercent.get(series.host) ?? []), 100 - value]);
      }
      if (series.plugin === 'virt') {
        serverCpuNs.set(series.host, [...(serverCpuNs.get(series.host) ?? []), value]);
      }
    },
  });
  const names = ['compute1', 'compute2', 'compute3', 'compute4', 'compute5'];
  let hosts: LoadedHosts | undefined;
  let missing = '';

  beforeAll(async () => {
    socket.on('message', (datagram) => parser.parse(datagram));
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve));
    const { port }: AddressInfo = socket.address();
    const started = await startHosts({
      names,
      port,
      signer: { user: 'lab', password: 's3cret' },
    });
    if (started.ok) hosts = started.hosts;
    else missing = started.reason;
  });

  afterAll(async () => {
    await hosts?.stop();
    socket.close();
  });

  /** Forgets what was reported, then waits until each host has reported so many rounds. */
  async function rounds(count: number): Promise<void> {
    busyPercent.clear();
    await poll(`${count} rounds of every host`, 60_000, () =>
      names.every((name) => (busyPercent.get(name)?.length ?? 0) >= count) ? true : undefined,
    );
  }

  const meanOfLast = (host: string, count: number) => {
    const last = (busyPercent.get(host) ?? []).slice(-count);
    return last.reduce((sum, value) => sum + value, 0) / last.length;
  };

  test('a host that stress-ng has joined reports 90 % or more, and the others stay low', async ({
    skip,
  }) => {
    if (hosts === undefined) return skip(missing);
    await hosts.load('compute2', 100);

    await rounds(8);

    expect(meanOfLast('compute2', 5)).toBeGreaterThanOrEqual(90);
    for (const name of names.filter((other) => other !== 'compute2')) {
      expect(meanOfLast(name, 5), name).toBeLessThan(20);
    }
  });

  test('when stress-ng leaves, the host is idle again', async ({ skip }) => {
    if (hosts === undefined) return skip(missing);
    await hosts.load('compute2', 0);

    await rounds(4);

    expect(meanOfLast('compute2', 2)).toBeLessThan(20);
  });

  test('a server’s work counts on its host and is reported under the server’s id', async ({
    skip,
  }) => {
    if (hosts === undefined) return skip(missing);
    await hosts.loadServer('a-server', 'compute3', 50);

    await rounds(6);

    expect(meanOfLast('compute3', 4)).toBeGreaterThan(20);
    expect(meanOfLast('compute3', 4)).toBeLessThan(90);
    const readings = serverCpuNs.get('a-server') ?? [];
    expect(readings.at(-1)).toBeGreaterThan(readings[0] ?? Number.POSITIVE_INFINITY);
  });
});
