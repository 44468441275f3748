/** Undoes a timer; harmless when it has already fired. */
export type Cancel = () => void;

/** The emulated cloud's time; nothing in the cloud reads any other. */
export interface Clock {
  /** Unix time of the cloud. */
  nowMs(): number;
  /** Calls back once, this much cloud time from now. */
  after(delayMs: number, callback: () => void): Cancel;
}

/** A clock that only a test moves. */
export interface ManualClock extends Clock {
  /** Lets time pass, firing what falls due in order, what the firing itself schedules included. */
  advance(ms: number): void;
}

/** Wall-clock time. */
export function realClock(): Clock {
  return acceleratedClock({ factor: 1 });
}

/** Time that runs `factor` times as fast as the wall clock's from `startMs` (default: now). */
export function acceleratedClock(options: { factor: number; startMs?: number }): Clock {
  const { factor } = options;
  if (!(factor > 0)) throw new RangeError('factor must be above 0');
  const bornMs = Date.now();
  const bornTick = performance.now();
  const startMs = options.startMs ?? bornMs;
  const nowMs = (): number => Math.round(startMs + (performance.now() - bornTick) * factor);
  const waiting = new Set<Timer>();
  let order = 0;
  return {
    nowMs,
    after(delayMs, callback) {
      order += 1;
      const own: Timer = { atMs: nowMs() + Math.max(0, delayMs), order, callback };
      waiting.add(own);
      let timeout: NodeJS.Timeout | undefined;
      const wait = (): void => {
        timeout = setTimeout(fire, Math.max(0, Math.ceil((own.atMs - nowMs()) / factor)));
      };
      // A timeout may fire a little early, which acceleration makes a lot; waiting on, it must not fall behind a later one.
      const fire = (): void => {
        if (!waiting.has(own)) return;
        if (nowMs() < own.atMs) {
          wait();
          return;
        }
        const due = [...waiting].filter((timer) => timer === own || isEarlier(timer, own));
        for (const timer of due.sort((a, b) => (isEarlier(a, b) ? -1 : 1)))
          if (waiting.delete(timer)) timer.callback();
      };
      wait();
      return () => {
        waiting.delete(own);
        clearTimeout(timeout);
      };
    },
  };
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

function isEarlier(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

/** Time that stands still at `startMs` until it is advanced. */
export function manualClock(startMs: number): ManualClock {
  let nowMs = startMs;
  let order = 0;
  const timers = new Set<Timer>();
  const next = (untilMs: number): Timer | undefined => {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.atMs > untilMs) continue;
      if (first === undefined || isEarlier(timer, first)) first = timer;
    }
    return first;
  };
  return {
    nowMs: () => nowMs,
    after(delayMs, callback) {
      order += 1;
      const timer: Timer = { atMs: nowMs + Math.max(0, delayMs), order, callback };
      timers.add(timer);
      return () => {
        timers.delete(timer);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (let due = next(untilMs); due !== undefined; due = next(untilMs)) {
        timers.delete(due);
        nowMs = Math.max(nowMs, due.atMs);
        due.callback();
      }
      nowMs = untilMs;
    },
  };
}

/** A clock whose timers can all be stopped at once, for something that is closed while they wait. */
export function scopedClock(clock: Clock): { clock: Clock; stop: () => void } {
  const waiting = new Set<Cancel>();
  let stopped = false;
  return {
    clock: {
      nowMs: () => clock.nowMs(),
      after(delayMs, callback) {
        if (stopped) return () => undefined;
        const cancel = clock.after(delayMs, () => {
          waiting.delete(cancel);
          callback();
        });
        waiting.add(cancel);
        return () => {
          waiting.delete(cancel);
          cancel();
        };
      },
    },
    stop() {
      stopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
