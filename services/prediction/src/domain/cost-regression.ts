/** A move that was carried out, beside what the formula would have said of it. */
export type MoveExperience = {
  operationId: string;
  endedAtMs: number;
  actualMs: number;
  formulaMs: number;
  memoryMiB: number;
  fromCpuPercent: number | 'unknown';
  toCpuPercent: number | 'unknown';
};

/** What the experience says about the formula: a factor that depends on memory and both hosts' load. */
export type CostRegression = {
  operations: number;
  coefficients: readonly number[];
  /** Deviation of the logarithm of actual over expected time. */
  deviation: number;
};

/** Fewer operations than this leave the formula alone (our choice: five for each coefficient). */
export const minOperations = 20;
/** Pull of the coefficients towards the bare formula, in operations. */
const ridge = 1;

const featuresOf = (
  of: Pick<MoveExperience, 'memoryMiB' | 'fromCpuPercent' | 'toCpuPercent'>,
): number[] => [
  1,
  Math.log2(Math.max(1, of.memoryMiB) / 1_024),
  (of.fromCpuPercent === 'unknown' ? 50 : of.fromCpuPercent) / 100,
  (of.toCpuPercent === 'unknown' ? 50 : of.toCpuPercent) / 100,
];

/** Ridge regression of log(actual / formula); `too-few` before there are operations enough. */
export const fitCosts = (experiences: readonly MoveExperience[]): CostRegression | 'too-few' => {
  const usable = experiences.filter(({ actualMs, formulaMs }) => actualMs > 0 && formulaMs > 0);
  if (usable.length < minOperations) return 'too-few';
  const rows = usable.map((each) => ({
    x: featuresOf(each),
    y: Math.log(each.actualMs / each.formulaMs),
  }));
  const width = rows[0]?.x.length ?? 0;
  const system = Array.from({ length: width }, (_, i) => [
    ...Array.from(
      { length: width },
      (_, j) => sumOf(rows, ({ x }) => (x[i] ?? 0) * (x[j] ?? 0)) + (i === j ? ridge : 0),
    ),
    sumOf(rows, ({ x, y }) => (x[i] ?? 0) * y),
  ]);
  const coefficients = solved(system);
  const squares = sumOf(rows, ({ x, y }) => (y - dot(coefficients, x)) ** 2);
  return {
    operations: rows.length,
    coefficients,
    deviation: Math.sqrt(squares / Math.max(1, rows.length - width)),
  };
};

/** The formula's time as the experience corrects it, with its 90 % interval. */
export const correctedMs = (
  regression: CostRegression,
  formulaMs: number,
  of: Parameters<typeof featuresOf>[0],
): { expectedMs: number; lowMs: number; highMs: number } => {
  const expectedMs = formulaMs * Math.exp(dot(regression.coefficients, featuresOf(of)));
  const spread = Math.exp(1.645 * regression.deviation);
  return { expectedMs, lowMs: expectedMs / spread, highMs: expectedMs * spread };
};

const sumOf = <T>(rows: readonly T[], of: (row: T) => number): number =>
  rows.reduce((sum, row) => sum + of(row), 0);

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);

/** Gauss elimination; the ridge keeps every pivot away from nothing. */
function solved(system: number[][]): number[] {
  const size = system.length;
  for (let pivot = 0; pivot < size; pivot++) {
    const row = system[pivot] ?? [];
    for (let below = pivot + 1; below < size; below++) {
      const other = system[below] ?? [];
      const factor = (other[pivot] ?? 0) / (row[pivot] ?? 1);
      for (let column = pivot; column <= size; column++)
        other[column] = (other[column] ?? 0) - factor * (row[column] ?? 0);
    }
  }
  const result = Array.from({ length: size }, () => 0);
  for (let i = size - 1; i >= 0; i--) {
    const row = system[i] ?? [];
    const known = result.reduce((sum, value, j) => (j > i ? sum + value * (row[j] ?? 0) : sum), 0);
    result[i] = ((row[size] ?? 0) - known) / (row[i] ?? 1);
  }
  return result;
}
