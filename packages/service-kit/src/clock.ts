/** Where time comes from: an argument everywhere below compose.ts. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now(): number;
};

export const systemClock: Clock = { now: () => Date.now() };

export type Ticker = {
  /** Stops ticking and waits for a tick that runs. */
  stop(): Promise<void>;
};

/**
 * Runs `tick` every `intervalMs`, never two at once: a tick that takes longer lets the next ones pass. What a tick
 * throws goes to `onError`, and the next one runs all the same.
 */
export function everyMs(
  intervalMs: number,
  tick: () => Promise<void> | void,
  onError: (error: unknown) => void,
): Ticker {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= Promise.resolve()
      .then(tick)
      .catch(onError)
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  return {
    stop: async () => {
      clearInterval(timer);
      await running;
    },
  };
}
