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

/** Benchmarks of several parts, of which some can be run alone. */
const parted: ReadonlySet<string> = new Set(['decisions']);

/** Runs a benchmark; `only`: names of its parts, parted by commas. */
export async function bench(name: string, only?: string): Promise<number> {
  if (!benchNames.includes(name)) {
    throw new UsageError(`there is no benchmark ${name}; there are ${benchNames.join(', ')}`);
  }
  if (only !== undefined && !parted.has(name)) {
    throw new UsageError(`--only is of ${[...parted].join(', ')}, not of ${name}`);
  }
  return runChild(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    inRepository('test/bench', `${name}.ts`),
    ...(only === undefined ? [] : ['--only', only]),
  ]);
}
