/** What is counted for Prometheus. */
export type Meters = {
  decided(outcome: string): void;
  operationEntered(state: string): void;
  /** From a wake-up to the decision kept, milliseconds. */
  decideTook(durationMs: number): void;
  /** From the alarm raised to the live-migration call, milliseconds. */
  alarmToCall(durationMs: number): void;
  /** The newest event of the decisions' chain. */
  chainGrewTo(sequence: number): void;
};
