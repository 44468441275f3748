import { inRepository } from '../repository.ts';
import { runChild } from '../run-child.ts';

export type EvaluateOptions = { out: string; model: string; seed: number; maxSeconds: number };

/** Runs the prediction benchmark's tasks on a folder of traces (docs/prediction.md). */
export function evaluate(folder: string, options: EvaluateOptions): Promise<number> {
  return runChild(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    inRepository('packages/forecast/bin/evaluate.ts'),
    folder,
    '--out',
    options.out,
    '--model',
    options.model,
    '--seed',
    String(options.seed),
    '--max-seconds',
    String(options.maxSeconds),
  ]);
}
