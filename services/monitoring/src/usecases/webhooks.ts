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
  /** A later change of the alarm was told meanwhile: it is never told. Absent: none was. */
  readonly overtaken?: boolean;
}

/** An alarm that was raised while it was inhibited, silenced or flapping: nobody has been told of it. */
export interface Withheld {
  /** The alarm's. */
  readonly id: string;
}

/** Posts JSON; rejects, with the reason, unless the answer is a 2xx. */
export type PostJson = (url: string, body: unknown) => Promise<void>;

export interface WebhookParts {
  readonly webhooks: KeptList<Webhook>;
  readonly deliveries: KeptList<Delivery>;
  readonly withheld: KeptList<Withheld>;
  /** Asked once for all the alarms that are looked at. */
  readonly attention: () => (alarm: Alarm) => Attention;
  readonly alarm: (id: string) => Alarm | undefined;
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
/** Dead letters kept: the newest. Nobody's silence may keep others from being told. */
export const MAX_DEAD_LETTERS = 1000;
const AT_ONCE = 8;

/** Tells webhooks of raised and cleared alarms, again and again until they have them or are given up. */
export class Webhooks {
  readonly #parts: WebhookParts;
  #delivering: Promise<void> | undefined;
  #noting: Promise<void> = Promise.resolve();
  #hasEnded = false;

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

  /** Tries a dead letter again, with all its attempts before it; refused where the webhook knows better by now. */
  retry(id: string): Promise<void> {
    return this.#inTurn(() => this.#retry(id));
  }

  async #retry(id: string): Promise<void> {
    const delivery = this.#parts.deliveries.get(id);
    if (delivery?.dead !== true) throw new NotFound('dead letter', id);
    if (delivery.overtaken === true) {
      throw new Conflict(`Dead letter ${id} is ${delivery.problem}`);
    }
    const nextAtMs = this.#parts.clock.now();
    await this.#parts.deliveries.put({ ...delivery, attempts: 0, nextAtMs, dead: false });
  }

  /**
   * Notes a changed alarm for everybody who is to be told. One that is inhibited, silenced or flapping as it is raised is withheld;
   * whoever was told that it was raised is told that it cleared, whatever it is then.
   */
  notify(alarm: Alarm): Promise<void> {
    return this.#inTurn(() => this.#note(alarm));
  }

  /** Tells of alarms that were withheld and are raised still, now that nothing speaks against it. */
  tellWithheld(): Promise<void> {
    return this.#inTurn(() => this.#noteWithheld());
  }

  /** A clearing that came while its raise is being noted would find it withheld still, and be told to nobody; two that write one delivery at once would fail each other. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#noting.then(work);
    this.#noting = done.catch(() => undefined);
    return done;
  }

  async #note(alarm: Alarm): Promise<void> {
    const { attention, withheld } = this.#parts;
    const wasWithheld = withheld.get(alarm.id) !== undefined;
    if (alarm.state !== 'raised') {
      if (wasWithheld) await withheld.remove(alarm.id);
      else await this.#tell(alarm);
    } else if (needsNobody(attention()(alarm))) {
      if (!wasWithheld) await withheld.put({ id: alarm.id });
    } else {
      await this.#tell(alarm);
      await withheld.remove(alarm.id);
    }
  }

  async #noteWithheld(): Promise<void> {
    const { attention, alarm: alarmOf, withheld } = this.#parts;
    if (withheld.size === 0) return;
    const attentionOf = attention();
    for (const { id } of withheld.all()) {
      const alarm = alarmOf(id);
      // What is cleared is told to nobody: its change comes by itself.
      if (alarm?.state === 'raised' && !needsNobody(attentionOf(alarm))) await this.#note(alarm);
      else if (alarm === undefined) await withheld.remove(id);
    }
  }

  async #tell(alarm: Alarm): Promise<void> {
    const { clock, deliveries, log } = this.#parts;
    const { severity, raisedSeverity = severity } = alarm;
    for (const { id: webhookId, minSeverity } of this.all()) {
      if (!isAtLeast(raisedSeverity, minSeverity)) continue;
      if (deliveries.size >= MAX_DELIVERIES + MAX_DEAD_LETTERS) {
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

  /** Leaves what is not being delivered yet to the next process: one webhook that hangs may hold up hundreds. */
  end(): void {
    this.#hasEnded = true;
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
    const due = oldestOfEach(this.#parts.deliveries.all().filter(({ dead }) => !dead)).filter(
      ({ nextAtMs }) => nextAtMs <= nowMs,
    );
    for (let at = 0; at < due.length && !this.#hasEnded; at += AT_ONCE) {
      await Promise.all(due.slice(at, at + AT_ONCE).map((delivery) => this.#attempt(delivery)));
    }
    // Not by each attempt: two at once would both remove the same one.
    await this.#forgetOldestDead();
  }

  async #forgetOldestDead(): Promise<void> {
    const over = this.deadLetters().slice(0, -MAX_DEAD_LETTERS);
    for (const { id } of over) await this.#parts.deliveries.remove(id);
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
    await this.#inTurn(() => this.#overtake(delivery));
    await deliveries.remove(delivery.id);
  }

  /** What the webhook was not told of an alarm before it was told this is not told any more: the last word stays the last. */
  async #overtake(told: Delivery): Promise<void> {
    const { deliveries } = this.#parts;
    for (const each of deliveries.oldestFirst()) {
      if (each.id === told.id) return;
      if (conditionOf(each) !== conditionOf(told) || each.overtaken === true) continue;
      const { state, updatedAtMs } = told.alarm;
      const problem = `overtaken: the webhook was told that the alarm was ${state} at ${timestamp(updatedAtMs)}`;
      await deliveries.put({ ...each, dead: true, overtaken: true, problem });
    }
  }
}

/** Whose word counts for what: changes of one alarm for one webhook follow each other. */
const conditionOf = ({ webhookId, alarm }: Delivery): string => `${webhookId}.${alarm.id}`;

const timestamp = (timeMs: number): string => new Date(timeMs).toISOString();

const needsNobody = ({ inhibitedBy, silencedBy, flapping }: Attention): boolean =>
  inhibitedBy !== null || silencedBy.length > 0 || flapping;

/** Of each alarm and webhook the change that came first: a clearing that overtook its raise would be taken back by it. */
function oldestOfEach(deliveries: readonly Delivery[]): Delivery[] {
  const oldest = new Map<string, Delivery>();
  for (const delivery of deliveries) {
    const key = conditionOf(delivery);
    if (!oldest.has(key)) oldest.set(key, delivery);
  }
  return [...oldest.values()];
}
