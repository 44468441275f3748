import { sigmoid } from './calibration.ts';

/** What a model has learnt about maxima, to answer "and if the host carried that much more?". */
export type MaximumSpread = {
  /** Mean maximum of the horizons that crossed, 0–100. */
  readonly crossedPercent: number;
  /** Scale of the logistic error of the expected maximum where nothing crossed, in points. */
  readonly errorPercent: number;
};

/** Used until enough outcomes are known to measure it. */
export const defaultMaximumSpread: MaximumSpread = { crossedPercent: 96, errorPercent: 6 };

/** A standard logistic variable deviates by π/√3. */
const logisticDeviation = Math.PI / Math.sqrt(3);

/** Measures the spread on held-out rows. */
export const measureMaximumSpread = (
  rows: readonly { risk: number; expectedMaxPercent: number; futureMax: number; crossed: number }[],
  thresholdPercent: number,
): MaximumSpread => {
  const over = rows.filter(({ crossed }) => crossed === 1);
  const quiet = rows.filter(({ crossed }) => crossed === 0);
  if (over.length < 10 || quiet.length < 30) return defaultMaximumSpread;
  const crossedPercent = over.reduce((sum, row) => sum + row.futureMax, 0) / over.length;
  const squares = quiet.map((row) => {
    const expected = quietMaximum(
      row.risk,
      row.expectedMaxPercent,
      crossedPercent,
      thresholdPercent,
    );
    return (row.futureMax - expected) ** 2;
  });
  const deviation = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
  return {
    crossedPercent,
    errorPercent: Math.max(1, Math.min(15, deviation / logisticDeviation)),
  };
};

// The expected maximum is a mean over "crosses" and "stays below": this is the mean of the second.
const quietMaximum = (
  risk: number,
  expectedMaxPercent: number,
  crossedPercent: number,
  thresholdPercent: number,
): number => {
  const quiet = (expectedMaxPercent - risk * crossedPercent) / Math.max(0.02, 1 - risk);
  return Math.max(0, Math.min(thresholdPercent, expectedMaxPercent, quiet));
};

/** A host's own forecast and where it stands now. */
export type HostForecast = {
  readonly risk: number;
  readonly expectedMaxPercent: number;
  readonly currentPercent: number;
};

/**
 * Risk and expected maximum of a host that also carries `addedPercent`, or so much less where it is negative; rises with the
 * load.
 */
export const withAddedLoad = (
  alone: HostForecast,
  addedPercent: number,
  thresholdPercent: number,
  spread: MaximumSpread,
): { risk: number; expectedMaxPercent: number } => {
  const { risk, expectedMaxPercent, currentPercent } = alone;
  if (addedPercent < 0) {
    // Its share of the overload goes with the load: as far as the maximum falls short of the threshold without it.
    const tail = (maxPercent: number) =>
      sigmoid((maxPercent - thresholdPercent) / spread.errorPercent);
    const lessPercent = Math.max(0, expectedMaxPercent + addedPercent);
    const share = tail(lessPercent) / Math.max(1e-9, tail(expectedMaxPercent));
    return { risk: risk * Math.min(1, share), expectedMaxPercent: lessPercent };
  }
  if (!(addedPercent > 0)) return { risk, expectedMaxPercent };
  // The load of this moment is the least that the next ticks are likely to reach.
  const quiet = Math.max(
    quietMaximum(risk, expectedMaxPercent, spread.crossedPercent, thresholdPercent),
    Math.min(thresholdPercent, currentPercent),
  );
  const error = (added: number) =>
    sigmoid((quiet + added - thresholdPercent) / spread.errorPercent);
  // Only what the added load adds counts: at no added load the risk is the host's own.
  const before = error(0);
  const extra = (error(addedPercent) - before) / Math.max(1e-9, 1 - before);
  return {
    risk: Math.min(1, risk + (1 - risk) * Math.max(0, extra)),
    expectedMaxPercent: Math.min(100, expectedMaxPercent + addedPercent),
  };
};
