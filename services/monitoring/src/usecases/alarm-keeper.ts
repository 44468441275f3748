import type { Jobs, Log, PendingEvent, Records, Stored } from '@sidestep/service-kit';
import { type AlarmRule, defaultRules } from '../domain/alarm-rule.ts';
import type { Alarm } from './alarm-desk.ts';

/** The queue that wakes Migration up. */
export const WAKE_QUEUE = 'alarm-wake';

/** Outbox topic of what is told to webhooks. */
const NOTIFY = 'alarm-notify';

const EVENTS_AT_ONCE = 1000;
/** Wake-ups that wait for a queue that is away. */
const MAX_WAKES_WAITING = 100;

const RULE = 'alarm-rule';
const ALARM = 'alarm';
const SEEDED = 'alarm-rules-seeded';

interface Seeded {
  readonly rules?: readonly string[];
}

/**
 * Keeps rules and raised or cleared alarms, and wakes Migration after each change. The wake-up waits in the records' outbox
 * until the queue has it; it says which alarm changed, never what to do.
 */
export class AlarmKeeper {
  readonly #records: Records;
  readonly #jobs: Pick<Jobs, 'enqueue'>;
  readonly #log: Log;
  readonly #unsaved = new Map<string, Alarm>();
  readonly #versions = new Map<string, number>();
  #saving: Promise<void> | undefined;
  #waking: Promise<void> | undefined;
  #wakeAgain = false;

  readonly #notify: ((alarm: Alarm) => Promise<void>) | undefined;

  constructor(
    records: Records,
    jobs: Pick<Jobs, 'enqueue'>,
    log: Log,
    notify?: (alarm: Alarm) => Promise<void>,
  ) {
    this.#notify = notify;
    this.#records = records;
    this.#jobs = jobs;
    this.#log = log;
  }

  /** What was kept; the rules that ship are added once each, so that a removed one stays removed. */
  async load(): Promise<{ rules: AlarmRule[]; alarms: Alarm[] }> {
    const seeded = await this.#records.get<Seeded>(SEEDED, SEEDED);
    // The first version noted no names: it shipped one rule.
    const known = new Set(seeded === undefined ? [] : (seeded.value.rules ?? ['host-cpu-high']));
    const fresh = defaultRules.filter(({ id }) => !known.has(id));
    if (fresh.length > 0) {
      const kept = new Set((await this.#all<AlarmRule>(RULE)).map(({ id }) => id));
      await this.#records.commit([
        ...fresh
          .filter(({ id }) => !kept.has(id))
          .map((rule) => ({
            kind: RULE,
            id: rule.id,
            expected: 'absent' as const,
            value: rule,
          })),
        {
          kind: SEEDED,
          id: SEEDED,
          expected: seeded?.version ?? ('absent' as const),
          value: { rules: defaultRules.map(({ id }) => id) },
        },
      ]);
    }
    const rules = await this.#all<AlarmRule>(RULE);
    const alarms = await this.#all<Alarm>(ALARM);
    return { rules: rules.map(({ value }) => value), alarms: alarms.map(({ value }) => value) };
  }

