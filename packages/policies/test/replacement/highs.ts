import { createRequire } from 'node:module';
import type Highs from 'highs';

// Its types are those of a CommonJS module, and so is this way in.
const load: typeof Highs.default = createRequire(import.meta.url)('highs');

/** Solves a program in CPLEX's LP format and answers its proven optimum. */
export async function optimumOf(program: string): Promise<number> {
  const highs = await load();
  const { ObjectiveValue, Status } = highs.solve(program, { mip_rel_gap: 0, output_flag: false });
  if (Status !== 'Optimal') throw new Error(`HiGHS: ${Status}`);
  return ObjectiveValue;
}
