import { seededRandom } from '@sidestep/fleet';
import { createExtractor } from '../features/extractor.ts';
import { labelOutcomes, unknownOutcome } from '../labels.ts';
import type { BoostingOptions } from '../learners/boosted-trees.ts';
import type { FitPool } from '../learners/fit-pool.ts';
import type { Recipe } from '../learners/recipes.ts';
import { forecastMetrics } from '../metrics.ts';
import { shuffle } from '../random.ts';
import { emptySeries, type FleetSeries, hostCpuPercent, sampleAt, sampleIndex } from '../series.ts';
import {
  type DestinationDecision,
  destinationMetrics,
  findDecisions,
  pickDestination,
} from './destinations.ts';
import { predictionsCsv, recipesFor } from './evaluate-wide.ts';
import type { FolderReader } from './fleet-folder.ts';
import { persistenceWalker } from './naive-models.ts';
import { choosePickRule, type ReplayedDecision } from './pick-rule.ts';
import type { EvaluatedModel, EvaluationOptions, EvaluationReport } from './report.ts';
import { isRhythm, withRhythm } from './rhythm.ts';
import { knownRows, type Part } from './row-store.ts';
import { seasonalWalker } from './seasonal-walker.ts';
import { createDaysClassifier } from './svm-days.ts';
import { createWalkingBlend, type WalkingModel } from './walking-blend.ts';
import { readWideFleet } from './wide-fleet.ts';

/** `meta.json` of a fleet given as separate days with other hosts each. */
export type DaysMeta = {
  readonly interval_s: number;
  readonly ticks: number;
  readonly threshold: number;
  readonly W: number;
  readonly H: number;
  readonly train_days: readonly string[];
  readonly test_days: readonly string[];
};

const cellHosts = 6;
/** How often the hosts of a day are put into cells by lot. */
const groupingsOfADay = 10;
const maxRows = 260_000;
/** Crossings are rare and their hosts few: small trees that are pulled back hard see more than single hosts. */
const cautious: Partial<BoostingOptions> = {
  trees: 160,
  leaves: 10,
  learningRate: 0.05,
  minLeafRows: 60,
  lambda: 20,
};

/** The blend's members on days of many hosts, and one that knows of nothing but each host's own rhythm. */
const daysRecipes = (model: EvaluatedModel): readonly Recipe[] =>
  model === 'blend'
    ? [
        ...recipesFor(model, false).map((recipe) =>
          recipe.kind === 'boosted-trees' ? { ...recipe, options: cautious } : recipe,
        ),
        {
          name: 'rhythm-trees',
          kind: 'boosted-trees',
          hides: (feature) => !isRhythm(feature),
          options: { ...cautious, featureShare: 1 },
          foreseesMaximum: true,
        },
      ]
    : recipesFor(model, false);

/** Newest days of the train part that weigh the members; all but the last only on a machine that read them within this share of the time. */
const weighedDays = 2;
const earlyShare = 0.02;
/** Hosts that were there on earlier days bring that many of them along as history. */
const earlierDays = 2;

