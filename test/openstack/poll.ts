import { setTimeout as pause } from 'node:timers/promises';

/** Asks until the answer is not undefined; after the limit it rejects, naming what it waited for. */
export async function poll<T>(
  what: string,
  limitMs: number,
  ask: () => T | undefined | Promise<T | undefined>,
  everyMs = 100,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${limitMs} ms`);
    await pause(everyMs);
  }
}
