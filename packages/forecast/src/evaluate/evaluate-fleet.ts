import { inlineFits, threadedFits } from '../learners/fit-pool.ts';
import { evaluateDays } from './evaluate-days.ts';
import { evaluateIncidents } from './evaluate-incidents.ts';
import { evaluateWide } from './evaluate-wide.ts';
import type { FolderReader } from './fleet-folder.ts';
import { parseFleetMeta } from './fleet-meta.ts';
import type { EvaluationOptions, EvaluationReport } from './report.ts';

/** How an evaluation ended. */
export type EvaluationResult =
  | { readonly kind: 'evaluated'; readonly report: EvaluationReport }
  | { readonly kind: 'refused'; readonly reason: string };

/** Where the paper's classifier has nothing to tell apart. */
const noSvm =
  'svm tells hosts of one time axis apart, and the machines of this folder have one each; every other --model runs on it';

/** Runs the benchmark's tasks on a fleet folder: fits on its train part, foresees its test part. */
export const evaluateFleet = async (
  read: FolderReader,
  options: EvaluationOptions,
): Promise<EvaluationResult> => {
  const packed = await read('meta.json');
  if (packed === 'missing')
    return { kind: 'refused', reason: 'there is no meta.json in the folder' };
  const parsed = parseFleetMeta(packed);
  if (parsed.kind === 'unreadable') return { kind: 'refused', reason: parsed.reason };
  if (options.model === 'svm' && parsed.kind === 'incidents')
    return { kind: 'refused', reason: noSvm };
  const fits = options.threads > 0 ? threadedFits(options.threads) : inlineFits;
  try {
    const report =
      parsed.kind === 'wide'
        ? await evaluateWide(read, parsed.meta, { ...options, fits })
        : parsed.kind === 'days'
          ? await evaluateDays(read, parsed.meta, { ...options, fits })
          : await evaluateIncidents(read, parsed.meta, options);
    return { kind: 'evaluated', report };
  } catch (error) {
    // Files come from anywhere: what they lack is said, not thrown.
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    await fits.close();
  }
};
