import type { Table } from './fleet-folder.ts';

/** A machine's samples, unlabelled half first, and its known incidents. */
export type Machine = {
  readonly id: string;
  readonly metrics: number;
  /** Standardised samples of both halves, `row × metrics`. */
  readonly scores: Float32Array;
  /** Mean absolute deviation over the metrics, per row. */
  readonly unusual: Float64Array;
  /** Largest absolute deviation, per row. */
  readonly extreme: Float64Array;
  /** Rows of the unlabelled half. */
  readonly offset: number;
  readonly rows: number;
  /** Per row of the labelled half: 1 = inside an incident. */
  readonly label: Uint8Array;
  readonly rowsPerDay: number;
};

/** Joins both halves; deviations are measured on the unlabelled half only. */
export const joinMachine = (
  id: string,
  normal: Table,
  labelled: Table,
  intervalS: number,
): Machine => {
  const labelColumn = labelled.columns.indexOf('label');
  const names = labelled.columns.filter((_, column) => column !== labelColumn);
  const metrics = names.length;
  const rows = normal.rows + labelled.rows;
  const scores = new Float32Array(rows * metrics);
  const unusual = new Float64Array(rows);
  const extreme = new Float64Array(rows);
  names.forEach((name, metric) => {
    const early = normal.columns.indexOf(name);
    const late = labelled.columns.indexOf(name);
    const read = (row: number): number =>
      row < normal.rows
        ? early < 0
          ? NaN
          : (normal.cells[row * normal.columns.length + early] ?? NaN)
        : (labelled.cells[(row - normal.rows) * labelled.columns.length + late] ?? NaN);
    let sum = 0;
    let square = 0;
    let known = 0;
    for (let row = 0; row < normal.rows; row++) {
      const value = read(row);
      if (Number.isNaN(value)) continue;
      sum += value;
      square += value * value;
      known++;
    }
    const mean = known === 0 ? 0 : sum / known;
    const deviation = Math.sqrt(Math.max(0, square / Math.max(1, known) - mean * mean));
    for (let row = 0; row < rows; row++) {
      const value = read(row);
      const score = Number.isNaN(value)
        ? 0
        : Math.max(-8, Math.min(8, (value - mean) / (deviation + 0.01)));
      scores[row * metrics + metric] = score;
      unusual[row] = (unusual[row] ?? 0) + Math.abs(score) / metrics;
      extreme[row] = Math.max(extreme[row] ?? 0, Math.abs(score));
    }
  });
  const label = new Uint8Array(labelled.rows);
  for (let row = 0; row < labelled.rows; row++)
    label[row] = (labelled.cells[row * labelled.columns.length + labelColumn] ?? 0) > 0.5 ? 1 : 0;
  return {
    id,
    metrics,
    scores,
    unusual,
    extreme,
    offset: normal.rows,
    rows,
    label,
    rowsPerDay: Math.round(86_400 / intervalS),
  };
};

/** Rows of the labelled half at which an incident begins. */
export const incidentStarts = (label: Uint8Array): number[] => {
  const starts: number[] = [];
  for (let row = 0; row < label.length; row++)
    if (label[row] === 1 && (row === 0 || label[row - 1] === 0)) starts.push(row);
  return starts;
};

const slacks = [0, 5, 15, 40];
const resourceWindows = [1, 5, 15, 60];
const topMetrics = 40;

/** Names of the features of `writeIncidentFeatures`; the first ones are about past incidents only. */
export const incidentFeatureNames = (metrics: number): string[] => [
  ...slacks.flatMap((slack) =>
    ['rate', 'recent', 'yesterday', 'decayed'].map((what) => `history.${what}${slack}`),
  ),
  'history.sinceStart',
  'history.sinceEnd',
  'history.starts1h',
  'history.starts6h',
  'history.starts24h',
  'history.startsPerDay',
  'history.gap',
  'history.due',
  'history.nextYesterday',
  ...resourceWindows.flatMap((width) => [`unusual.mean${width}`, `extreme.max${width}`]),
  'unusual.yesterdayNext',
  'unusual.pastNext',
  'unusual.againstPast',
  ...Array.from({ length: Math.min(metrics, topMetrics) }, (_, m) => `metric${m}.mean5`),
  ...Array.from({ length: Math.min(metrics, topMetrics) }, (_, m) => `metric${m}.change`),
];

