/** A host's window in few numbers: level, mean, peak, slope and deviation, in points. */
export type CaseShape = ArrayLike<number>;

/** A forecast of a host at a tick with what became of it. */
export type SettledRow = {
  hostId: string;
  /** End of the tick that it was made at. */
  atMs: number;
  modelVersion: string;
  risk: number;
  /** What the fallback foresaw of the same. */
  fallbackRisk: number;
  current: number;
  outcome: 0 | 1;
  shape: CaseShape;
};