  async saveRule(rule: AlarmRule): Promise<void> {
    await this.#records.commit([
      { kind: RULE, id: rule.id, expected: this.#expected(RULE, rule.id), value: rule },
    ]);
    this.#raiseVersion(RULE, rule.id);
  }

  async forgetRule(id: string): Promise<void> {
    const expected = this.#expected(RULE, id);
    if (expected === 'absent') return;
    await this.#records.commit([{ kind: RULE, id, expected, value: null }]);
    this.#versions.delete(`${RULE} ${id}`);
  }

  async forgetAlarms(ids: readonly string[]): Promise<void> {
    const writes = ids.flatMap((id) => {
      const expected = this.#expected(ALARM, id);
      return expected === 'absent' ? [] : [{ kind: ALARM, id, expected, value: null }];
    });
    if (writes.length === 0) return;
    await this.#records.commit(writes);
    for (const { id } of writes) this.#versions.delete(`${ALARM} ${id}`);
  }

  /** Notes a changed alarm; it is saved and told at once, and again by `retry` should that fail. */
  changed(alarm: Alarm): void {
    this.#unsaved.set(alarm.id, alarm);
    void this.retry();
  }

  /** Saves what is not saved and wakes for what was not told. Never rejects. */
  async retry(): Promise<void> {
    await this.#save();
    await this.#wake().catch((error: unknown) => {
      this.#log.error({ error }, 'What is to be told of alarms could not be read; it is kept');
    });
  }

  #save(): Promise<void> {
    this.#saving ??= this.#saveAll().finally(() => {
      this.#saving = undefined;
    });
    return this.#saving;
  }

  async #saveAll(): Promise<void> {
    while (this.#unsaved.size > 0) {
      const alarms = [...this.#unsaved.values()];
      try {
        await this.#records.commit(
          alarms.map((alarm) => ({
            kind: ALARM,
            id: alarm.id,
            expected: this.#expected(ALARM, alarm.id),
            value: alarm,
            keys: { state: alarm.state, resource: alarm.resource },
          })),
          {
            events: alarms.flatMap((alarm) => [
              {
                topic: WAKE_QUEUE,
                payload: { alarmId: alarm.id, resource: alarm.resource, state: alarm.state },
              },
              ...(this.#notify === undefined ? [] : [{ topic: NOTIFY, payload: alarm }]),
            ]),
          },
        );
      } catch (error) {
        this.#log.error({ error, alarms: alarms.length }, 'Alarms could not be saved');
        return;
      }
      for (const alarm of alarms) {
        this.#raiseVersion(ALARM, alarm.id);
        if (this.#unsaved.get(alarm.id) === alarm) this.#unsaved.delete(alarm.id);
      }
    }
  }

  #wake(): Promise<void> {
    this.#wakeAgain = true;
    this.#waking ??= this.#wakeAll().finally(() => {
      this.#waking = undefined;
    });
    return this.#waking;
  }

  async #wakeAll(): Promise<void> {
    while (this.#wakeAgain) {
      this.#wakeAgain = false;
      let failed: unknown;
      let waiting = 0;
      let settled = 0;
      const settle = async ({ sequence }: PendingEvent): Promise<void> => {
        await this.#records.settleEvent(sequence);
        settled += 1;
      };
      // What became of an alarm is not told before what it was.
      const heldUp = new Set<string>();
      const events = await this.#records.pendingEvents(EVENTS_AT_ONCE);
      for (const event of events) {
        const told = event.topic === NOTIFY ? (event.payload as Alarm).id : undefined;
        if (told !== undefined && heldUp.has(told)) continue;
        // A queue that is away does not hold up what goes elsewhere; nor do its wake-ups pile up, as one wakes like a thousand.
        if (event.topic === WAKE_QUEUE && failed !== undefined) {
          waiting += 1;
          if (waiting > MAX_WAKES_WAITING) await settle(event);
          continue;
        }
        try {
          await this.#tell(event);
          await settle(event);
        } catch (error) {
          failed = error;
          if (told !== undefined) heldUp.add(told);
        }
      }
      // There may be more behind these.
      if (events.length === EVENTS_AT_ONCE && settled > 0) this.#wakeAgain = true;
      if (failed !== undefined && !this.#wakeAgain) {
        this.#log.warn({ error: failed }, 'A change of an alarm could not be told; it is kept');
        return;
      }
    }
  }

  async #tell({ topic, payload }: PendingEvent): Promise<void> {
    if (topic === NOTIFY) await this.#notify?.(payload as Alarm);
    else {
      const data = payload as Record<string, string>;
      await this.#jobs.enqueue(WAKE_QUEUE, { name: 'alarm-changed', data });
    }
  }

  #expected(kind: string, id: string): number | 'absent' {
    return this.#versions.get(`${kind} ${id}`) ?? 'absent';
  }

  #raiseVersion(kind: string, id: string): void {
    const key = `${kind} ${id}`;
    this.#versions.set(key, (this.#versions.get(key) ?? 0) + 1);
  }

  async #all<T extends object>(kind: string): Promise<Stored<T>[]> {
    const found: Stored<T>[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#records.list<T>(kind, {
        order: 'oldest',
        limit: 1000,
        ...(cursor === undefined ? {} : { cursor }),
      });
      found.push(...page.items);
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    for (const { id, version } of found) this.#versions.set(`${kind} ${id}`, version);
    return found;
  }
}
