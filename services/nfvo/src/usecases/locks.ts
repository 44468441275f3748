import { type Fence, FenceLost, ProblemError, type Records } from '@sidestep/service-kit';

/** How long a lease outlives a holder that died: as long a closed hop stays shut. */
export const leaseTtlMs = 10_000;

export type Locks = {
  /**
   * Runs the work while holding every lease; all are renewed as it runs. Throws VERSION_CONFLICT when they are not
   * free in time.
   */
  holding<T>(
    names: readonly string[],
    waitMs: number,
    work: (held: Held) => Promise<T>,
  ): Promise<T>;
};

export type Held = {
  /** Of the first lease: goes with each commit. */
  readonly fence: Fence;
  /** Throws FenceLost when somebody else has taken one over: to be called before each call to the cloud. */
  renew(): Promise<void>;
};

/** Leases of Records, by names such as `chain:<id>`; taken in one order, so that two never wait for each other. */
export function createLocks(options: {
  records: Records;
  holder: string;
  sleep: (ms: number) => Promise<void>;
  /** Default: `leaseTtlMs`. */
  leaseMs?: number;
}): Locks {
  const { records, holder, sleep, leaseMs = leaseTtlMs } = options;
  const heartbeatMs = Math.ceil(leaseMs / 5);
  return {
    holding: async (names, waitMs, work) => {
      const wanted = [...new Set(names)].toSorted();
      const fences = new Map<string, Fence>();
      let waitedMs = 0;
      const release = async () => {
        for (const fence of fences.values())
          await records.releaseLease(fence).catch(() => undefined);
        fences.clear();
      };
      try {
        for (const name of wanted) {
          for (;;) {
            const fence = await records.acquireLease(name, holder, leaseMs);
            if (fence !== undefined) {
              fences.set(name, fence);
              break;
            }
            if (waitedMs >= waitMs)
              throw new ProblemError(
                'VERSION_CONFLICT',
                `${name.replace(':', ' ')} is being changed by another request`,
              );
            await sleep(pollMs);
            waitedMs += pollMs;
          }
        }
        const renew = async () => {
          for (const fence of fences.values()) {
            if (!(await records.renewLease(fence, leaseMs))) throw new FenceLost(fence.lease);
          }
        };
        const [first] = names;
        const fence = first === undefined ? undefined : fences.get(first);
        if (fence === undefined) throw new TypeError('no lease is asked for');
        // A call to the cloud may take longer than a lease; a lost one shows at the next renewal.
        const heart = setInterval(() => renew().catch(() => undefined), heartbeatMs);
        heart.unref();
        try {
          return await work({ fence, renew });
        } finally {
          clearInterval(heart);
        }
      } finally {
        await release();
      }
    },
  };
}

const pollMs = 100;

export function serverLock(serverId: string): string {
  return `server:${serverId}`;
}

/** Of every server once. */
export function serverLocks(hops: readonly (readonly string[])[]): string[] {
  return [...new Set(hops.flat())].map(serverLock);
}

export function chainLock(chainId: string): string {
  return `chain:${chainId}`;
}
