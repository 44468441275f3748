import type { PredictionSettings } from './settings.ts';
import type { Training } from './training.ts';

/** After a training that failed the next waits so long, twice as long after each further one, up to the limit. */
const retryAfterMs = 60_000;
const retryAtMostMs = 6 * 3_600_000;
/** A model that was trained and does not serve is not followed by the next at once: the same data make the same model. */
const againAfterMs = 600_000;

/** Whether the service should train by itself now, and what for. */
export const trainingDue = (state: {
  settings: Pick<PredictionSettings, 'trainsItself' | 'refitEveryMs'>;
  /** Newest first; none of them open. */
  trainings: readonly Training[];
  hasModel: boolean;
  /** Whether the samples in hand would do for a training. */
  enoughInHand: boolean;
  nowMs: number;
}): 'first' | 'refit' | 'no' => {
  const { settings, trainings, hasModel, enoughInHand, nowMs } = state;
  if (!settings.trainsItself) return 'no';
  const failures = trainings.findIndex(({ state }) => state !== 'failed');
  const failedInARow = failures < 0 ? trainings.length : failures;
  const newestEndedAtMs = trainings[0]?.endedAtMs ?? -Infinity;
  const waitMs =
    failedInARow === 0 ? 0 : Math.min(retryAtMostMs, retryAfterMs * 2 ** (failedInARow - 1));
  if (nowMs - newestEndedAtMs < waitMs) return 'no';
  const completedAtMs =
    trainings.find(({ state }) => state === 'completed')?.endedAtMs ?? -Infinity;
  if (!hasModel) return enoughInHand && nowMs - completedAtMs >= againAfterMs ? 'first' : 'no';
  return settings.refitEveryMs > 0 && nowMs - completedAtMs >= settings.refitEveryMs
    ? 'refit'
    : 'no';
};
