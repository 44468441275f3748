import { sigmoid } from '../calibration.ts';
import {
  type ClassMachine,
  type ClassWindow,
  fitClasses,
  marginsAt,
} from '../svm/class-machine.ts';
import type { Part } from './row-store.ts';
import type { WalkingModel } from './walking-blend.ts';

/** Ticks of the window, as the benchmark's reproduction of the paper has it. */
export const svmWindowTicks = 12;

/** A margin as a risk: how little a host is the one of the lowest maximum, 0–1. */
export const svmRisk = (margin: number): number => sigmoid(-2 * margin - 2);

/**
 * The paper's classifier: from the window of all servers of a cell to the server with the lowest future maximum
 * (one-versus-rest hinge loss on an approximated RBF kernel). Its risk of a host is how little it is that server.
 */
export const svmWalker = (
  { prepared: { series }, labels }: Part,
  cells: readonly (readonly number[])[],
  horizonTicks: number,
  seed: number,
): WalkingModel => {
  const machines: (ClassMachine | undefined)[] = cells.map(() => undefined);
  const margins = new Map<number, { tick: number; values: number[] }>();
  const metrics = series.metrics.map((_, metric) => metric);
  const windowOf = (hosts: readonly number[]): ClassWindow => ({
    hosts,
    metrics,
    windowTicks: svmWindowTicks,
  });
  // An evaluation takes the time that it takes, and all rows.
  const bounds = { maxRows: Infinity, outOfTime: () => false };
  return {
    async refit(tick) {
      margins.clear();
      // The paper trains once; a refit at every walk's step would take its only virtue, simplicity.
      if (machines.some((machine) => machine !== undefined)) return;
      cells.forEach((cell, c) => {
        const until = tick - horizonTicks;
        machines[c] = fitClasses(series, labels, windowOf(cell), until, seed, bounds).machine;
      });
    },
    learnFrom: () => undefined,
    settle: () => undefined,
    foresee(_, host, tick) {
      const c = cells.findIndex((cell) => cell.includes(host));
      const cell = cells[c];
      const machine = machines[c];
      if (cell === undefined || machine === undefined) return { risk: 0.5, maxPercent: 50 };
      let known = margins.get(c);
      if (known?.tick !== tick) {
        known = { tick, values: marginsAt(machine, series, windowOf(cell), tick) };
        margins.set(c, known);
      }
      const own = known.values[cell.indexOf(host)] ?? 0;
      const risk = svmRisk(own);
      return { risk, maxPercent: 100 * risk };
    },
    state: () => `${cells.length} cells, one classifier each`,
  };
};
