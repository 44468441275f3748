import type { monitoring } from '@sidestep/contracts';
import { type Clock, type Handlers, ProblemError } from '@sidestep/service-kit';
import { fakeService } from '@sidestep/service-kit/testing';
import type { SyntheticLoad } from './synthetic-load.ts';

type Operations = monitoring.operations;
type Sample = monitoring.components['schemas']['Sample'];
type Fleet = monitoring.components['schemas']['Fleet'];

export type FakeMonitoring = {
  url: string;
  /** What was written to it, oldest first. */
  written: Sample[];
  /** The newest query that it was asked. */
  lastQuery(): monitoring.components['schemas']['SeriesQuery'] | undefined;
  /** From now on every operation but its health fails, or works again. */
  away(isAway: boolean): Promise<void>;
  close(): Promise<void>;
};

/** Monitoring by its own contract, over HTTP: it measures a synthetic load up to the clock's now. */
export async function fakeMonitoring(
  load: SyntheticLoad,
  clock: Clock,
  more: Partial<Fleet> & { serverCpuPercent?: Record<string, number> } = {},
): Promise<FakeMonitoring> {
  const { serverCpuPercent = {}, ...fleet } = more;
  let isAway = false;
  const written: Sample[] = [];
  let lastQuery: monitoring.components['schemas']['SeriesQuery'] | undefined;
  const handlers: Partial<Handlers<Operations>> = {
    querySeries: ({ body }) => {
      lastQuery = body;
      const fromMs = Math.floor(Date.parse(body.from ?? '') / body.stepMs) * body.stepMs;
      const toMs = Date.parse(body.to ?? '');
      const steps = Math.round((toMs - fromMs) / body.stepMs);
      const series = load.hostIds.map((resource) => ({
        resource,
        metric: 'host.cpuPercent',
        labels: {},
        values: Array.from({ length: steps }, (_, step) => {
          const at = fromMs + step * body.stepMs;
          return at < clock.now() ? load.cpuPercent(resource, at) : null;
        }),
      }));
      return { status: 200, body: { fromMs, toMs, stepMs: body.stepMs, steps, series } };
    },
    writeSamples: ({ body }) => {
      written.push(...body.samples);
      return { status: 200, body: { stored: body.samples.length } };
    },
    listQuality: () => ({ status: 200, body: { resources: [], nextCursor: null } }),
    listLatest: ({ query }) => {
      const newest: Record<string, number | null> =
        query.metric === 'server.cpuPercent'
          ? serverCpuPercent
          : Object.fromEntries(
              load.hostIds.map((id) => [id, load.cpuPercent(id, clock.now() - 10_000)]),
            );
      const samples = Object.entries(newest).flatMap(([resource, value]) =>
        value === null ? [] : [latestOf(resource, query.metric, clock.now(), value)],
      );
      return { status: 200, body: { samples } };
    },
    getFleet: () => ({
      status: 200,
      body: {
        observedAt: new Date(clock.now()).toISOString(),
        ageMs: 0,
        problem: null,
        hosts: load.hostIds.map(hostOf),
        servers: [],
        serverGroups: [],
        chains: [],
        ...fleet,
      },
    }),
  };
  const server = await fakeService<Operations>(
    'monitoring',
    failingWhile(() => isAway, handlers),
  );
  return {
    url: server.url,
    written,
    lastQuery: () => lastQuery,
    away: async (now) => {
      isAway = now;
    },
    close: () => server.close(200),
  };
}

/** A roomy host of 12 cores, up and enabled. */
export function hostOf(id: string): Fleet['hosts'][number] {
  return {
    id,
    state: 'up',
    status: 'enabled',
    disabledReason: null,
    zone: 'nova',
    aggregates: [],
    ip: null,
    cores: 12,
    vcpus: 48,
    vcpusUsed: 4,
    ramMiB: 24_576,
    ramUsedMiB: 4_096,
    diskGiB: 1_000,
    diskUsedGiB: 10,
    telemetry: 'fresh',
    quality: { verdict: 'good', reasons: [] },
    trusted: true,
  };
}

function failingWhile(isAway: () => boolean, handlers: object): Partial<Handlers<Operations>> {
  return Object.fromEntries(
    Object.entries(handlers).map(([name, handler]: [string, (call: unknown) => unknown]) => [
      name,
      (call: unknown) => {
        if (isAway()) throw new ProblemError('UNAVAILABLE', 'The fake is away');
        return handler(call);
      },
    ]),
  );
}

const latestOf = (resource: string, metric: string, atMs: number, value: number) => ({
  resource,
  metric,
  labels: {},
  timestamp: new Date(atMs).toISOString(),
  value,
  ageMs: 400,
  fresh: true,
});
