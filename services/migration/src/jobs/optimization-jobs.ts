import { everyMs, type Ticker } from '@sidestep/service-kit';
import {
  type AdvanceOptions,
  advanceOptimizations,
} from '../usecases/optimise/advance-optimizations.ts';
import { type RunSearchesOptions, runSearches } from '../usecases/optimise/run-searches.ts';
import { coalesced } from './coalesced.ts';

export type OptimizationJobs = {
  /** A search waits, or a move may begin. */
  nudge(): void;
  start(): void;
  /** Calls a running search off: it is made anew by the next process. */
  close(): Promise<void>;
};

/** Searches and their moves, each looked after one at a time, at a nudge and every so often. */
export function optimizationJobs(
  options: RunSearchesOptions & AdvanceOptions,
  tickMs: number,
): OptimizationJobs {
  const { log } = options;
  const stop = new AbortController();
  const guarded = (what: string, work: () => Promise<void>) =>
    coalesced(async () => {
      if (stop.signal.aborted) return;
      await work().catch((error: unknown) => log.error({ error }, `${what} later`));
    });
  const search = guarded('Optimizations are searched', () => runSearches(options, stop.signal));
  const advance = guarded('Optimizations go on', () => advanceOptimizations(options));
  const both = async () => {
    // A search may last: what was approved goes on meanwhile.
    const searching = search();
    await advance();
    await searching;
  };
  let ticker: Ticker | undefined;
  return {
    nudge: () => void both(),
    start: () => {
      ticker = everyMs(tickMs, both, (error) => log.error({ error }, 'Optimizations go on later'));
    },
    close: async () => {
      stop.abort();
      await ticker?.stop();
      await both();
    },
  };
}