/** Tasks (i) and (iii) on days of hosts that come and go: fitted on the earlier days, the last of them weighs the members. */
export const evaluateDays = async (
  read: FolderReader,
  meta: DaysMeta,
  options: EvaluationOptions & { readonly fits: FitPool },
): Promise<EvaluationReport> => {
  const startedMs = options.now();
  const { H: horizonTicks, threshold: thresholdPercent } = meta;
  const plain = createExtractor({
    targetMetric: hostCpuPercent,
    otherMetrics: [],
    windowTicks: meta.W,
    horizonTicks,
    thresholdPercent,
    // The days need not follow each other, but what a host did at this hour of an earlier one still tells.
    periods: [meta.ticks],
    neighbours: [],
  });
  const offset = earlierDays * meta.ticks;
  const extractor = withRhythm(plain, { fromTick: offset, windowTicks: meta.W, horizonTicks });
  const firstTick = offset + meta.W;
  const seen: FleetSeries[] = [];
  const load = async (day: string): Promise<Part & { times: Float64Array }> => {
    const { times, ...own } = await readWideFleet(read, meta.interval_s * 1000, [day]);
    const series = withHistory(own, seen.slice(-earlierDays), meta.ticks);
    seen.push(own);
    return {
      prepared: extractor.prepare(series),
      labels: labelOutcomes(series, 0, horizonTicks, thresholdPercent),
      times,
    };
  };
  const decideDay = (part: Part, cells: readonly number[][]): DestinationDecision[] =>
    findDecisions(
      part.prepared.series,
      0,
      cells,
      firstTick,
      part.prepared.series.ticks - horizonTicks,
      horizonTicks,
      thresholdPercent,
    );
  const groupDay = (part: Part): number[][][] =>
    groupings(busyHosts(part, offset, thresholdPercent), options.seed);
  const parts: Part[] = [];
  const replayed: ReplayedDecision[] = [];
  const classifier =
    options.model === 'svm'
      ? createDaysClassifier({
          horizonTicks,
          thresholdPercent,
          cellHosts,
          firstTick: offset,
          seed: options.seed,
        })
      : undefined;
  // Its risks and maxima are one number; a rule between them would only be noise.
  const learns = options.model !== 'persistence' && classifier === undefined;
  const model: WalkingModel =
    classifier ??
    (options.model === 'persistence'
      ? persistenceWalker(thresholdPercent)
      : options.model === 'seasonal'
        ? seasonalWalker(
            { periodTicks: meta.ticks, horizonTicks, thresholdPercent, target: 0 },
            parts,
            options.seed,
          )
        : createWalkingBlend(extractor, parts, daysRecipes(options.model), {
            firstTick,
            maxRows,
            seed: options.seed,
            fits: options.fits,
          }));
  // The classifier has no use for other hosts' days, but its own hosts may have been there on the last of them.
  if (classifier !== undefined)
    for (const day of meta.train_days.slice(-earlierDays)) await load(day);
  let longestRefitMs = 0;
  const spentMs = () => options.now() - startedMs;
  const refit = async () => {
    const beforeMs = options.now();
    await model.refit(Infinity);
    longestRefitMs = Math.max(longestRefitMs, options.now() - beforeMs);
  };
  const trainDays = learns ? meta.train_days : [];
  /** Members are weighed on days that they were not fitted on; from now on they may be. */
  const learnFromDay = (part: Part) => {
    parts.push(part);
    const own = parts.length - 1;
    model.learnFrom(
      knownRows([part], firstTick, Infinity, Infinity, options.seed)
        .filter(({ tick }) => tick % horizonTicks === 0)
        .map((row) => ({ ...row, part: own })),
    );
  };
  for (const [d, day] of trainDays.entries()) {
    const part = await load(day);
    const isLast = d === trainDays.length - 1;
    const inTime = spentMs() < earlyShare * options.maxMs;
    if (d < trainDays.length - weighedDays || d === 0 || !(isLast || inTime)) {
      parts.push(part);
      continue;
    }
    await refit();
    learnFromDay(part);
    model.settle();
    const foreseen = foreseeDay(model, part, firstTick);
    for (const cells of groupDay(part)) replayed.push(...replay(decideDay(part, cells), foreseen));
    options.onProgress?.(`weighing members on ${day}: ${model.state()}`);
  }
  const judged = { risks: [] as number[], outcomes: [] as number[], current: [] as number[] };
  const decided: { decisions: DestinationDecision[]; picks: number[] } = {
    decisions: [],
    picks: [],
  };
  const files: Record<string, string> = {};
  const allDestinations: string[] = ['t,source,dest'];
  for (const [d, day] of meta.test_days.entries()) {
    // A fit of the days before serves on where there is no time for another one.
    const daysLeft = meta.test_days.length - d;
    if (d === 0 || spentMs() + 2 * daysLeft * longestRefitMs < options.maxMs) await refit();
    const part = await load(day);
    const { series } = part.prepared;
    const { ticks } = series;
    const last = ticks - horizonTicks;
    const foreseen = foreseeDay(model, part, firstTick);
    for (let tick = firstTick; tick < last; tick++)
      series.hosts.forEach((_, host) => {
        const outcome = part.labels.crossed[host * ticks + tick] ?? unknownOutcome;
        if (tick % 2 !== 0 || outcome === unknownOutcome) return;
        judged.risks.push(foreseen.riskOf(host, tick));
        judged.outcomes.push(outcome);
        judged.current.push(sampleAt(series, tick, host, 0));
      });
    const rule = choosePickRule(replayed, thresholdPercent, groupingsOfADay);
    // A classifier is fitted by cell: one grouping has to do.
    const groups = classifier === undefined ? groupDay(part) : groupDay(part).slice(0, 1);
    for (const [g, cells] of groups.entries()) {
      const decisions = decideDay(part, cells);
      const picks = decisions.map(({ tick, source, candidates }) => {
        const cell = cells.find((each) => each.includes(source));
        // Margins of one classifier can be compared with each other only.
        if (classifier !== undefined && cell !== undefined)
          return leastOf(candidates, (host) => classifier.riskIn(part, cell, host, tick));
        return pickDestination(
          candidates,
          (host) => foreseen.riskOf(host, tick),
          (host) => foreseen.maxOf(host, tick),
          rule,
        );
      });
      decided.decisions.push(...decisions);
      decided.picks.push(...picks);
      replayed.push(...replay(decisions, foreseen));
      if (g > 0) continue;
      const lines = decisions.map(
        ({ tick, source }, i) =>
          `${part.times[tick - offset]},${series.hosts[source]},${series.hosts[picks[i] ?? -1]}`,
      );
      allDestinations.push(...lines);
      files[`destinations-${day}.csv`] = ['t,source,dest', ...lines, ''].join('\n');
    }
    files[`predictions-${day}.csv`] = predictionsCsv(
      series.hosts,
      Array.from({ length: last - firstTick }, (_, i) => firstTick + i),
      (tick) => part.times[tick - offset] ?? 0,
      foreseen.riskOf,
    );
    options.onProgress?.(`foreseen ${day}: ${model.state()}; ${JSON.stringify(rule)}`);
    // What a test day brought is known on the next one.
    if (learns) learnFromDay(part);
  }
  files['destinations.csv'] = [...allDestinations, ''].join('\n');
  return {
    fleet: 'planetlab',
    model: options.model,
    overload: forecastMetrics(judged.risks, judged.outcomes, judged.current, thresholdPercent),
    destinations: destinationMetrics(decided.decisions, decided.picks, thresholdPercent),
    files,
    notes: [
      `cells: six hosts each, of those that reach the threshold on the day; the mean of ${classifier === undefined ? groupingsOfADay : 1} groupings by lot, the files have the first`,
      model.state(),
    ],
  };
};

