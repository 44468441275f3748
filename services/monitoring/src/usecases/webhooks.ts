import { randomUUID } from 'node:crypto';
import { type Clock, Conflict, type Log, NotFound } from '@sidestep/service-kit';
import type { AlarmSeverity } from '../domain/alarm-rule.ts';
import { type Attention, isAtLeast } from './alarm-attention.ts';
import type { Alarm } from './alarm-desk.ts';
import type { KeptList } from './kept-list.ts';

/** Somebody who is told of alarms. */
export interface Webhook {
  readonly id: string;
  readonly name: string;
  readonly url: string;
  readonly minSeverity: AlarmSeverity;
}

/** Something to be told, until it was; `dead` after the last attempt. */
export interface Delivery {
  readonly id: string;
  readonly webhookId: string;
  readonly alarm: Alarm;
  readonly attempts: number;
  readonly nextAtMs: number;
  readonly problem: string | null;
  readonly dead: boolean;
}

/** Posts JSON; rejects, with the reason, unless the answer is a 2xx. */
export type PostJson = (url: string, body: unknown) => Promise<void>;

export interface WebhookParts {
  readonly webhooks: KeptList<Webhook>;
  readonly deliveries: KeptList<Delivery>;
  readonly attentionOf: (alarm: Alarm) => Attention;
  /** How an alarm is told. */
  readonly bodyOf: (alarm: Alarm) => object;
  readonly post: PostJson;
  readonly clock: Clock;
  readonly log: Log;
}

/** Attempts at a delivery: over some six minutes. */
export const MAX_ATTEMPTS = 6;
const FIRST_PAUSE_MS = 1000;
const PAUSE_GROWS = 4;
const MAX_WEBHOOKS = 50;
const MAX_DELIVERIES = 10_000;
const AT_ONCE = 8;

/** Tells webhooks of raised and cleared alarms, again and again until they have them or are given up. */
export class Webhooks {
  readonly #parts: WebhookParts;
  #delivering: Promise<void> | undefined;

  constructor(parts: WebhookParts) {
    this.#parts = parts;
  }

  all(): Webhook[] {
    return this.#parts.webhooks.all();
  }

  async add(spec: Omit<Webhook, 'id'>): Promise<Webhook> {
    const { webhooks } = this.#parts;
    if (webhooks.size >= MAX_WEBHOOKS) throw new Conflict(`There are ${MAX_WEBHOOKS} webhooks`);
    const webhook = { ...spec, id: randomUUID() };
    await webhooks.put(webhook);
    return webhook;
  }

  async remove(id: string): Promise<void> {
    const { webhooks, deliveries } = this.#parts;
    if (webhooks.get(id) === undefined) throw new NotFound('webhook', id);
    await webhooks.remove(id);
    for (const each of deliveries.all())
      if (each.webhookId === id) await deliveries.remove(each.id);
  }

  deadLetters(): Delivery[] {
    return this.#parts.deliveries.all().filter(({ dead }) => dead);
  }

  /** Tries a dead letter again, with all its attempts before it. */
  async retry(id: string): Promise<void> {
    const delivery = this.#parts.deliveries.get(id);
    if (delivery?.dead !== true) throw new NotFound('dead letter', id);
    const nextAtMs = this.#parts.clock.now();
    await this.#parts.deliveries.put({ ...delivery, attempts: 0, nextAtMs, dead: false });
  }

  /** Notes a changed alarm for everybody who is to be told; inhibited, silenced and flapping ones are not. */
  async notify(alarm: Alarm): Promise<void> {
    const { attentionOf, clock, deliveries, log } = this.#parts;
    const { inhibitedBy, silencedBy, flapping } = attentionOf(alarm);
    if (inhibitedBy !== null || silencedBy.length > 0 || flapping) return;
    for (const { id: webhookId, minSeverity } of this.all()) {
      if (!isAtLeast(alarm.severity, minSeverity)) continue;
      if (deliveries.size >= MAX_DELIVERIES) {
        log.error({ alarmId: alarm.id }, 'Too many deliveries wait: an alarm is not told');
        return;
      }
      // Told again after a crash, the change has the same name: it is noted once.
      const id = `${webhookId}.${alarm.id}.${alarm.state}.${alarm.updatedAtMs}`;
      if (deliveries.get(id) !== undefined) continue;
      await deliveries.put({
        id,
        webhookId,
        alarm,
        attempts: 0,
        nextAtMs: clock.now(),
        problem: null,
        dead: false,
      });
    }
  }

  /** Delivers what is due; never two runs at once. */
  deliver(): Promise<void> {
    this.#delivering ??= this.#deliverDue().finally(() => {
      this.#delivering = undefined;
    });
    return this.#delivering;
  }

  async #deliverDue(): Promise<void> {
    const nowMs = this.#parts.clock.now();
    const due = this.#parts.deliveries
      .all()
      .filter(({ dead, nextAtMs }) => !dead && nextAtMs <= nowMs);
    for (let at = 0; at < due.length; at += AT_ONCE) {
      await Promise.all(due.slice(at, at + AT_ONCE).map((delivery) => this.#attempt(delivery)));
    }
  }

  async #attempt(delivery: Delivery): Promise<void> {
    const { webhooks, deliveries, bodyOf, post, clock } = this.#parts;
    const webhook = webhooks.get(delivery.webhookId);
    if (webhook === undefined) return deliveries.remove(delivery.id);
    try {
      await post(webhook.url, bodyOf(delivery.alarm));
    } catch (error) {
      const attempts = delivery.attempts + 1;
      const problem = error instanceof Error ? error.message : String(error);
      const pauseMs = FIRST_PAUSE_MS * PAUSE_GROWS ** (attempts - 1);
      await deliveries.put({
        ...delivery,
        attempts,
        problem,
        nextAtMs: clock.now() + pauseMs,
        dead: attempts >= MAX_ATTEMPTS,
      });
      return;
    }
    await deliveries.remove(delivery.id);
  }
}
