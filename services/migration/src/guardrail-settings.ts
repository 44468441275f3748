import { z } from 'zod';
import {
  dayMs,
  type GuardrailLimits,
  limitFaults,
  safeLimits,
} from './domain/guardrails/limits.ts';

const whole = (least: number, most: number) => z.number().int().min(least).max(most);

/** Bounds as in the contract; what is left out keeps its default. */
const { cooldown, cycle, budgets, breaker, concurrentMoves, planExpiryMs } = safeLimits;
const budget = (preset: { perHour: number; burst: number }) =>
  z
    .strictObject({
      perHour: whole(1, 100_000).default(preset.perHour),
      burst: whole(1, 10_000).default(preset.burst),
    })
    .prefault({});
const schema = z.strictObject({
  cooldown: z
    .strictObject({
      firstMs: whole(0, 7 * dayMs).default(cooldown.firstMs),
      maxMs: whole(0, 7 * dayMs).default(cooldown.maxMs),
      quietMs: whole(0, 30 * dayMs).default(cooldown.quietMs),
    })
    .prefault({}),
  cycle: z.strictObject({ windowMs: whole(0, 30 * dayMs).default(cycle.windowMs) }).prefault({}),
  budgets: z
    .strictObject({
      cluster: budget(budgets.cluster),
      hostIn: budget(budgets.hostIn),
      hostOut: budget(budgets.hostOut),
    })
    .prefault({}),
  concurrentMoves: whole(1, 1_000).default(concurrentMoves),
  breaker: z
    .strictObject({
      failures: whole(1, 100).default(breaker.failures),
      ofLast: whole(1, 100).default(breaker.ofLast),
      coolMs: whole(0, 7 * dayMs).default(breaker.coolMs),
    })
    .prefault({}),
  planExpiryMs: whole(1_000, 7 * dayMs).default(planExpiryMs),
});

/** The guardrails' first limits as one setting: a JSON object of those that differ from the safe ones. */
export function guardrailSetting() {
  return z
    .string()
    .default('{}')
    .transform((text, context): GuardrailLimits => {
      const parsed = schema.safeParse(json(text));
      const faults = parsed.success
        ? limitFaults(parsed.data).map(({ pointer, detail }) => `${pointer} ${detail}`)
        : parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'it'}: ${message}`);
      if (parsed.success && faults.length === 0) return parsed.data;
      for (const message of faults) context.addIssue({ code: 'custom', message });
      return z.NEVER;
    });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
