/** Minutes by which an incident may come earlier or later than on the days before and still be the same one. */
const slackMinutes = [0, 3, 10, 30, 60];
const perSlack = ['rate', 'decayed', 'yesterday', 'recent', 'hits', 'streak'];

/** Names of the features of `writeHistoryFeatures`. */
export const historyFeatureNames: readonly string[] = [
  ...slackMinutes.flatMap((slack) => perSlack.map((what) => `history.${what}${slack}`)),
  'history.days',
  'history.sinceStart',
  'history.sinceEnd',
  'history.starts1h',
  'history.starts6h',
  'history.starts24h',
  'history.starts72h',
  'history.startsPerDay',
  'history.hour',
];

/** How many incidents were expected at a time of day where none or one day is known: few. */
const priorRate = 0.02;
/** What one day counts beside the day after it. */
const perDayDecay = 0.8;
const recentDays = 3;

/** A machine's incidents as far as its history tells. */
export type IncidentHistory = {
  /** Rows at which one begins, ascending. */
  readonly starts: readonly number[];
  /** Per row: 1 = inside an incident. */
  readonly label: Uint8Array;
  readonly rowsPerDay: number;
};

/** Features of one row about incidents that began or ended at or before it: none reads what comes later. */
export const writeHistoryFeatures = (
  { starts, label, rowsPerDay }: IncidentHistory,
  row: number,
  horizonRows: number,
  out: Float32Array,
  at: number,
): void => {
  let cursor = at;
  const rowsPerMinute = rowsPerDay / 1440;
  const begun = countUpTo(starts, row);
  const beganIn = (from: number, to: number) =>
    to < from ? 0 : countUpTo(starts, Math.min(row, to)) - countUpTo(starts, from - 1);
  for (const minutes of slackMinutes) {
    const slack = Math.round(minutes * rowsPerMinute);
    let hits = 0;
    let days = 0;
    let decayed = 0;
    let weights = 0;
    let recent = 0;
    let recentKnown = 0;
    let streak = 0;
    let unbroken = true;
    let yesterday = NaN;
    for (let day = 1; day * rowsPerDay <= row; day++) {
      const then = row - day * rowsPerDay;
      const hit = beganIn(then + 1 - slack, then + horizonRows + slack) > 0 ? 1 : 0;
      // In the midst of another incident none can begin: that day tells nothing.
      if (hit === 0 && label[then] === 1 && label[then + horizonRows] === 1) continue;
      days++;
      hits += hit;
      decayed += hit * perDayDecay ** day;
      weights += perDayDecay ** day;
      if (day === 1) yesterday = hit;
      if (day <= recentDays) {
        recent += hit;
        recentKnown++;
      }
      unbroken = unbroken && hit === 1;
      if (unbroken) streak++;
    }
    out[cursor++] = (hits + priorRate) / (days + 1);
    out[cursor++] = weights === 0 ? NaN : (decayed + priorRate / 2) / (weights + 0.5);
    out[cursor++] = yesterday;
    out[cursor++] = recentKnown === 0 ? NaN : recent / recentKnown;
    out[cursor++] = hits;
    out[cursor++] = streak;
  }
  const last = starts[begun - 1] ?? -Infinity;
  let end = row;
  while (end >= 0 && label[end] === 0 && row - end < 3 * rowsPerDay) end--;
  const within = (rows: number) => beganIn(row - rows + 1, row);
  out[cursor++] = row / rowsPerDay;
  out[cursor++] = Math.min(3 * rowsPerDay, row - last);
  out[cursor++] = end < 0 ? NaN : row - end;
  out[cursor++] = within(rowsPerDay / 24);
  out[cursor++] = within(rowsPerDay / 4);
  out[cursor++] = within(rowsPerDay);
  out[cursor++] = within(rowsPerDay * 3);
  out[cursor++] = begun / (1 + row / rowsPerDay);
  out[cursor] = ((row % rowsPerDay) / rowsPerDay) * 24;
};

// How many of the ascending rows are at or before a row.
const countUpTo = (ascending: readonly number[], row: number): number => {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? Infinity) <= row) low = middle + 1;
    else high = middle;
  }
  return low;
};
