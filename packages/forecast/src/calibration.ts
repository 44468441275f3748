/** How raw log-odds become a probability: `1 / (1 + exp(−(slope × logit + intercept)))` (Platt 1999). */
export type Calibration = {
  readonly kind: 'platt' | 'none';
  readonly slope: number;
  readonly intercept: number;
  /** Rows it was fitted on. */
  readonly rows: number;
};

/** Leaves log-odds as they are. */
export const noCalibration: Calibration = { kind: 'none', slope: 1, intercept: 0, rows: 0 };

/** The logistic function. */
export const sigmoid = (logit: number): number => 1 / (1 + Math.exp(-logit));

/** Log-odds of a probability, kept within ±13.8. */
export const logitOf = (probability: number): number => {
  const kept = Math.min(1 - 1e-6, Math.max(1e-6, probability));
  return Math.log(kept / (1 - kept));
};

/** The probability that a calibration makes of raw log-odds. */
export const calibrated = (calibration: Calibration, logit: number): number =>
  sigmoid(calibration.slope * logit + calibration.intercept);

/** Rows of the rarer outcome below which no calibration is fitted (our choice). */
const minOutcomes = 8;

/** Fits slope and intercept by Newton steps, drawn towards (1, 0) so that few rows cannot distort much. */
export const fitCalibration = (
  logits: ArrayLike<number>,
  outcomes: ArrayLike<number>,
  weights?: ArrayLike<number>,
): Calibration => {
  let positives = 0;
  for (let i = 0; i < logits.length; i++) positives += outcomes[i] ?? 0;
  if (Math.min(positives, logits.length - positives) < minOutcomes) return noCalibration;
  const pull = 2;
  let slope = 1;
  let intercept = 0;
  for (let round = 0; round < 25; round++) {
    let gs = pull * (slope - 1);
    let gi = pull * 0.1 * intercept;
    let hss = pull;
    let hsi = 0;
    let hii = pull * 0.1;
    for (let i = 0; i < logits.length; i++) {
      const z = logits[i] ?? 0;
      const weight = weights?.[i] ?? 1;
      const p = sigmoid(slope * z + intercept);
      const miss = weight * (p - (outcomes[i] ?? 0));
      const curve = weight * Math.max(1e-6, p * (1 - p));
      gs += miss * z;
      gi += miss;
      hss += curve * z * z;
      hsi += curve * z;
      hii += curve;
    }
    const det = hss * hii - hsi * hsi;
    if (!(det > 1e-12)) break;
    const stepSlope = (hii * gs - hsi * gi) / det;
    const stepIntercept = (hss * gi - hsi * gs) / det;
    slope -= Math.max(-1, Math.min(1, stepSlope));
    intercept -= Math.max(-1, Math.min(1, stepIntercept));
    if (Math.abs(stepSlope) + Math.abs(stepIntercept) < 1e-7) break;
  }
  // A negative slope would reverse the ranking: the stretch was too odd to calibrate on.
  if (!(slope > 0.05) || !Number.isFinite(intercept)) return noCalibration;
  return { kind: 'platt', slope, intercept, rows: logits.length };
};
