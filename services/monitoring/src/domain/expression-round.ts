import { type Expression, evaluate } from './expression.ts';

interface Operand {
  timeMs: number;
  value: number;
  isNew: boolean;
}

/**
 * An expression over one resource's metrics, evaluated whenever each of them has come anew: never of a new value and one that was
 * counted before. Where one stops coming, so does the expression.
 */
export class ExpressionRound {
  readonly #expression: Expression;
  readonly #operands: ReadonlyMap<string, Operand>;

  constructor(expression: Expression, metrics: readonly string[]) {
    this.#expression = expression;
    this.#operands = new Map(
      metrics.map((metric) => [
        metric,
        { timeMs: Number.NEGATIVE_INFINITY, value: Number.NaN, isNew: false },
      ]),
    );
  }

  /** Takes a sample of one of the metrics; gives the value, at the newest time among them, once all have come. */
  add(
    metric: string,
    timeMs: number,
    value: number,
  ): { timeMs: number; value: number } | undefined {
    const operand = this.#operands.get(metric);
    if (operand === undefined || timeMs <= operand.timeMs) return undefined;
    operand.timeMs = timeMs;
    operand.value = value;
    operand.isNew = true;
    let newestMs = timeMs;
    for (const each of this.#operands.values()) {
      if (!each.isNew) return undefined;
      newestMs = Math.max(newestMs, each.timeMs);
    }
    for (const each of this.#operands.values()) each.isNew = false;
    const result = evaluate(
      this.#expression,
      (name) => this.#operands.get(name)?.value ?? 'unknown',
    );
    return result === 'unknown' ? undefined : { timeMs: newestMs, value: result };
  }
}
