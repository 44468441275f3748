import type { monitoring } from '@sidestep/contracts';
import { type Clock, type Handlers, NotFound } from '@sidestep/service-kit';
import type { Inventory } from '../domain/fleet.ts';
import type { SeriesQuality } from '../domain/quality.ts';
import type { QualityDesk, ResourceQuality } from '../usecases/quality-desk.ts';
import { pageOf } from './pages.ts';

type Operation = 'listQuality' | 'getQuality';

export function qualityHandlers(
  quality: QualityDesk,
  inventory: () => Inventory,
  clock: Clock,
): Pick<Handlers<monitoring.operations>, Operation> {
  const known = (): { id: string; kind: ResourceQuality['kind'] }[] => {
    const { hosts, servers, chains } = inventory();
    return [
      ...hosts.map(({ id }) => ({ id, kind: 'host' as const })),
      ...servers.map(({ id }) => ({ id, kind: 'server' as const })),
      ...chains.map(({ id }) => ({ id, kind: 'chain' as const })),
    ];
  };
  return {
    listQuality: ({ query }) => {
      const nowMs = clock.now();
      const wanted = known()
        .filter(({ kind }) => query.kind === undefined || query.kind === kind)
        .map(({ id, kind }) => quality.of(id, kind, nowMs))
        .filter(({ verdict }) => query.verdict === undefined || query.verdict === verdict)
        .filter(({ trusted }) => query.trusted === undefined || query.trusted === trusted);
      const { page, nextCursor } = pageOf(
        wanted,
        ({ kind, resource }) => `${kind} ${resource}`,
        query,
      );
      return { status: 200, body: { resources: page.map(qualityBody), nextCursor } };
    },
    getQuality: ({ params }) => {
      const nowMs = clock.now();
      const resource = known().find(({ id }) => id === params.id);
      if (resource === undefined) throw new NotFound('host, server or chain', params.id);
      const verdict = quality.of(resource.id, resource.kind, nowMs);
      const series = quality.seriesOf(resource.id, nowMs).map(({ entry, quality: of }) => ({
        metric: entry.metric,
        labels: { ...entry.labels },
        ...figuresOf(of),
      }));
      return { status: 200, body: { ...qualityBody(verdict), series } };
    },
  };
}

const qualityBody = ({ resource, kind, verdict, trusted, reasons }: ResourceQuality) => ({
  resource,
  kind,
  verdict,
  trusted,
  reasons: reasons.map((reason) => ({ ...reason })),
});

const figuresOf = ({ freshness, gapRatio, clockSkewMs, unchangedMs, faults }: SeriesQuality) => ({
  freshness,
  gapRatio: gapRatio === 'unknown' ? null : gapRatio,
  clockSkewMs: clockSkewMs === 'unknown' ? null : clockSkewMs,
  unchangedMs,
  faults: [...faults],
});
