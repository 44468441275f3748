/**
 * Iterative pre-copy live migration: memory is copied in rounds while the guest runs; each round
 * sends what the one before left dirty, until the rest fits into the downtime limit, and then the
 * guest stops for that rest (Clark et al., "Live Migration of Virtual Machines", NSDI 2005; QEMU's
 * stop condition is the same). What a guest can dirty in a round is bounded by its writable
 * working set.
 */

const MIB = 1024 * 1024;

/** The guest, and the limit at which it may be stopped. */
export interface PreCopyParams {
  readonly memoryMiB: number;
  readonly dirtyMiBPerSecond: number;
  readonly workingSetMiB: number;
  /** Longest stop of the guest that ends the copying; QEMU's default is 300 ms. */
  readonly downtimeLimitMs: number;
}

/** A copy under way; all bytes are of memory. */
export interface PreCopyState {
  readonly phase: 'copying' | 'stopped' | 'done';
  /** Rounds begun, from 1. */
  readonly round: number;
  readonly roundBytes: number;
  readonly sentOfRoundBytes: number;
  /** Dirtied since the round began. */
  readonly dirtyBytes: number;
  readonly processedBytes: number;
  readonly elapsedMs: number;
  readonly downtimeMs: number;
}

/** A migration that has not sent anything yet. */
export function beginPreCopy(params: PreCopyParams): PreCopyState {
  return {
    phase: 'copying',
    round: 1,
    roundBytes: params.memoryMiB * MIB,
    sentOfRoundBytes: 0,
    dirtyBytes: 0,
    processedBytes: 0,
    elapsedMs: 0,
    downtimeMs: 0,
  };
}

/** What is left to send if the guest stopped now. */
export function remainingBytes(state: PreCopyState): number {
  return state.phase === 'done' ? 0 : state.roundBytes - state.sentOfRoundBytes + state.dirtyBytes;
}

/** Time until the running round ends at this bandwidth; Infinity when nothing flows. */
export function roundEndsInMs(state: PreCopyState, bandwidthMiBPerSecond: number): number {
  if (state.phase === 'done') return Number.POSITIVE_INFINITY;
  const left = state.roundBytes - state.sentOfRoundBytes;
  if (left <= 0) return 0;
  return bandwidthMiBPerSecond > 0
    ? (left / (bandwidthMiBPerSecond * MIB)) * 1000
    : Number.POSITIVE_INFINITY;
}

function nextRound(
  params: PreCopyParams,
  state: PreCopyState,
  bandwidthMiBPerSecond: number,
): PreCopyState {
  if (state.phase === 'stopped') return { ...state, phase: 'done' };
  const allowedBytes = (params.downtimeLimitMs / 1000) * bandwidthMiBPerSecond * MIB;
  return {
    ...state,
    phase: state.dirtyBytes <= allowedBytes ? 'stopped' : 'copying',
    round: state.round + 1,
    roundBytes: state.dirtyBytes,
    sentOfRoundBytes: 0,
    dirtyBytes: 0,
  };
}

/** Lets the copy go on for a while at one bandwidth; past its end nothing more happens. */
export function advancePreCopy(
  params: PreCopyParams,
  state: PreCopyState,
  forMs: number,
  bandwidthMiBPerSecond: number,
): PreCopyState {
  let now = state;
  let leftMs = forMs;
  const workingSetBytes = Math.min(params.workingSetMiB, params.memoryMiB) * MIB;
  while (now.phase !== 'done') {
    const endsInMs = roundEndsInMs(now, bandwidthMiBPerSecond);
    const stepMs = Math.min(leftMs, endsInMs);
    const ends = endsInMs <= leftMs;
    const left = now.roundBytes - now.sentOfRoundBytes;
    const sent = ends ? left : (bandwidthMiBPerSecond * MIB * stepMs) / 1000;
    const stopped = now.phase === 'stopped';
    const dirtied = stopped ? 0 : (params.dirtyMiBPerSecond * MIB * stepMs) / 1000;
    now = {
      ...now,
      sentOfRoundBytes: now.sentOfRoundBytes + sent,
      processedBytes: now.processedBytes + sent,
      dirtyBytes: Math.min(workingSetBytes, now.dirtyBytes + dirtied),
      elapsedMs: now.elapsedMs + stepMs,
      downtimeMs: now.downtimeMs + (stopped ? stepMs : 0),
    };
    leftMs -= stepMs;
    if (!ends) break;
    now = nextRound(params, now, bandwidthMiBPerSecond);
    // A round of nothing takes no time; without this a guest that dirties faster than the link
    // sends, in an empty span, would begin rounds for ever.
    if (leftMs <= 0 && now.roundBytes > 0) break;
  }
  return now;
}

/** Stops the guest now and sends the rest, as Nova's force_complete has QEMU do. */
export function forceStop(state: PreCopyState): PreCopyState {
  if (state.phase !== 'copying') return state;
  return {
    ...state,
    phase: 'stopped',
    round: state.round + 1,
    roundBytes: remainingBytes(state),
    sentOfRoundBytes: 0,
    dirtyBytes: 0,
  };
}

/** How a copy at constant bandwidth would end. */
export type PreCopyOutcome =
  | {
      readonly kind: 'converges';
      readonly rounds: number;
      readonly totalMs: number;
      readonly downtimeMs: number;
      readonly sentBytes: number;
    }
  | { readonly kind: 'diverges'; readonly reason: 'dirties-faster-than-link' | 'no-bandwidth' };

/** Foretells a copy at constant bandwidth; QEMU would go on for ever where this says `diverges`. */
export function foretellPreCopy(
  params: PreCopyParams,
  bandwidthMiBPerSecond: number,
): PreCopyOutcome {
  if (!(bandwidthMiBPerSecond > 0)) return { kind: 'diverges', reason: 'no-bandwidth' };
  let state = beginPreCopy(params);
  while (state.phase !== 'done') {
    const before = state;
    state = advancePreCopy(
      params,
      state,
      roundEndsInMs(state, bandwidthMiBPerSecond),
      bandwidthMiBPerSecond,
    );
    const stuck = state.phase === 'copying' && before.round > 1;
    // Rounds shrink geometrically while dirtying is slower than sending; one that does not shrink
    // by at least a byte is at its fixed point.
    if (stuck && state.roundBytes >= before.roundBytes - 1)
      return { kind: 'diverges', reason: 'dirties-faster-than-link' };
  }
  return {
    kind: 'converges',
    rounds: state.round,
    totalMs: state.elapsedMs,
    downtimeMs: state.downtimeMs,
    sentBytes: state.processedBytes,
  };
}

/**
 * What one move gets where every host's link is shared evenly by the moves on it: the smaller of
 * its shares at source and destination.
 */
export function sharedBandwidth(
  source: { readonly miBPerSecond: number; readonly moves: number },
  destination: { readonly miBPerSecond: number; readonly moves: number },
): number {
  return Math.min(
    source.miBPerSecond / Math.max(1, source.moves),
    destination.miBPerSecond / Math.max(1, destination.moves),
  );
}
