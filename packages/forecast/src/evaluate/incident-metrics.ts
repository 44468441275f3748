import { auroc, averagePrecision, brierScore } from '../metrics.ts';

/** Quality of incident forecasts, as a ranking and as an operator sees it. */
export type IncidentMetrics = {
  readonly averagePrecision: number;
  readonly auroc: number;
  readonly brier: number;
  readonly baseRate: number;
  readonly rows: number;
  readonly segments: number;
  /** Alarm episodes allowed: one per machine and day. */
  readonly episodes: number;
  readonly segmentsForeseen: number;
  readonly episodePrecision: number;
};

/** The forecasts of one machine's test part. */
export type MachineForecast = {
  readonly machine: string;
  /** Rows outside segments with a known outcome, ascending. */
  readonly rows: readonly number[];
  readonly risks: readonly number[];
  readonly outcomes: readonly number[];
  /** Rows at which a segment of the test part begins. */
  readonly starts: readonly number[];
  /** Rows per day. */
  readonly rowsPerDay: number;
  readonly testRows: number;
};

/** Measures all machines together; alarms are the highest risks that a lock-out of one horizon leaves. */
export const incidentMetrics = (
  machines: readonly MachineForecast[],
  horizonRows: number,
): IncidentMetrics => {
  const risks = machines.flatMap((machine) => machine.risks);
  const outcomes = machines.flatMap((machine) => machine.outcomes);
  const days = machines.reduce((sum, { testRows, rowsPerDay }) => sum + testRows / rowsPerDay, 0);
  const allowed = Math.floor(days);
  const alarms = raiseAlarms(machines, horizonRows, allowed);
  const foreseen = machines.flatMap(({ starts }, m) =>
    starts.filter((start) =>
      alarms.some(({ machine, row }) => machine === m && row < start && start <= row + horizonRows),
    ),
  );
  const right = alarms.filter(({ machine, row }) =>
    machines[machine]?.starts.some((start) => row < start && start <= row + horizonRows),
  );
  const segments = machines.reduce((sum, { starts }) => sum + starts.length, 0);
  return {
    averagePrecision: averagePrecision(risks, outcomes),
    auroc: auroc(risks, outcomes),
    brier: brierScore(risks, outcomes),
    baseRate: outcomes.reduce((sum, y) => sum + y, 0) / outcomes.length,
    rows: risks.length,
    segments,
    episodes: allowed,
    segmentsForeseen: foreseen.length / segments,
    episodePrecision: alarms.length === 0 ? NaN : right.length / alarms.length,
  };
};

const raiseAlarms = (
  machines: readonly MachineForecast[],
  horizonRows: number,
  allowed: number,
): { machine: number; row: number }[] => {
  const ranked = machines
    .flatMap(({ rows, risks }, machine) =>
      rows.map((row, i) => ({ machine, row, risk: risks[i] ?? 0 })),
    )
    .sort((a, b) => b.risk - a.risk);
  const alarms: { machine: number; row: number }[] = [];
  for (const { machine, row } of ranked) {
    if (alarms.length >= allowed) break;
    const locked = alarms.some(
      (alarm) => alarm.machine === machine && Math.abs(alarm.row - row) <= horizonRows,
    );
    if (!locked) alarms.push({ machine, row });
  }
  return alarms;
};
