import { type monitoring, serviceClient } from '@sidestep/contracts';
import { fakeService, testToken } from '@sidestep/service-kit/testing';
import { expect, onTestFinished, test } from 'vitest';
import { monitoringTelemetry } from '../src/adapters/services/monitoring-telemetry.ts';

const sampleOf = (resource: string) => ({
  resource,
  metric: 'server.cpuPercent',
  labels: {},
  timestamp: '2026-11-20T12:00:00.000Z',
  value: 5,
  ageMs: 400,
  fresh: true,
});

/** A Monitoring of two series, and what it was asked. */
async function telemetry() {
  const asked: (readonly string[] | 'all')[] = [];
  const monitor = await fakeService<monitoring.operations>('monitoring', {
    queryLatest: ({ body: { resources } }) => {
      asked.push(resources);
      return { status: 200, body: { samples: resources.map(sampleOf) } };
    },
    listLatest: () => {
      asked.push('all');
      return { status: 200, body: { samples: ['s1', 's2'].map(sampleOf) } };
    },
  });
  onTestFinished(() => monitor.close(100));
  const client = serviceClient('monitoring', {
    baseUrl: monitor.url,
    token: testToken('viewer'),
    timeoutMs: 1_000,
    retries: 0,
  });
  return { asked, sut: monitoringTelemetry(client) };
}

test('the newest samples are asked for by the names of their resources', async () => {
  const { asked, sut } = await telemetry();

  const found = await sut.newest('server.cpuPercent', ['s1']);

  expect(found).toEqual([{ resource: 's1', value: 5, ageMs: 400, fresh: true }]);
  expect(asked).toEqual([['s1']]);
});

test.each(['web (old)', 'Zürich', '_edge', 'n'.repeat(200)])(
  'a server that is called %s keeps nobody from hearing what is on its host',
  async (name) => {
    const { asked, sut } = await telemetry();

    const found = await sut.newest('server.cpuPercent', ['s1', name]);

    expect(found.map(({ resource }) => resource)).toEqual(['s1']);
    expect(asked).toEqual(['all']);
  },
);

test('of no resource nothing is asked', async () => {
  const { asked, sut } = await telemetry();

  expect(await sut.newest('server.cpuPercent', [])).toEqual([]);
  expect(asked).toEqual([]);
});
