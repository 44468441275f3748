/** Who counts what the ticks do. */
export type TickObserver = {
  ticked(tick: { durationMs: number; scored: number; unknown: number }): void;
  tickFailed(): void;
  risksWritten(count: number): void;
  risksDropped(count: number): void;
  serves(model: { version: string; kind: string }): void;
};
