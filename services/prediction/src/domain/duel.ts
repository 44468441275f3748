import {
  type ClassModel,
  type FleetSeries,
  type ForecastModel,
  type Interval,
  judgedPicks,
  type TrainingSpec,
} from '@sidestep/forecast';
import { judgedRows } from './measure-champion.ts';
import { minBlocks, type PairedDifference, pairedDifference } from './paired-difference.ts';

type Asked = Pick<TrainingSpec, 'targetMetric' | 'horizonTicks' | 'thresholdPercent' | 'censored'>;

/** A challenger against the model that serves, on a stretch that neither has learnt from. */
export type Duel = {
  against: string;
  /** What is compared: squared errors of risks where it is absent, the regret of a classifier's picks else. */
  of?: 'regret';
  /** The challenger's mean minus that of the other; null where nothing could be compared. */
  difference: PairedDifference | null;
  /** The one that serves was made for other hosts than there are now. */
  otherHosts?: true;
  detail: string;
};

/**
 * Where the challenger's history ends when there is a model to beat: half way through what that one has not seen. The
 * first half is what the challenger may be ahead by, the second is where both are judged. `too-short` when a half has
 * too few horizons to tell them apart.
 */
export const cutForDuel = (
  series: Pick<FleetSeries, 'ticks' | 'tickMs' | 'firstTickAtMs'>,
  seenUntilMs: number,
  horizonTicks: number,
): { atTick: number } | 'too-short' => {
  const seen = Math.max(0, (seenUntilMs - series.firstTickAtMs) / series.tickMs + 1);
  const unseen = Math.floor(series.ticks - seen);
  const half = Math.floor(unseen / 2);
  // The last horizon of the stretch has no outcome yet.
  if (half < (minBlocks + 1) * horizonTicks) return 'too-short';
  return { atTick: series.ticks - half };
};

/** Both models on the same rows of a stretch, by the difference of their squared errors. */
export const duel = (
  models: { challenger: ForecastModel; champion: ForecastModel },
  series: FleetSeries,
  spec: Asked,
  stretch: Interval,
): Duel => {
  const against = models.champion.info.version;
  const keyOf = (row: { tick: number; hostIndex: number }) => `${row.tick} ${row.hostIndex}`;
  const theirs = new Map(
    judgedRows(models.champion, series, spec, stretch).map((row) => [keyOf(row), row.risk]),
  );
  const pairs = judgedRows(models.challenger, series, spec, stretch).flatMap((row) => {
    const other = theirs.get(keyOf(row));
    if (other === undefined) return [];
    return [
      {
        tick: row.tick,
        difference: (row.risk - row.outcome) ** 2 - (other - row.outcome) ** 2,
      },
    ];
  });
  return { against, ...judged('Brier score', against, pairs, spec.horizonTicks) };
};

/** Both classifiers' picks at the same ticks of a stretch, by the difference of their regret. */
export const classDuel = (
  models: { challenger: ClassModel; champion: ClassModel },
  series: FleetSeries,
  spec: Asked,
  stretch: Interval,
): Duel => {
  const against = models.champion.info.version;
  const theirs = new Map(
    judgedPicks(models.champion, series, spec, stretch).map((pick) => [pick.tick, pick]),
  );
  const pairs = judgedPicks(models.challenger, series, spec, stretch).flatMap(
    ({ tick, regretPercent }) => {
      const other = theirs.get(tick);
      return other === undefined ? [] : [{ tick, difference: regretPercent - other.regretPercent }];
    },
  );
  return {
    against,
    of: 'regret',
    ...judged('regret of the picks', against, pairs, spec.horizonTicks),
  };
};

const judged = (
  what: string,
  against: string,
  pairs: readonly { tick: number; difference: number }[],
  horizonTicks: number,
): Pick<Duel, 'difference' | 'detail'> => {
  const difference = pairedDifference(pairs, horizonTicks);
  if (difference === 'too-few')
    return { difference: null, detail: `${pairs.length} rows are too few to compare on` };
  const { mean, low, high, rows, blocks } = difference;
  return {
    difference,
    detail: `${what} ${signed(mean)} against ${against} (95 % interval ${signed(low)} to ${signed(high)}; ${rows} rows in ${blocks} blocks)`,
  };
};

const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(5)}`;

/** Whether a newly trained model serves from now on: the first does, a later one when it is better beyond chance. */
export const promotion = (met: Duel | 'none'): { activate: boolean; reason: string } => {
  if (met === 'none') return { activate: true, reason: 'no other model serves' };
  if (met.otherHosts) return { activate: true, reason: met.detail };
  if (met.difference === null) return { activate: false, reason: met.detail };
  return met.difference.high < 0
    ? { activate: true, reason: met.detail }
    : { activate: false, reason: `not better beyond chance: ${met.detail}` };
};
