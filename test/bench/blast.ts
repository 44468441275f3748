import { Worker } from 'node:worker_threads';
import type { BlastOrder, BlastReport } from './blast-worker.ts';
import type { Recording } from './recorded-fleet.ts';

export type { BlastReport };

/** Sends a recorded fleet's datagrams to a port of this machine, from a thread of its own. */
export type Blaster = {
  /** Sends at a fixed rate, whether or not anybody keeps up. */
  atRate(valuesPerSecond: number, seconds: number): Promise<BlastReport>;
  /** Sends as fast as the receiving socket is emptied, and not while `hold()` says so: nothing is dropped. */
  asTaken(queuedBytes: number, seconds: number, hold: () => Promise<boolean>): Promise<BlastReport>;
  close(): Promise<void>;
};

const HOLD_LOOK_MS = 200;

/** Each recorded second is stamped as one second later than the one before, from `firstTimeMs` on. */
export function startBlaster(recording: Recording, port: number, firstTimeMs: number): Blaster {
  const control = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const held = new Int32Array(control);
  const worker = new Worker(new URL('./blast-worker.ts', import.meta.url), {
    workerData: { recording, port, firstTimeMs, control },
  });
  const order = (wanted: BlastOrder): Promise<BlastReport> =>
    new Promise((resolve, reject) => {
      const settle = (finish: () => void) => {
        worker.off('message', told);
        worker.off('error', broke);
        finish();
      };
      const told = (report: BlastReport) => settle(() => resolve(report));
      const broke = (error: Error) => settle(() => reject(error));
      worker.on('message', told);
      worker.on('error', broke);
      worker.postMessage(wanted);
    });

  return {
    atRate: (valuesPerSecond, seconds) => order({ kind: 'rate', valuesPerSecond, seconds }),
    asTaken: async (queuedBytes, seconds, hold) => {
      let over = false;
      const watching = (async () => {
        while (!over) {
          Atomics.store(held, 0, (await hold()) ? 1 : 0);
          await new Promise((resolve) => setTimeout(resolve, HOLD_LOOK_MS));
        }
      })();
      try {
        return await order({ kind: 'as-taken', queuedBytes, seconds });
      } finally {
        over = true;
        await watching;
        Atomics.store(held, 0, 0);
      }
    },
    close: async () => {
      await worker.terminate();
    },
  };
}
