import { type Clock, Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import { type AlarmRule, clearThresholdIsCalm } from '../domain/alarm-rule.ts';
import { EXPRESSION_PREFIX, parseExpression } from '../domain/expression.ts';
import type { AlarmDesk } from './alarm-desk.ts';
import type { AlarmKeeper } from './alarm-keeper.ts';
import { expressionMetric } from './expression-series.ts';

/** Most rules: each is judged for every sample of its metric. */
export const MAX_RULES = 1000;

/** A rule as it was asked for; one about an expression has no metric of its own. */
export type AlarmRuleSpec = Omit<AlarmRule, 'id' | 'metric'> & { readonly metric?: string };

/** Adds, changes and removes rules: kept first, judged by from then on. */
export class AlarmRules {
  readonly #desk: AlarmDesk;
  readonly #keeper: AlarmKeeper;
  readonly #clock: Clock;

  constructor(desk: AlarmDesk, keeper: AlarmKeeper, clock: Clock) {
    this.#desk = desk;
    this.#keeper = keeper;
    this.#clock = clock;
  }

  get(id: string): AlarmRule {
    const rule = this.#desk.rule(id);
    if (rule === undefined) throw new NotFound('alarm rule', id);
    return rule;
  }

  async add(spec: AlarmRuleSpec): Promise<AlarmRule> {
    demandUsable(spec);
    if (this.#desk.rules().length >= MAX_RULES) {
      throw new Conflict(`There are ${MAX_RULES} rules already; remove one first`);
    }
    const rule = ruleOf(spec, this.#freeId(spec.name));
    await this.#keeper.saveRule(rule);
    this.#desk.putRule(rule, this.#clock.now());
    return rule;
  }

  async replace(id: string, spec: AlarmRuleSpec): Promise<AlarmRule> {
    this.get(id);
    demandUsable(spec);
    const rule = ruleOf(spec, id);
    await this.#keeper.saveRule(rule);
    this.#desk.putRule(rule, this.#clock.now());
    return rule;
  }

  async remove(id: string): Promise<void> {
    this.get(id);
    await this.#keeper.forgetRule(id);
    this.#desk.removeRule(id, this.#clock.now());
  }

  #freeId(name: string): string {
    const slug = name
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replace(/^-+/, '')
      .slice(0, 56)
      .replace(/-+$/, '');
    const base = slug === '' ? 'rule' : slug;
    for (let number = 1; ; number += 1) {
      const id = number === 1 ? base : `${base}-${number}`;
      if (this.#desk.rule(id) === undefined) return id;
    }
  }
}

/** The rule of an id; the values of its expression are kept under the rule's own metric. */
export const ruleOf = (spec: AlarmRuleSpec, id: string): AlarmRule => ({
  ...spec,
  id,
  metric: spec.metric ?? expressionMetric(id),
});

const refuse = (pointer: string, detail: string): never => {
  throw new ProblemError('INVALID_REQUEST', `${pointer.slice(1)} ${detail}`, {
    errors: [{ pointer, detail }],
  });
};

function demandOneSubject({ metric, expression }: AlarmRuleSpec): void {
  if (expression === undefined) {
    if (metric === undefined) refuse('/metric', 'is needed where there is no expression');
    if (metric?.startsWith(EXPRESSION_PREFIX)) {
      refuse('/metric', 'is that of an expression: give the expression');
    }
    return;
  }
  if (metric !== undefined) refuse('/metric', 'cannot be given beside an expression');
  const parsed = parseExpression(expression);
  if (!parsed.ok) refuse('/expression', parsed.fault);
}

/** Refuses a rule that could not be judged by. */
export function demandUsable(spec: AlarmRuleSpec): void {
  demandOneSubject(spec);
  if (spec.windowMs === 0 && spec.aggregate !== undefined && spec.aggregate.kind !== 'mean') {
    refuse('/windowMs', `must be more than 0 for a ${spec.aggregate.kind}`);
  }
  if (clearThresholdIsCalm(spec)) return;
  const bound = `${spec.comparison} ${spec.threshold}`;
  refuse('/clearThreshold', `must lie on the calm side of the threshold ${bound}`);
}
