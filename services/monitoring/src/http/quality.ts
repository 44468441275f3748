import type { monitoring } from '@sidestep/contracts';
import { type Clock, type Handlers, NotFound } from '@sidestep/service-kit';
import type { Inventory } from '../domain/fleet.ts';
import type { SeriesQuality } from '../domain/quality.ts';
import type { QualityDesk, ResourceQuality } from '../usecases/quality-desk.ts';
import { pageOf } from './pages.ts';

const kinds = ['host', 'server', 'chain'] as const;
const listOf = { host: 'hosts', server: 'servers', chain: 'chains' } as const;

type Operation = 'listQuality' | 'getQuality';

export function qualityHandlers(
  quality: QualityDesk,
  inventory: () => Inventory,
  clock: Clock,
): Pick<Handlers<monitoring.operations>, Operation> {
  const known = (kind: ResourceQuality['kind']): readonly { readonly id: string }[] =>
    inventory()[listOf[kind]];
  return {
    listQuality: ({ query }) => {
      const nowMs = clock.now();
      const wanted = kinds
        .filter((kind) => query.kind === undefined || query.kind === kind)
        .flatMap((kind) =>
          known(kind)
            // Told at once, where the verdict takes a look at each series.
            .filter(
              ({ id }) => query.trusted === undefined || query.trusted === quality.isTrusted(id),
            )
            .map(({ id }) => quality.of(id, kind, nowMs)),
        )
        .filter(({ verdict }) => query.verdict === undefined || query.verdict === verdict);
      const { page, nextCursor } = pageOf(
        wanted,
        ({ kind, resource }) => `${kind} ${resource}`,
        query,
      );
      return { status: 200, body: { resources: page.map(qualityBody), nextCursor } };
    },
    getQuality: ({ params }) => {
      const nowMs = clock.now();
      const { id } = params;
      const kind = kinds.find((each) => known(each).some((resource) => resource.id === id));
      if (kind === undefined) throw new NotFound('host, server or chain', id);
      const verdict = quality.of(id, kind, nowMs);
      const series = quality.seriesOf(id, nowMs).map(({ entry, quality: of }) => ({
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
