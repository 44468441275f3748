import { type Calibration, calibrated, fitCalibration, noCalibration } from '../calibration.ts';
import type { FeatureExtractor } from '../features/extractor.ts';
import type { FitPool } from '../learners/fit-pool.ts';
import { createMemberRunner, type Member, type MemberRunner } from '../learners/member.ts';
import { defaultNeuralOptions } from '../learners/neural.ts';
import { fitInput, planMember, type Recipe } from '../learners/recipes.ts';
import { stackWeights } from '../learners/stacking.ts';
import { createRowBuilder, knownRows, type Part, type RowRef } from './row-store.ts';

/** Outcomes that were foreseen by members that had not seen them: what weights and calibration are fitted on. */
type Experience = { logits: number[][]; outcomes: number[] };

/** A model that walks through time: it is refitted on what is known by then. */
export type WalkingModel = {
  /** Refits all members on outcomes known before `tick`. */
  refit(tick: number): Promise<void>;
  /** Foresees known rows and keeps the members' answers; to be told only when the outcomes are known. */
  learnFrom(refs: readonly RowRef[]): void;
  /** Weighs and calibrates the members by what was learnt so far, without a refit. */
  settle(): void;
  /** Risk and expected maximum of one host-tick, from samples at or before it. */
  foresee(part: Part, host: number, tick: number): { risk: number; maxPercent: number };
  /** How it stands, in words. */
  state(): string;
};

/** Newest experience that weights and calibration are fitted on. */
const maxExperience = 120_000;

/** A blend that weighs its members by their record; nothing is fitted yet. */
export const createWalkingBlend = (
  extractor: FeatureExtractor,
  parts: readonly Part[],
  recipes: readonly Recipe[],
  settings: { firstTick: number; maxRows: number; seed: number; fits: FitPool },
): WalkingModel => {
  const row = new Float32Array(extractor.features.length);
  const rowsOf = createRowBuilder(extractor, parts);
  const experience: Experience = { logits: recipes.map(() => []), outcomes: [] };
  let members: { member: Member; runner: MemberRunner }[] = [];
  let weights = recipes.map(() => 1 / recipes.length);
  let calibration: Calibration = noCalibration;
  const blend = (logits: readonly number[]) =>
    logits.reduce((sum, logit, m) => sum + (weights[m] ?? 0) * logit, 0);
  const reweigh = () => {
    if (experience.outcomes.length === 0) return;
    weights = stackWeights(experience.logits, experience.outcomes);
    calibration = fitCalibration(
      experience.outcomes.map((_, i) => blend(experience.logits.map((own) => own[i] ?? 0))),
      experience.outcomes,
    );
  };
  return {
    async refit(tick) {
      reweigh();
      const refs = knownRows(
        parts,
        settings.firstTick,
        tick - extractor.spec.horizonTicks,
        settings.maxRows,
        settings.seed,
      );
      const rows = rowsOf(refs);
      const input = fitInput(rows, extractor.features, settings.seed);
      const plans = recipes.map((recipe, m) => {
        const start = members[m]?.member;
        return planMember(paced(recipe, rows.count, start), input, start);
      });
      const made = await settings.fits.fit(
        plans.flatMap(({ jobs }) => jobs),
        input,
      );
      members = plans.map(({ jobs, assemble }) => {
        const member = assemble(made.splice(0, jobs.length));
        return { member, runner: createMemberRunner(member) };
      });
    },
    learnFrom(refs) {
      for (const { part, host, tick } of refs) {
        const source = parts[part];
        if (source === undefined) continue;
        extractor.write(source.prepared, host, tick, row, 0);
        members.forEach(({ runner }, m) => {
          experience.logits[m]?.push(runner.run(row, 0).logit);
        });
        experience.outcomes.push(
          source.labels.crossed[host * source.prepared.series.ticks + tick] ?? 0,
        );
      }
      const surplus = experience.outcomes.length - maxExperience;
      if (surplus > 0) {
        experience.outcomes.splice(0, surplus);
        for (const own of experience.logits) own.splice(0, surplus);
      }
    },
    settle: reweigh,
    foresee(part, host, tick) {
      extractor.write(part.prepared, host, tick, row, 0);
      let maxPercent = 0;
      let maxShare = 0;
      const logits = members.map(({ member, runner }) => {
        const own = runner.run(row, 0);
        // Trees measure the maximum better than a small network does.
        const share =
          member.kind === 'boosted-trees' || members.length === 1 ? member.maxWeight : 0;
        maxPercent += share * own.maxPercent;
        maxShare += share;
        return own.logit;
      });
      return {
        risk: calibrated(calibration, blend(logits)),
        maxPercent: maxShare === 0 ? NaN : maxPercent / maxShare,
      };
    },
    state: () => recipes.map(({ name }, m) => `${name} ${(weights[m] ?? 0).toFixed(2)}`).join(', '),
  };
};

// A network that goes on from the day before needs few passes over what it mostly knows.
const paced = (recipe: Recipe, rows: number, start: Member | undefined): Recipe => {
  if (recipe.kind === 'boosted-trees') return recipe;
  const epochs = Math.max(3, Math.min(25, Math.round(250_000 / Math.max(1, rows))));
  const options =
    start === undefined
      ? { epochs }
      : { epochs: Math.ceil(epochs / 3), learningRate: 0.4 * defaultNeuralOptions.learningRate };
  return { ...recipe, options: { ...recipe.options, ...options } };
};
