import { type Clock, Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import { type AlarmRule, clearThresholdIsCalm } from '../domain/alarm-rule.ts';
import type { AlarmDesk } from './alarm-desk.ts';
import type { AlarmKeeper } from './alarm-keeper.ts';

/** Most rules: each is judged for every sample of its metric. */
export const MAX_RULES = 1000;

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

  async add(spec: Omit<AlarmRule, 'id'>): Promise<AlarmRule> {
    demandUsable(spec);
    if (this.#desk.rules().length >= MAX_RULES) {
      throw new Conflict(`There are ${MAX_RULES} rules already; remove one first`);
    }
    const rule = { ...spec, id: this.#freeId(spec.name) };
    await this.#keeper.saveRule(rule);
    this.#desk.putRule(rule, this.#clock.now());
    return rule;
  }

  async replace(id: string, spec: Omit<AlarmRule, 'id'>): Promise<AlarmRule> {
    this.get(id);
    demandUsable(spec);
    const rule = { ...spec, id };
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

/** Refuses a rule that could not be judged by. */
export function demandUsable(spec: Omit<AlarmRule, 'id'>): void {
  if (spec.windowMs === 0 && spec.aggregate !== undefined && spec.aggregate.kind !== 'mean') {
    const detail = `must be more than 0 for a ${spec.aggregate.kind}`;
    throw new ProblemError('INVALID_REQUEST', `windowMs ${detail}`, {
      errors: [{ pointer: '/windowMs', detail }],
    });
  }
  if (clearThresholdIsCalm(spec)) return;
  const detail = `must lie on the calm side of the threshold ${spec.comparison} ${spec.threshold}`;
  throw new ProblemError('INVALID_REQUEST', `clearThreshold ${detail}`, {
    errors: [{ pointer: '/clearThreshold', detail }],
  });
}
