import { persistenceRisk } from '../persistence.ts';
import {
  type ClassMachine,
  type ClassWindow,
  fitClasses,
  knownTicks,
  marginsAt,
} from '../svm/class-machine.ts';
import type { Part } from './row-store.ts';
import { svmRisk, svmWindowTicks } from './svm-model.ts';
import type { WalkingModel } from './walking-blend.ts';

/** A cell's classifier is fitted anew after so many ticks of its day. */
const refitTicks = 48;
/** Ticks of known outcome of all hosts of a cell that are needed; before, the last value goes on. */
const minRows = 40;
const maxRows = 600;

/** The paper's classifier where hosts come and go from day to day. */
export type DaysClassifier = WalkingModel & {
  /** How little a host is the one of the lowest maximum in a cell, 0–1. */
  riskIn(part: Part, cell: readonly number[], host: number, tick: number): number;
};

/**
 * One classifier a cell and day, as a cell's hosts meet on that day only: learnt from those earlier days on which all of
 * them were there, and from what the day has shown so far. Hosts of no named cell are grouped in the order of the columns.
 */
export const createDaysClassifier = (about: {
  horizonTicks: number;
  thresholdPercent: number;
  cellHosts: number;
  /** First tick of the day itself. */
  firstTick: number;
  seed: number;
}): DaysClassifier => {
  const { horizonTicks, thresholdPercent, cellHosts, firstTick, seed } = about;
  type Fitted = {
    epoch: number;
    machine: ClassMachine | undefined;
    tick: number;
    margins: number[];
  };
  const known = new WeakMap<Part, Map<string, Fitted>>();
  let asked = 0;
  let answered = 0;

  const fitted = (part: Part, window: ClassWindow, tick: number): Fitted => {
    const cells = known.get(part) ?? new Map<string, Fitted>();
    known.set(part, cells);
    const key = window.hosts.join(' ');
    const epoch = Math.floor((tick - firstTick) / refitTicks);
    const held = cells.get(key);
    if (held?.epoch === epoch) return held;
    const { series } = part.prepared;
    const until = firstTick + epoch * refitTicks - horizonTicks;
    const enough = knownTicks(series, part.labels, window, until).ticks.length >= minRows;
    const bounds = { maxRows, outOfTime: () => false };
    const machine = enough
      ? fitClasses(series, part.labels, window, until, seed, bounds).machine
      : undefined;
    const made = { epoch, machine, tick: -1, margins: [] };
    cells.set(key, made);
    return made;
  };

  const riskIn: DaysClassifier['riskIn'] = (part, cell, host, tick) => {
    const { series } = part.prepared;
    const window = { hosts: cell, metrics: [0], windowTicks: svmWindowTicks };
    const own = fitted(part, window, tick);
    asked++;
    if (own.machine === undefined) {
      const now = part.prepared.targets[host]?.values[tick] ?? 0;
      return persistenceRisk(now, thresholdPercent);
    }
    answered++;
    if (own.tick !== tick) {
      own.tick = tick;
      own.margins = marginsAt(own.machine, series, window, tick);
    }
    return svmRisk(own.margins[cell.indexOf(host)] ?? 0);
  };

  return {
    riskIn,
    refit: async () => undefined,
    learnFrom: () => undefined,
    settle: () => undefined,
    foresee(part, host, tick) {
      const first = host - (host % cellHosts);
      const cell = part.prepared.series.hosts
        .slice(first, first + cellHosts)
        .map((_, place) => first + place);
      const risk = riskIn(part, cell, host, tick);
      return { risk, maxPercent: 100 * risk };
    },
    state: () =>
      `one classifier a cell and day; it answered ${((100 * answered) / Math.max(1, asked)).toFixed(0)} % of the times, the last value where too little was known`,
  };
};
