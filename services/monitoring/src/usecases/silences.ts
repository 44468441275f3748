import { randomUUID } from 'node:crypto';
import { type Clock, Conflict, NotFound, ProblemError } from '@sidestep/service-kit';
import type { Silence } from '../domain/silence.ts';
import type { KeptList } from './kept-list.ts';

const MAX_SILENCES = 1000;
const KEPT_AFTER_MS = 7 * 86_400_000;

/** Silences: made with an author and an end, ended early by whoever may. */
export class Silences {
  readonly #kept: KeptList<Silence>;
  readonly #clock: Clock;

  constructor(kept: KeptList<Silence>, clock: Clock) {
    this.#kept = kept;
    this.#clock = clock;
  }

  all(): Silence[] {
    return this.#kept.all();
  }

  async add(spec: Omit<Silence, 'id' | 'startsAtMs'> & { startsAtMs?: number }): Promise<Silence> {
    const startsAtMs = spec.startsAtMs ?? this.#clock.now();
    if (spec.expiresAtMs <= startsAtMs) {
      const detail = 'must lie after the start, which is now by default';
      throw new ProblemError('INVALID_REQUEST', `expiresAt ${detail}`, {
        errors: [{ pointer: '/expiresAt', detail }],
      });
    }
    await this.forgetOld();
    if (this.#kept.size >= MAX_SILENCES) throw new Conflict(`There are ${MAX_SILENCES} silences`);
    const silence = { ...spec, startsAtMs, id: randomUUID() };
    await this.#kept.put(silence);
    return silence;
  }

  /** Ends a silence now; it stays to be seen for a week. */
  async end(id: string): Promise<void> {
    const silence = this.#kept.get(id);
    if (silence === undefined) throw new NotFound('silence', id);
    const expiresAtMs = Math.min(silence.expiresAtMs, this.#clock.now());
    await this.#kept.put({ ...silence, expiresAtMs });
  }

  async forgetOld(): Promise<void> {
    const oldMs = this.#clock.now() - KEPT_AFTER_MS;
    for (const { id, expiresAtMs } of this.all())
      if (expiresAtMs < oldMs) await this.#kept.remove(id);
  }
}
