import type { AlarmRule } from '../domain/alarm-rule.ts';
import { isAbout } from '../domain/alarm-rule.ts';
import { EXPRESSION_PREFIX, parseExpression } from '../domain/expression.ts';
import { ExpressionRound } from '../domain/expression-round.ts';
import type { SeriesKey } from '../domain/series.ts';
import type { AlarmDesk } from './alarm-desk.ts';
import type { SeriesCatalogue, SeriesEntry } from './series-catalogue.ts';

/** The metric that the values of a rule's expression are kept under. */
export const expressionMetric = (ruleId: string): string => `${EXPRESSION_PREFIX}${ruleId}`;

/** A rule's expression at work: one round a resource. */
export class ExpressionOfRule {
  readonly metrics: readonly string[];
  readonly #rule: AlarmRule;
  readonly #roundOf: (resource: string) => ExpressionRound;

  constructor(rule: AlarmRule, text: string) {
    const parsed = parseExpression(text);
    if (!parsed.ok) throw new Error(`The expression of rule ${rule.id} ${parsed.fault}`);
    const rounds = new Map<string, ExpressionRound>();
    this.#rule = rule;
    this.metrics = parsed.metrics;
    this.#roundOf = (resource) => {
      const known = rounds.get(resource);
      if (known !== undefined) return known;
      const made = new ExpressionRound(parsed.expression, parsed.metrics);
      rounds.set(resource, made);
      return made;
    };
  }

  /** Whether a series is one of the operands: without labels, or with those that the rule asks for. */
  isAbout({ labels }: Pick<SeriesKey, 'labels'>): boolean {
    const isPlain = Object.keys(labels).length === 0;
    return isPlain || (this.#rule.match !== undefined && isAbout(this.#rule, labels));
  }

  add(
    { resource, metric }: Pick<SeriesKey, 'resource' | 'metric'>,
    timeMs: number,
    value: number,
  ): { series: SeriesKey; timeMs: number; value: number } | undefined {
    const result = this.#roundOf(resource).add(metric, timeMs, value);
    if (result === undefined) return undefined;
    const labels = this.#rule.match ?? {};
    return { series: { resource, metric: this.#rule.metric, labels }, ...result };
  }
}

/** Follows the samples of all metrics that rules' expressions are made of, and gives the expressions' values as samples. */
export class ExpressionSeries {
  readonly #desk: Pick<AlarmDesk, 'rules' | 'revision'>;
  readonly #catalogue: SeriesCatalogue;
  readonly #take: (entry: SeriesEntry, timeMs: number, value: number) => void;
  readonly #known = new Map<AlarmRule, ExpressionOfRule>();
  #ofMetric = new Map<string, ExpressionOfRule[]>();
  #revision = -1;

  constructor(
    desk: Pick<AlarmDesk, 'rules' | 'revision'>,
    catalogue: SeriesCatalogue,
    take: (entry: SeriesEntry, timeMs: number, value: number) => void,
  ) {
    this.#desk = desk;
    this.#catalogue = catalogue;
    this.#take = take;
  }

  /** Told of each sample that is newer than its series' last. */
  note(entry: SeriesEntry, timeMs: number, value: number): void {
    if (this.#revision !== this.#desk.revision) this.#index();
    const expressions = this.#ofMetric.get(entry.metric);
    if (expressions === undefined) return;
    for (const expression of expressions) {
      if (!expression.isAbout(entry)) continue;
      const made = expression.add(entry, timeMs, value);
      if (made === undefined) continue;
      const known = this.#catalogue.find(made.series);
      if (known === undefined && this.#catalogue.isFull) continue;
      this.#take(known ?? this.#catalogue.entry(made.series), made.timeMs, made.value);
    }
  }

  #index(): void {
    this.#revision = this.#desk.revision;
    this.#ofMetric = new Map();
    const rules = new Set(this.#desk.rules().filter(({ enabled }) => enabled));
    for (const rule of this.#known.keys()) if (!rules.has(rule)) this.#known.delete(rule);
    for (const rule of rules) {
      if (rule.expression === undefined) continue;
      const known = this.#known.get(rule) ?? new ExpressionOfRule(rule, rule.expression);
      this.#known.set(rule, known);
      for (const metric of known.metrics) {
        this.#ofMetric.set(metric, [...(this.#ofMetric.get(metric) ?? []), known]);
      }
    }
  }
}
