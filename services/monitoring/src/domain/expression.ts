/** An expression over the metrics of one resource. */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'metric'; readonly metric: string }
  | { readonly kind: 'negative'; readonly of: Expression }
  | {
      readonly kind: '+' | '-' | '*' | '/';
      readonly left: Expression;
      readonly right: Expression;
    }
  | { readonly kind: 'min' | 'max'; readonly of: readonly Expression[] };

export type ParsedExpression =
  | { readonly ok: true; readonly expression: Expression; readonly metrics: readonly string[] }
  | { readonly ok: false; readonly fault: string };

/** Limits of an expression: it is evaluated for every resource at every round of samples. */
export const MAX_EXPRESSION_CHARACTERS = 500;
export const MAX_EXPRESSION_METRICS = 8;
const MAX_TERMS = 64;
const MAX_DEPTH = 16;
/** Metrics that expressions are kept under: one may not be made of another. */
export const EXPRESSION_PREFIX = 'expression.';

interface Token {
  readonly kind: 'number' | 'metric' | 'function' | 'sign';
  readonly text: string;
  /** Counted from 1, as people do. */
  readonly at: number;
}

const TOKEN =
  /\s*(?:(?<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![A-Za-z0-9_.])|(?<metric>[a-z][A-Za-z0-9]*(?:\.[A-Za-z0-9_-]+)+)|(?<function>min|max)(?![A-Za-z0-9_.])|(?<sign>[-+*/(),]))/y;

class Fault extends Error {}

/**
 * Reads `metric`, numbers, `+ - * /`, parentheses, `min(a, b)` and `max(a, b)`; the usual precedence. A minus between metrics needs
 * spaces, as a metric's name may hold one.
 */
export function parseExpression(text: string): ParsedExpression {
  try {
    if (text.length > MAX_EXPRESSION_CHARACTERS) {
      throw new Fault(`is longer than ${MAX_EXPRESSION_CHARACTERS} characters`);
    }
    const reader = new Reader(tokensOf(text));
    const expression = reader.whole();
    const metrics = [...new Set(metricsIn(expression))];
    if (metrics.length === 0) throw new Fault('names no metric');
    if (metrics.length > MAX_EXPRESSION_METRICS) {
      throw new Fault(`names more than ${MAX_EXPRESSION_METRICS} metrics`);
    }
    const own = metrics.find((metric) => metric.startsWith(EXPRESSION_PREFIX));
    if (own !== undefined) throw new Fault(`is made of another expression, ${own}`);
    return { ok: true, expression, metrics };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: error.message };
    throw error;
  }
}

/** The value; `unknown` where a metric's is, and where it would be no finite number. */
export function evaluate(
  expression: Expression,
  read: (metric: string) => number | 'unknown',
): number | 'unknown' {
  const value = computed(expression, (metric) => {
    const known = read(metric);
    return known === 'unknown' ? Number.NaN : known;
  });
  return Number.isFinite(value) ? value : 'unknown';
}

/** Not a number where anything that it is made of is none: arithmetic passes it on, and so do minimum and maximum. */
function computed(expression: Expression, read: (metric: string) => number): number {
  switch (expression.kind) {
    case 'number':
      return expression.value;
    case 'metric':
      return read(expression.metric);
    case 'negative':
      return -computed(expression.of, read);
    case 'min':
    case 'max':
      return Math[expression.kind](...expression.of.map((each) => computed(each, read)));
    case '+':
      return computed(expression.left, read) + computed(expression.right, read);
    case '-':
      return computed(expression.left, read) - computed(expression.right, read);
    case '*':
      return computed(expression.left, read) * computed(expression.right, read);
    case '/':
      // Also where an infinity would come to nothing later, as in 1 / (a / 0).
      return quotient(computed(expression.left, read), computed(expression.right, read));
  }
}

const quotient = (left: number, right: number): number => (right === 0 ? Number.NaN : left / right);

