/** A stored document and its version: 1 when made, one more at each change. */
export type Stored<T> = { id: string; version: number; value: T };

/** One change of a commit. `expected` is the version that the writer has read; 'absent' for a new document. */
export type Write = {
  kind: string;
  id: string;
  expected: number | 'absent';
  /** The new value, or null to delete. JSON. */
  value: object | null;
  /** By what `list` can find it. */
  keys?: Record<string, string>;
};

/** Something to be told once the commit is kept, at least once. */
export type OutboxEvent = { topic: string; payload: object };
export type PendingEvent = OutboxEvent & { sequence: number };

/** A commit with a fence is refused once somebody else holds the lease. */
export type Fence = { lease: string; epoch: number };

export type ListQuery = {
  /** Only documents that bear all of these keys. */
  where?: Record<string, string>;
  /** By when they were made. Default 'newest'. */
  order?: 'newest' | 'oldest';
  limit: number;
  cursor?: string | undefined;
};

/** A service's own documents. The truth of the house is here, never in a queue. */
export type Records = {
  get<T extends object>(kind: string, id: string): Promise<Stored<T> | undefined>;
  list<T extends object>(
    kind: string,
    query: ListQuery,
  ): Promise<{ items: Stored<T>[]; nextCursor: string | null }>;
  /** All writes and events, or none. Throws VersionConflict or FenceLost. */
  commit(
    writes: readonly Write[],
    options?: { fence?: Fence; events?: readonly OutboxEvent[] },
  ): Promise<void>;

  /** The lease with a new epoch, or undefined while somebody else's has not run out. */
  acquireLease(name: string, holder: string, ttlMs: number): Promise<Fence | undefined>;
  /** False when the lease is lost. */
  renewLease(fence: Fence, ttlMs: number): Promise<boolean>;
  releaseLease(fence: Fence): Promise<void>;

  pendingEvents(limit: number): Promise<PendingEvent[]>;
  /** The event was told. */
  settleEvent(sequence: number): Promise<void>;
  close(): Promise<void>;
};

/** The document was changed, made or deleted since it was read. */
export class VersionConflict extends Error {
  override readonly name = 'VersionConflict';
  readonly kind: string;
  readonly id: string;
  constructor(kind: string, id: string) {
    super(`${kind} ${id} was changed meanwhile`);
    this.kind = kind;
    this.id = id;
  }
}

/** The writer's lease ran out and was taken by somebody else: it must stop. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
  constructor(lease: string) {
    super(`The lease ${lease} is no longer held`);
  }
}

/**
 * Reads, changes and writes a document until no other writer comes between, a bounded number of times.
 * `change` answers the new value, or undefined to leave it. Throws VersionConflict when it never gets through.
 */
export async function update<T extends object>(
  records: Records,
  kind: string,
  id: string,
  change: (value: T | undefined) => { value: T; keys?: Record<string, string> } | undefined,
  options: { fence?: Fence; events?: readonly OutboxEvent[] } = {},
): Promise<T | undefined> {
  for (let attempt = 1; ; attempt++) {
    const stored = await records.get<T>(kind, id);
    const next = change(stored?.value);
    if (next === undefined) return stored?.value;
    try {
      await records.commit([{ kind, id, expected: stored?.version ?? 'absent', ...next }], options);
      return next.value;
    } catch (error) {
      if (!(error instanceof VersionConflict) || attempt >= 5) throw error;
    }
  }
}