const leastOf = (hosts: readonly number[], riskOf: (host: number) => number): number => {
  const risks = hosts.map(riskOf);
  return hosts[risks.indexOf(Math.min(...risks))] ?? -1;
};

type Foreseen = {
  readonly riskOf: (host: number, tick: number) => number;
  readonly maxOf: (host: number, tick: number) => number;
};

const foreseeDay = (model: WalkingModel, part: Part, firstTick: number): Foreseen => {
  const { hosts, ticks } = part.prepared.series;
  const risks = new Float32Array(hosts.length * ticks).fill(NaN);
  const maxima = new Float32Array(hosts.length * ticks).fill(NaN);
  for (let tick = firstTick; tick < ticks; tick++)
    hosts.forEach((_, host) => {
      const { risk, maxPercent } = model.foresee(part, host, tick);
      risks[host * ticks + tick] = risk;
      maxima[host * ticks + tick] = maxPercent;
    });
  return {
    riskOf: (host, tick) => risks[host * ticks + tick] ?? NaN,
    maxOf: (host, tick) => maxima[host * ticks + tick] ?? NaN,
  };
};

const replay = (
  decisions: readonly DestinationDecision[],
  { riskOf, maxOf }: Foreseen,
): ReplayedDecision[] =>
  decisions.map((decision) => ({
    decision,
    risks: decision.candidates.map((host) => riskOf(host, decision.tick)),
    maxima: decision.candidates.map((host) => maxOf(host, decision.tick)),
  }));

// The folder names no cells; an always idle host would make every choice trivial, so the busy ones are grouped.
const busyHosts = ({ prepared }: Part, offset: number, thresholdPercent: number): number[] =>
  prepared.targets.flatMap((target, host) =>
    target.values.some((value, tick) => tick >= offset && value >= thresholdPercent) ? [host] : [],
  );

/** Cells by lot, several times over: neighbours by name belong to one site and one service, and one lot alone is a matter of luck. */
const groupings = (hosts: readonly number[], seed: number): number[][][] => {
  const random = seededRandom(seed);
  return Array.from({ length: groupingsOfADay }, () => {
    const order = [...shuffle(Int32Array.from(hosts), random)];
    const cells: number[][] = [];
    for (let from = 0; from + 1 < order.length; from += cellHosts)
      cells.push(order.slice(from, from + cellHosts));
    return cells;
  });
};

/** The day's samples behind those of the same hosts on earlier days; what a host lacks is missing. */
const withHistory = (
  own: FleetSeries,
  earlier: readonly FleetSeries[],
  dayTicks: number,
): FleetSeries => {
  const joined = emptySeries({
    ...own,
    firstTickAtMs: own.firstTickAtMs - earlierDays * dayTicks * own.tickMs,
    ticks: own.ticks + earlierDays * dayTicks,
  });
  const copy = (from: FleetSeries, offset: number) =>
    own.hosts.forEach((name, host) => {
      const there = from === own ? host : from.hosts.indexOf(name);
      if (there < 0) return;
      for (let tick = 0; tick < from.ticks; tick++)
        joined.values[sampleIndex(joined, offset + tick, host, 0)] = sampleAt(from, tick, there, 0);
    });
  earlier.forEach((series, i) => {
    copy(series, (earlierDays - earlier.length + i) * dayTicks);
  });
  copy(own, earlierDays * dayTicks);
  return joined;
};
