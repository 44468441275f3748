import type { Cloud } from '../ports/cloud.ts';

type Reading<T> = { readonly running: Promise<T>; next: Promise<T> | undefined };

/**
 * A reading that is made once at a time: whoever asks meanwhile shares the next one, which began after the question, as
 * the one under way may have looked too early.
 */
export function sharing<T>(read: (cloud: Cloud) => Promise<T>): (cloud: Cloud) => Promise<T> {
  const readings = new WeakMap<Cloud['sfc'], Reading<T>>();
  const begin = (cloud: Cloud): Promise<T> => {
    const running = read(cloud).finally(() => {
      // Who waits for the next reading begins it; else the next one who asks does.
      if (readings.get(cloud.sfc)?.next === undefined) readings.delete(cloud.sfc);
    });
    readings.set(cloud.sfc, { running, next: undefined });
    return running;
  };
  return (cloud) => {
    const reading = readings.get(cloud.sfc);
    if (reading === undefined) return begin(cloud);
    reading.next ??= reading.running.catch(() => undefined).then(() => begin(cloud));
    return reading.next;
  };
}
