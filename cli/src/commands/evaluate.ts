import { statSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../make-folder.ts';
import { inRepository } from '../repository.ts';
import { runChild } from '../run-child.ts';
import { UsageError } from '../usage-error.ts';

export type EvaluateOptions = { out: string; model: string; seed: number; maxSeconds: number };

/** Runs the prediction benchmark's tasks on a folder of traces (docs/prediction.md). */
export async function evaluate(folder: string, options: EvaluateOptions): Promise<number> {
  demandFleet(folder);
  makeFolder(options.out, '--out');
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

/** Refuses what is no folder of traces before anything is made for it. */
export function demandFleet(folder: string): void {
  const isThere = (path: string, what: 'isDirectory' | 'isFile') => {
    try {
      return statSync(path)[what]();
    } catch {
      return false;
    }
  };
  if (!isThere(folder, 'isDirectory')) throw new UsageError(`${folder} is no folder`);
  if (!isThere(join(folder, 'meta.json'), 'isFile')) {
    throw new UsageError(
      `${folder} is no folder of traces: it has no meta.json (docs/prediction.md)`,
    );
  }
}