/** Features of one row of the labelled half: only samples and incident starts or ends at or before it are read. */
export const writeIncidentFeatures = (
  machine: Machine,
  starts: readonly number[],
  row: number,
  horizonRows: number,
  out: Float32Array,
  at: number,
): void => {
  const { rowsPerDay, label, offset } = machine;
  let cursor = at;
  const known = starts.filter((start) => start <= row);
  const days = Math.floor(row / rowsPerDay);
  for (const slack of slacks) {
    let hits = 0;
    let recent = 0;
    let decayed = 0;
    let weights = 0;
    let yesterday = NaN;
    for (let day = 1; day <= days; day++) {
      const from = row + 1 - slack - day * rowsPerDay;
      const to = Math.min(row, row + horizonRows + slack - day * rowsPerDay);
      const hit = known.some((start) => start >= from && start <= to) ? 1 : 0;
      hits += hit;
      if (day <= 3) recent += hit / Math.min(3, days);
      if (day === 1) yesterday = hit;
      decayed += hit * 0.75 ** day;
      weights += 0.75 ** day;
    }
    out[cursor++] = days === 0 ? NaN : (hits + 0.02) / (days + 1);
    out[cursor++] = days === 0 ? NaN : recent;
    out[cursor++] = yesterday;
    out[cursor++] = days === 0 ? NaN : decayed / weights;
  }
  const last = known[known.length - 1] ?? NaN;
  const before = known[known.length - 2] ?? NaN;
  let end = row;
  while (end >= 0 && label[end] === 0) end--;
  const within = (rows: number) => known.filter((start) => start > row - rows).length;
  out[cursor++] = Math.min(3 * rowsPerDay, row - last);
  out[cursor++] = end < 0 ? NaN : row - end;
  out[cursor++] = within(rowsPerDay / 24);
  out[cursor++] = within(rowsPerDay / 4);
  out[cursor++] = within(rowsPerDay);
  out[cursor++] = known.length / (1 + row / rowsPerDay);
  out[cursor++] = last - before;
  out[cursor++] = last + (last - before) - row;
  const next = known.find((start) => start > row - rowsPerDay);
  out[cursor++] = next === undefined ? NaN : next + rowsPerDay - row;

  const now = row + offset;
  for (const width of resourceWindows) {
    let sum = 0;
    let max = 0;
    for (let lag = 0; lag < width && now - lag >= 0; lag++) {
      sum += machine.unusual[now - lag] ?? 0;
      max = Math.max(max, machine.extreme[now - lag] ?? 0);
    }
    out[cursor++] = sum / width;
    out[cursor++] = max;
  }
  const nextUnusual = (day: number): number => {
    const then = now - day * rowsPerDay;
    if (then < 0) return NaN;
    let max = 0;
    for (let ahead = 1; ahead <= horizonRows; ahead++)
      max = Math.max(max, machine.unusual[then + ahead] ?? 0);
    return max;
  };
  let past = 0;
  let pastDays = 0;
  for (let day = 1; day <= 7; day++) {
    const own = nextUnusual(day);
    if (Number.isNaN(own)) continue;
    past += own;
    pastDays++;
  }
  out[cursor++] = nextUnusual(1);
  out[cursor++] = pastDays === 0 ? NaN : past / pastDays;
  out[cursor++] = (machine.unusual[now] ?? 0) - (machine.unusual[now - rowsPerDay] ?? 0);
  const used = Math.min(machine.metrics, topMetrics);
  for (let metric = 0; metric < used; metric++) {
    let near = 0;
    let far = 0;
    for (let lag = 0; lag < 60; lag++) {
      const value = machine.scores[Math.max(0, now - lag) * machine.metrics + metric] ?? 0;
      if (lag < 5) near += value / 5;
      far += value / 60;
    }
    out[cursor + metric] = near;
    out[cursor + used + metric] = near - far;
  }
};
