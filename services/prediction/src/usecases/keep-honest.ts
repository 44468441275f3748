import { createFallbackModel } from '@sidestep/forecast';
import type { Clock, Log } from '@sidestep/service-kit';
import { type Drift, driftOf, valuesOf } from '../domain/drift.ts';
import type { Forecast } from '../domain/forecast-board.ts';
import { censoredBy, type OwnMove } from '../domain/own-moves.ts';
import { ScoreBook } from '../domain/score-book.ts';
import { againstFallback } from '../domain/scores.ts';
import type { SettledRow } from '../domain/settled-row.ts';
import type { OwnMovesSource } from '../ports/own-moves-source.ts';
import type { PlainSample, Telemetry } from '../ports/telemetry.ts';
import type { OutlookPart } from './outlook-board.ts';

/** What became of a model that was taken out of service. */
export type Degraded = { modelVersion: string; atMs: number; reason: string };

/** Watches how right one outlook's forecasts are, and takes a model out of service that is worse than the fallback. */
export type HonestyKeeper = {
  /** Notes a forecast, and judges those whose horizon is over. Never throws. */
  scored(forecast: Forecast): Promise<void>;
  book: ScoreBook;
  /** Judged forecasts of what serves now. */
  rows(): SettledRow[];
  drift(): Promise<Drift[]>;
  degraded(): Degraded | null;
  /** Falls back where the model is worse than the fallback beyond chance; answers what is to be told Monitoring. */
  review(): Promise<PlainSample[]>;
};

const movesEveryMs = 30_000;
/** Moves that began so long before the oldest open forecast may still be under way. */
const movesReachMs = 3_600_000;
/** Fewer judged rows than this do not condemn a model (our choice). */
const minReviewedRows = 300;
/** Ticks whose inputs are compared with those of the training. */
const driftTicks = 360;

/** The metrics by which Prediction tells of itself; the resource is the service. */
export const honestyMetrics = { degraded: 'prediction.degraded', drift: 'prediction.inputDrift' };
export const ownResource = 'prediction';

export function createHonestyKeeper(deps: {
  clock: Clock;
  log: Log;
  ownMoves: OwnMovesSource;
  part: Pick<OutlookPart, 'id' | 'settings' | 'serving' | 'models' | 'forecast'>;
}): HonestyKeeper {
  const { clock, log, ownMoves, part } = deps;
  const { settings, serving, models } = part;
  const book = new ScoreBook(settings);
  const fallback = createFallbackModel(settings, settings.tickMs);
  let moves: readonly OwnMove[] = [];
  let movesKnownAtMs = -Infinity;
  let movesAskedAtMs = -Infinity;
  let degraded: Degraded | null = null;

  /** Whether every move up to now is known; without that nothing is judged. */
  const refreshMoves = async (): Promise<boolean> => {
    const nowMs = clock.now();
    if (nowMs - movesAskedAtMs < movesEveryMs) return movesKnownAtMs === movesAskedAtMs;
    movesAskedAtMs = nowMs;
    try {
      moves = await ownMoves.movesSince((book.oldestPendingAtMs ?? nowMs) - movesReachMs);
      movesKnownAtMs = nowMs;
      return true;
    } catch (error) {
      log.warn({ error, outlook: part.id }, 'Our own moves are not known; forecasts wait unjudged');
      return false;
    }
  };

  /** A model that was taken out of service before the last restart is so still. */
  const recordedDegradation = async (): Promise<Degraded | null> => {
    const active = await models.documents.getActive();
    const [modelVersion] = active?.earlier ?? [];
    if (active?.reason === undefined || modelVersion === undefined) return null;
    return { modelVersion, atMs: clock.now(), reason: active.reason };
  };

  const rows = () => book.rows(serving.current().model.info.version);

  const drift = async (): Promise<Drift[]> => {
    const { version } = serving.current();
    const series = part.forecast()?.series;
    const record = version === null ? undefined : await models.documents.getModel(version);
    if (series === undefined) return [];
    return (record?.reference ?? []).map((reference) =>
      driftOf(
        reference,
        reference.feature === 'outcome'
          ? rows().map(({ outcome }) => outcome)
          : valuesOf(series, reference.feature, driftTicks),
      ),
    );
  };

  return {
    book,
    rows,
    drift,
    degraded: () => degraded,

    scored: async (forecast) => {
      try {
        const { series } = forecast;
        book.note(forecast, (hosts) =>
          fallback
            .scorePairs(
              series,
              series.ticks - 1,
              hosts.map((hostIndex) => ({ hostIndex, addedCpuPercent: 0 })),
            )
            .map(({ risk }) => risk),
        );
        // A move that is told of late lies within the next horizon: what is judged now is older than that.
        if (await refreshMoves()) book.settle(series, censoredBy(moves, clock.now()));
        book.giveUp(forecast.atMs);
      } catch (error) {
        log.error({ error, outlook: part.id }, 'Forecasts could not be judged');
      }
    },

    review: async () => {
      const { version } = serving.current();
      if (version === null) degraded ??= await recordedDegradation();
      else {
        degraded = null;
        const judged = rows();
        const worse = judged.length < minReviewedRows ? null : againstFallback(judged, settings);
        if (worse !== null && worse.low > 0) {
          const reason = `${version} was worse than the fallback: Brier score +${worse.mean.toFixed(4)} (95 % interval +${worse.low.toFixed(4)} to +${worse.high.toFixed(4)}) on ${worse.rows} forecasts`;
          degraded = { modelVersion: version, atMs: clock.now(), reason };
          await models.documents.changeActive((active) => ({
            version: null,
            earlier: [version, ...(active?.earlier ?? [])],
            reason,
          }));
          serving.fallBack(reason);
          models.runner.rescore();
          log.error({ outlook: part.id, model: version }, reason);
        }
      }
      const labels = { outlook: part.id };
      const psi = Math.max(...(await drift()).map((each) => each.psi ?? -1), -1);
      return [
        {
          resource: ownResource,
          metric: honestyMetrics.degraded,
          labels,
          value: degraded === null ? 0 : 1,
        },
        ...(psi < 0
          ? []
          : [{ resource: ownResource, metric: honestyMetrics.drift, labels, value: psi }]),
      ];
    },
  };
}

/** Reviews every outlook and tells Monitoring, where a rule makes an alarm of a degraded model. Throws while it is away. */
export async function reviewAll(
  deps: { clock: Clock; telemetry: Pick<Telemetry, 'writeSamples' | 'ensureAlarmRule'>; log: Log },
  keepers: readonly HonestyKeeper[],
): Promise<void> {
  const samples: PlainSample[] = [];
  for (const keeper of keepers) samples.push(...(await keeper.review()));
  await deps.telemetry.ensureAlarmRule({
    name: 'a forecasting model is degraded',
    metric: honestyMetrics.degraded,
    threshold: 1,
    clearThreshold: 0,
    severity: 'major',
  });
  await deps.telemetry.writeSamples(samples, deps.clock.now());
}
