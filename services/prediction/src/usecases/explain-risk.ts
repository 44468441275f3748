import { NotFound } from '@sidestep/service-kit';
import { caseShape, type NearCase, nearestCases } from '../domain/past-cases.ts';
import { levelOf, type Reliability, reliabilityAt } from '../domain/scores.ts';
import type { HonestyKeeper } from './keep-honest.ts';
import type { OutlookPart } from './outlook-board.ts';
import { type HostRisk, plainReason, type RiskContext } from './read-risks.ts';

/** Why a host's risk is what it is. */
export type Explanation = RiskContext &
  HostRisk & {
    cases: readonly NearCase[];
    /** How often forecasts of this level came true; null while the risk is unknown. */
    reliability: Reliability | null;
  };

const mostCases = 5;

export function explainRisk(
  part: Pick<OutlookPart, 'risks' | 'settings' | 'forecast'>,
  keeper: Pick<HonestyKeeper, 'book' | 'rows'>,
  hostId: string,
): Explanation {
  const { risks, ...context } = part.risks.hostRisks();
  const own = risks.find((risk) => risk.hostId === hostId);
  const forecast = part.forecast();
  if (own === undefined || forecast === undefined) throw new NotFound('host', hostId);
  if (own.risk === 'unknown') return { ...context, ...own, cases: [], reliability: null };

  const { settings } = part;
  const { risk } = own;
  const { series, model } = forecast;
  const host = series.hosts.indexOf(hostId);
  const shape = caseShape(
    series,
    host,
    series.metrics.indexOf(settings.targetMetric),
    settings.windowTicks,
  );
  let { reasons } = own;
  if (reasons.length === 0) {
    // At each tick only the riskiest hosts are explained; the others when somebody asks.
    const options = { explainTop: 0, explainHost: host };
    const [score] = model
      .score(series, series.ticks - 1, options)
      .filter(({ hostIndex }) => hostIndex === host);
    if (score !== undefined && score.risk !== 'unknown') reasons = score.reasons.map(plainReason);
  }
  return {
    ...context,
    ...own,
    reasons,
    cases: nearestCases(keeper.book.rows(), shape, {
      most: mostCases,
      horizonMs: settings.horizonTicks * settings.tickMs,
    }),
    reliability: reliabilityAt(keeper.rows(), levelOf(risk)),
  };
}
