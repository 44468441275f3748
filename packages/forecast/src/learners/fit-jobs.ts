import type { BinnedRows } from './bins.ts';
import { type BoostingOptions, growForest } from './boosted-trees.ts';
import type { Forest } from './forest.ts';
import type { Network } from './network.ts';
import { type NetworkStart, type NeuralOptions, trainNetwork } from './neural.ts';
import type { LabelledRows } from './rows.ts';

/** One fit that needs nothing of another one's: plain data, so that a thread of its own can do it. */
export type FitJob =
  | {
      readonly kind: 'forest';
      /** What is foreseen: whether the threshold is crossed, or how high it goes. */
      readonly outcome: 'crossed' | 'futureMax';
      readonly options: BoostingOptions;
    }
  | { readonly kind: 'network'; readonly options: NeuralOptions; readonly start: NetworkStart };

/** What a fit made. */
export type Fitted =
  | { readonly kind: 'forest'; readonly forest: Forest }
  | { readonly kind: 'network'; readonly network: Network; readonly backend: string };

/** The rows of a fit; sorted into bins when the first forest asks. */
export type FitRows = { readonly rows: LabelledRows; readonly binned: () => BinnedRows };

/** Does one fit in this thread. */
export const runFitJob = async (job: FitJob, { rows, binned }: FitRows): Promise<Fitted> => {
  if (job.kind === 'forest')
    return {
      kind: 'forest',
      forest: growForest(binned(), rows[job.outcome], rows.weights, job.options),
    };
  const { network, backend } = await trainNetwork(rows, job.options, job.start);
  return { kind: 'network', network, backend: backend.name };
};
