import type { Known } from '@sidestep/fleet';
import type { PairScore, Reason, ScoredPair } from '@sidestep/forecast';
import type { Clock } from '@sidestep/service-kit';
import {
  type Fallback,
  type Forecast,
  freshness,
  type RiskUnknown,
  unknownWords,
} from '../domain/forecast-board.ts';
import type { PredictionSettings } from '../domain/settings.ts';
import type { TickRunner } from './run-tick.ts';
import type { ServingModel } from './serving-model.ts';

/** Why a risk is what it is, in words and as a share of its log-odds. */
export type RiskReason = { feature: string; contribution: number; words: string };

/** A host's risk, or why there is none. */
export type HostRisk = {
  hostId: string;
  risk: Known<number>;
  unknown: { why: RiskUnknown; words: string } | null;
  reasons: readonly RiskReason[];
};

/** A host's risk with a load added to it. */
export type LoadedRisk = HostRisk & {
  serverId: string | null;
  hostRisk: Known<number>;
  predictedMaxCpuPercent: Known<number>;
};

/** What every answer about risks says of itself. */
export type RiskContext = {
  /** End of the newest scored tick. */
  atMs: number | null;
  modelVersion: string | null;
  fallback: Fallback | null;
};

export type PairQuestion = { hostId: string; serverId: string | null; addedCpuPercent: number };

export type RiskReader = {
  hostRisks(): RiskContext & { risks: HostRisk[] };
  pairRisks(pairs: readonly PairQuestion[]): RiskContext & { risks: LoadedRisk[] };
};

/** Answers from the last tick; once that is stale, every risk is unknown. */
export function createRiskReader(deps: {
  clock: Clock;
  settings: PredictionSettings;
  runner: Pick<TickRunner, 'forecast'>;
  serving: ServingModel;
}): RiskReader {
  const { clock, settings, runner, serving } = deps;
  const context = (forecast: Forecast | undefined): RiskContext => {
    const { version, fallback } = forecast ?? serving.current();
    return { atMs: forecast?.atMs ?? null, modelVersion: version, fallback };
  };
  const now = () => {
    const forecast = runner.forecast();
    const fresh = freshness(forecast, clock.now(), settings.tickMs);
    return { forecast, stale: fresh.kind === 'stale' ? fresh : undefined };
  };
  const unknownRisk = (hostId: string, why: RiskUnknown, words: string): HostRisk => ({
    hostId,
    risk: 'unknown',
    unknown: { why, words },
    reasons: [],
  });
  const hostRisk = (forecast: Forecast, index: number | undefined, hostId: string): HostRisk => {
    const score = index === undefined ? undefined : forecast.scores[index];
    if (score === undefined)
      return unknownRisk(hostId, 'unknown-host', unknownWords('unknown-host'));
    if (score.risk === 'unknown') return unknownRisk(hostId, score.why, unknownWords(score.why));
    return { hostId, risk: score.risk, unknown: null, reasons: score.reasons.map(plainReason) };
  };

  return {
    hostRisks: () => {
      const { forecast, stale } = now();
      const risks = (forecast?.scores ?? []).map(({ host, hostIndex }) =>
        forecast === undefined || stale
          ? unknownRisk(host, stale?.why ?? 'no-tick', stale?.words ?? '')
          : hostRisk(forecast, hostIndex, host),
      );
      return { ...context(forecast), risks };
    },

    pairRisks: (pairs) => {
      const { forecast, stale } = now();
      if (forecast === undefined || stale) {
        const risks = pairs.map(({ hostId, serverId }) => ({
          ...unknownRisk(hostId, stale?.why ?? 'no-tick', stale?.words ?? ''),
          ...noLoad(serverId),
        }));
        return { ...context(forecast), risks };
      }
      const indexOf = new Map(forecast.series.hosts.map((id, index) => [id, index]));
      const asked: ScoredPair[] = [];
      const placeOf = pairs.map(({ hostId, addedCpuPercent }) => {
        const hostIndex = indexOf.get(hostId);
        return hostIndex === undefined ? -1 : asked.push({ hostIndex, addedCpuPercent }) - 1;
      });
      const scored = forecast.model.scorePairs(forecast.series, forecast.series.ticks - 1, asked);
      const risks = pairs.map((pair, at) => {
        const own = hostRisk(forecast, indexOf.get(pair.hostId), pair.hostId);
        return loadedRisk(pair, own, scored[placeOf[at] ?? -1]);
      });
      return { ...context(forecast), risks };
    },
  };
}

const noLoad = (serverId: string | null) => ({
  serverId,
  hostRisk: 'unknown' as const,
  predictedMaxCpuPercent: 'unknown' as const,
});

/** The library's reason without what only its own words need. */
export const plainReason = ({ feature, contribution, words }: Reason): RiskReason => ({
  feature,
  contribution,
  words,
});

const logit = (risk: number): number => {
  const bounded = Math.min(1 - 1e-9, Math.max(1e-9, risk));
  return Math.log(bounded / (1 - bounded));
};

function loadedRisk(pair: PairQuestion, own: HostRisk, scored: PairScore | undefined): LoadedRisk {
  if (scored === undefined || scored.risk === 'unknown' || own.risk === 'unknown') {
    const why = scored?.risk === 'unknown' ? scored.why : 'unknown-host';
    const unknown = own.unknown ?? { why, words: unknownWords(why) };
    return { ...own, risk: 'unknown', unknown, reasons: [], ...noLoad(pair.serverId) };
  }
  const added: RiskReason[] =
    pair.addedCpuPercent > 0
      ? [
          {
            feature: 'added-load',
            contribution: logit(scored.risk) - logit(own.risk),
            words: `${pair.addedCpuPercent.toFixed(1)} % of the host's CPU would be added`,
          },
        ]
      : [];
  return {
    hostId: pair.hostId,
    serverId: pair.serverId,
    risk: scored.risk,
    hostRisk: own.risk,
    predictedMaxCpuPercent: scored.expectedMaxPercent,
    unknown: null,
    reasons: [...added, ...own.reasons],
  };
}
