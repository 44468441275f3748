import type { Table } from './fleet-folder.ts';
import { historyFeatureNames, writeHistoryFeatures } from './incident-history.ts';

/** A machine's samples, unlabelled half first, and its known incidents. */
export type Machine = {
  readonly id: string;
  /** Mean absolute deviation over the metrics, per row. */
  readonly unusual: Float64Array;
  /** Largest absolute deviation, per row. */
  readonly extreme: Float64Array;
  /** Mean absolute change of the deviations since the row before, per row. */
  readonly change: Float64Array;
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
  const unusual = new Float64Array(rows);
  const extreme = new Float64Array(rows);
  const change = new Float64Array(rows);
  names.forEach((name) => {
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
    let before = NaN;
    for (let row = 0; row < rows; row++) {
      const value = read(row);
      const score = Number.isNaN(value)
        ? 0
        : Math.max(-8, Math.min(8, (value - mean) / (deviation + 0.01)));
      unusual[row] = (unusual[row] ?? 0) + Math.abs(score) / metrics;
      extreme[row] = Math.max(extreme[row] ?? 0, Math.abs(score));
      if (row > 0) change[row] = (change[row] ?? 0) + Math.abs(score - before) / metrics;
      before = score;
    }
  });
  const label = new Uint8Array(labelled.rows);
  for (let row = 0; row < labelled.rows; row++)
    label[row] = (labelled.cells[row * labelled.columns.length + labelColumn] ?? 0) > 0.5 ? 1 : 0;
  return {
    id,
    unusual,
    extreme,
    change,
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

const resourceMinutes = [1, 5, 15, 60, 240];
/** Days whose course at this time of day is looked at. */
const pastDays = 7;

/** Names of the features of `writeIncidentFeatures`; the first ones are about past incidents only. */
export const incidentFeatureNames: readonly string[] = [
  ...historyFeatureNames,
  ...resourceMinutes.flatMap((width) => [`unusual.mean${width}`, `extreme.max${width}`]),
  'unusual.nextYesterday',
  'unusual.nextMean',
  'unusual.nextHighest',
  'change.nextMean',
  'change.nextLeast',
  'change.mean5',
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
  const { rowsPerDay, label, offset, unusual, extreme, change } = machine;
  writeHistoryFeatures({ starts, label, rowsPerDay }, row, horizonRows, out, at);
  let cursor = at + historyFeatureNames.length;
  const now = row + offset;
  const rowsOf = (minutes: number) => Math.max(1, Math.floor((minutes * rowsPerDay) / 1440));
  for (const minutes of resourceMinutes) {
    const from = Math.max(0, now - rowsOf(minutes) + 1);
    out[cursor++] = meanIn(unusual, from, now);
    out[cursor++] = maxIn(extreme, from, now);
  }
  const unusualNext: number[] = [];
  const changeNext: number[] = [];
  for (let day = 1; day <= pastDays && now >= day * rowsPerDay; day++) {
    const then = now - day * rowsPerDay;
    unusualNext.push(maxIn(unusual, then + 1, then + horizonRows));
    changeNext.push(maxIn(change, then + 1, then + horizonRows));
  }
  const mean = (values: readonly number[]) =>
    values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
  const known = unusualNext.length > 0;
  out[cursor++] = unusualNext[0] ?? NaN;
  out[cursor++] = mean(unusualNext);
  out[cursor++] = known ? Math.max(...unusualNext) : NaN;
  out[cursor++] = mean(changeNext);
  out[cursor++] = known ? Math.min(...changeNext) : NaN;
  out[cursor] = meanIn(change, Math.max(0, now - rowsOf(5) + 1), now);
};

const meanIn = (values: Float64Array, from: number, to: number): number => {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += values[i] ?? 0;
  return sum / (to - from + 1);
};

const maxIn = (values: Float64Array, from: number, to: number): number => {
  let max = 0;
  for (let i = from; i <= to; i++) max = Math.max(max, values[i] ?? 0);
  return max;
};
