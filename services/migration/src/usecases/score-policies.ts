import {
  type Log,
  ProblemError,
  type Stored,
  VersionConflict,
  type Write,
} from '@sidestep/service-kit';
import {
  type Choice,
  type Counterfactual,
  hostOfChoice,
  judged,
  noScore,
  type Score,
  scored,
} from '../domain/counterfactual.ts';
import type { Decision } from '../domain/decision.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import type { Ledger } from './ledger.ts';

export type ScoreOptions = {
  ledger: Ledger;
  telemetry: Telemetry;
  log: Log;
  now(): number;
  /** How long after a decision its hosts are watched. */
  horizonMs: number;
  /** A host that reaches this CPU, in a mean of ten seconds, is overloaded. */
  overloadPercent: number;
};

/** Written in one commit, or judged at one look. */
const batch = 50;
/** Samples may come a little late. */
const graceMs = 15_000;
/** What nobody could look at for so long is unknown for good. */
const givenUpMs = 6 * 3_600_000;

/**
 * Keeps what every policy would have chosen, for decisions that have just been kept. Aside from them: no move waits for
 * it, and what a pulled plug takes is a figure less.
 */
export async function keepChoices(
  { records }: Ledger,
  made: readonly { decision: Decision; choices: () => readonly Choice[] }[],
): Promise<void> {
  for (let i = 0; i < made.length; i += batch) {
    const writes: Write[] = [];
    for (const { decision, choices } of made.slice(i, i + batch)) {
      const { id, policy, hostId, createdAtMs } = decision;
      const value: Counterfactual = {
        decisionId: id,
        policy,
        hostId,
        atMs: createdAtMs,
        choices: choices(),
      };
      writes.push({
        kind: 'counterfactual',
        id,
        expected: 'absent',
        value,
        keys: { judged: 'no' },
      });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await records.commit(writes);
  }
}

/** Judges the choices whose horizon has passed, and counts them; answers how many decisions it judged. */
export async function judgeChoices(options: ScoreOptions): Promise<number> {
  const { ledger, now, horizonMs } = options;
  const { items } = await ledger.records.list<Counterfactual>('counterfactual', {
    where: { judged: 'no' },
    order: 'oldest',
    limit: batch,
  });
  const due = items.filter(({ value }) => value.atMs + horizonMs + graceMs <= now());
  if (due.length === 0) return 0;
  const { moves } = await ledger.guard.facts(now());
  let count = 0;
  for (const stored of due) {
    const choices = await judgedChoices(stored.value, moves, options);
    if (await counted(stored, choices, ledger)) count += 1;
  }
  return count;
}

async function judgedChoices(
  counterfactual: Counterfactual,
  moves: Parameters<typeof judged>[2]['moves'],
  { telemetry, horizonMs, overloadPercent, now, log }: ScoreOptions,
): Promise<Choice[]> {
  const { atMs, choices } = counterfactual;
  const hosts = [...new Set(choices.map((choice) => hostOfChoice(choice, counterfactual)))];
  const peaks = await telemetry
    .peaks('host.cpuPercent', hosts, atMs, atMs + horizonMs)
    .catch((error: unknown) => {
      const late = now() > atMs + givenUpMs;
      if (!(error instanceof ProblemError) || !late) throw error;
      log.warn({ decisionId: counterfactual.decisionId }, 'What came of its hosts stays unknown');
      return new Map<string, number | null>();
    });
  const seen = { horizonMs, overloadPercent, moves, peaks };
  return choices.map((choice) => judged(choice, counterfactual, seen));
}

/** Keeps the judgement and counts it, in one commit; false where somebody else was quicker. */
async function counted(
  { id, version, value }: Stored<Counterfactual>,
  choices: readonly Choice[],
  { records }: Ledger,
): Promise<boolean> {
  const scores = await Promise.all(
    choices.map(async (choice): Promise<Write> => {
      const stored = await records.get<Score>('score', choice.policy);
      const score = scored(stored?.value ?? noScore(choice.policy), choice);
      return {
        kind: 'score',
        id: choice.policy,
        expected: stored?.version ?? 'absent',
        value: score,
      };
    }),
  );
  const keys = { judged: 'yes' };
  try {
    await records.commit([
      { kind: 'counterfactual', id, expected: version, value: { ...value, choices }, keys },
      ...scores,
    ]);
    return true;
  } catch (error) {
    if (error instanceof VersionConflict) return false;
    throw error;
  }
}

/** How each policy has fared so far, by name. */
export async function scoreboard({ records }: Ledger): Promise<Score[]> {
  const { items } = await records.list<Score>('score', { limit: 100 });
  return items.map(({ value }) => value).toSorted((a, b) => (a.policy < b.policy ? -1 : 1));
}
