import type { Clock } from '@sidestep/service-kit';

/** How old a reading may be that is used again. */
const recentMs = 15_000;

/** The same reading again while it is recent; a failed one is not kept. */
export function recently<T>(read: () => Promise<T>, clock: Clock): () => Promise<T> {
  let last: { atMs: number; reading: Promise<T> } | undefined;
  return () => {
    if (last !== undefined && clock.now() - last.atMs < recentMs) return last.reading;
    const made = { atMs: clock.now(), reading: read() };
    last = made;
    made.reading.catch(() => {
      if (last === made) last = undefined;
    });
    return made.reading;
  };
}
