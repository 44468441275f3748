import { inRepository } from '../repository.ts';
import { runChild } from '../run-child.ts';
import { UsageError } from '../usage-error.ts';

/** Benchmarks by name: each is a program below test/bench that prints its table. */
export const benchNames: readonly string[] = [
  'main',
  'collectd',
  'monitoring',
  'prediction',
  'decisions',
];

export async function bench(name: string): Promise<number> {
  if (!benchNames.includes(name)) {
    throw new UsageError(`there is no benchmark ${name}; there are ${benchNames.join(', ')}`);
  }
  return runChild(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    inRepository('test/bench', `${name}.ts`),
  ]);
}