/** The expression as it is read: with a parenthesis around every operation. */
export function expressionText(expression: Expression): string {
  switch (expression.kind) {
    case 'number':
      return String(expression.value);
    case 'metric':
      return expression.metric;
    case 'negative':
      return `-(${expressionText(expression.of)})`;
    case 'min':
    case 'max':
      return `${expression.kind}(${expression.of.map(expressionText).join(', ')})`;
    default:
      return `(${expressionText(expression.left)} ${expression.kind} ${expressionText(expression.right)})`;
  }
}

function metricsIn(expression: Expression): string[] {
  switch (expression.kind) {
    case 'number':
      return [];
    case 'metric':
      return [expression.metric];
    case 'negative':
      return metricsIn(expression.of);
    case 'min':
    case 'max':
      return expression.of.flatMap(metricsIn);
    default:
      return [...metricsIn(expression.left), ...metricsIn(expression.right)];
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const groups = TOKEN.exec(text)?.groups;
    const [kind, found] =
      Object.entries(groups ?? {}).find((entry) => entry[1] !== undefined) ?? [];
    if (kind === undefined || found === undefined) {
      const rest = text.slice(from).trimStart();
      throw new Fault(`cannot be read from "${rest.slice(0, 20)}" on`);
    }
    tokens.push({
      kind: kind as Token['kind'],
      text: found,
      at: TOKEN.lastIndex - found.length + 1,
    });
  }
  return tokens;
}

/** Reads tokens by the grammar: sum → product → factor. */
class Reader {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;
  #terms = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#sum();
    const left = this.#tokens[this.#at];
    if (left !== undefined) throw new Fault(`does not go on with "${left.text}" at ${left.at}`);
    return expression;
  }

  #sum(): Expression {
    let left = this.#product();
    for (let sign = this.#take('+', '-'); sign !== undefined; sign = this.#take('+', '-')) {
      left = { kind: sign, left, right: this.#product() };
    }
    return left;
  }

  #product(): Expression {
    let left = this.#factor();
    for (let sign = this.#take('*', '/'); sign !== undefined; sign = this.#take('*', '/')) {
      left = { kind: sign, left, right: this.#factor() };
    }
    return left;
  }

  #factor(): Expression {
    this.#terms += 1;
    this.#depth += 1;
    if (this.#terms > MAX_TERMS) throw new Fault(`has more than ${MAX_TERMS} terms`);
    if (this.#depth > MAX_DEPTH) throw new Fault(`is nested deeper than ${MAX_DEPTH}`);
    const factor = this.#unnested();
    this.#depth -= 1;
    return factor;
  }

  #unnested(): Expression {
    if (this.#take('-') !== undefined) return { kind: 'negative', of: this.#factor() };
    if (this.#take('(') !== undefined) {
      const inner = this.#sum();
      this.#demand(')');
      return inner;
    }
    const token = this.#tokens[this.#at];
    if (token === undefined) throw new Fault('ends where a metric or number is needed');
    this.#at += 1;
    if (token.kind === 'metric') return { kind: 'metric', metric: token.text };
    if (token.kind === 'number') {
      const value = Number(token.text);
      if (!Number.isFinite(value)) throw new Fault(`has the number ${token.text}, which is none`);
      return { kind: 'number', value };
    }
    if (token.kind === 'function') return this.#call(token.text === 'min' ? 'min' : 'max');
    throw new Fault(`has "${token.text}" at ${token.at}, where a metric or number is needed`);
  }

  #call(kind: 'min' | 'max'): Expression {
    this.#demand('(');
    const of = [this.#sum()];
    while (this.#take(',') !== undefined) of.push(this.#sum());
    this.#demand(')');
    return { kind, of };
  }

  #take<Sign extends string>(...signs: readonly Sign[]): Sign | undefined {
    const token = this.#tokens[this.#at];
    const sign = signs.find((each) => token?.kind === 'sign' && token.text === each);
    if (sign !== undefined) this.#at += 1;
    return sign;
  }

  #demand(sign: string): void {
    if (this.#take(sign) !== undefined) return;
    const token = this.#tokens[this.#at];
    const where = token === undefined ? 'at its end' : `before "${token.text}" at ${token.at}`;
    throw new Fault(`lacks a ${sign} ${where}`);
  }
}
