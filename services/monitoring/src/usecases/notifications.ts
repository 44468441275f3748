import { createHash } from 'node:crypto';
import type { Notification, SecurityLevel, Severity } from '@sidestep/collectd';
import type { Clock, Log, Records, Stored } from '@sidestep/service-kit';

/** What an agent said of itself, or of a threshold of its own; kept newest first. */
export interface KeptNotification {
  readonly id: string;
  /** The host, server or other resource that the agent reports for. */
  readonly resource: string;
  readonly agent: string;
  readonly plugin: string;
  readonly pluginInstance: string;
  readonly type: string;
  readonly typeInstance: string;
  readonly severity: Severity;
  readonly message: string;
  readonly timeMs: number;
  readonly receivedAtMs: number;
  /** It came signed or encrypted. */
  readonly isProtected: boolean;
}

const KIND = 'notification';
const MAX_KEPT = 10_000;
/** More than this between two commits are a flood: counted, not kept. */
const MAX_WAITING = 1000;
const MAX_MESSAGE = 1000;

interface Held {
  readonly value: KeptNotification;
  readonly isSaved: boolean;
}

/** Keeps the newest notifications of the agents: in memory at once, in the records within a second. */
export class Notifications {
  readonly #records: Records;
  readonly #clock: Clock;
  readonly #log: Log;
  /** In the order they came. */
  readonly #held = new Map<string, Held>();
  readonly #waiting = new Map<string, KeptNotification>();
  #dropped = 0;

  constructor(records: Records, clock: Clock, log: Log) {
    this.#records = records;
    this.#clock = clock;
    this.#log = log;
  }

  /** Those that were not kept, as too many came at once. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Takes what was kept. */
  async load(): Promise<void> {
    let cursor: string | undefined;
    do {
      const page: { items: Stored<KeptNotification>[]; nextCursor: string | null } =
        await this.#records.list<KeptNotification>(KIND, {
          order: 'oldest',
          limit: 1000,
          ...(cursor === undefined ? {} : { cursor }),
        });
      for (const { id, value } of page.items) this.#held.set(id, { value, isSaved: true });
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  /** Takes one; the same one again changes nothing. */
  note(notification: Notification, resource: string, security: SecurityLevel): void {
    const { host, message, severity, timeMs } = notification;
    const { plugin, pluginInstance, type, typeInstance } = notification;
    const identity = [host, plugin, pluginInstance, type, typeInstance, severity, timeMs, message];
    const id = createHash('sha256').update(identity.join('\0')).digest('hex').slice(0, 32);
    if (this.#held.has(id)) return;
    if (this.#waiting.size >= MAX_WAITING) {
      this.#dropped += 1;
      return;
    }
    const value: KeptNotification = {
      id,
      resource,
      agent: host,
      plugin,
      pluginInstance,
      type,
      typeInstance,
      severity,
      message: message.slice(0, MAX_MESSAGE),
      timeMs: Math.floor(timeMs),
      receivedAtMs: this.#clock.now(),
      isProtected: security !== 'none',
    };
    this.#held.set(id, { value, isSaved: false });
    this.#waiting.set(id, value);
  }

  all(): KeptNotification[] {
    return [...this.#held.values()].map(({ value }) => value);
  }

  /** Commits what came, and forgets the oldest beyond the bound. Never rejects: what failed is tried again. */
  async save(): Promise<void> {
    const fresh = [...this.#waiting.values()];
    const gone = [...this.#held.values()]
      .slice(0, Math.max(0, this.#held.size - MAX_KEPT))
      .filter(({ isSaved }) => isSaved)
      .map(({ value }) => value.id);
    if (fresh.length + gone.length === 0) return;
    try {
      await this.#records.commit([
        ...fresh.map((value) => ({
          kind: KIND,
          id: value.id,
          expected: 'absent' as const,
          value,
        })),
        ...gone.map((id) => ({ kind: KIND, id, expected: 1, value: null })),
      ]);
    } catch (error) {
      this.#log.error({ error, notifications: fresh.length }, 'Notifications could not be saved');
      return;
    }
    for (const value of fresh) {
      this.#waiting.delete(value.id);
      this.#held.set(value.id, { value, isSaved: true });
    }
    for (const id of gone) this.#held.delete(id);
  }
}
