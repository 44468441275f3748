import type { ChainGap } from '../emulator-types.ts';
import type { PathCondition } from '../load/load-model.ts';
import type { FollowedPath, Trouble } from './data-path.ts';

interface Condition {
  readonly atMs: number;
  readonly lostShare: number;
  readonly bypassFrom: number | 'none';
}

/** Above this share of lost requests a chain counts as down. */
const DOWN = 0.999;
const MAX_CONDITIONS = 200;
const MAX_GAPS = 20_000;

type OpenGap = Omit<ChainGap, 'toMs'> & { toMs: number | 'open' };

/** What each chain's path was like, when: gaps for those who assert, shares for the load model. */
export class PathLog {
  readonly #conditions = new Map<string, Condition[]>();
  readonly #open = new Map<string, Map<string, OpenGap>>();
  readonly #gaps: OpenGap[] = [];

  record(followed: FollowedPath, atMs: number): void {
    const { chainId, lostShare, bypassFrom } = followed.path;
    const conditions = this.#conditions.get(chainId) ?? [];
    this.#conditions.set(chainId, conditions);
    const last = conditions.at(-1);
    if (last === undefined || last.lostShare !== lostShare || last.bypassFrom !== bypassFrom)
      conditions.push({ atMs, lostShare, bypassFrom });
    if (conditions.length > MAX_CONDITIONS) conditions.shift();
    this.#recordGaps(chainId, followed.troubles, atMs);
  }

  /** A chain that is no more loses nothing. */
  forget(chainId: string, atMs: number): void {
    this.#recordGaps(chainId, [], atMs);
    this.#conditions.delete(chainId);
  }

  gaps(): readonly ChainGap[] {
    return this.#gaps.map((gap) => ({ ...gap }));
  }

  /** What the path was like from `toMs - spanMs` to `toMs`. */
  over(chainId: string, toMs: number, spanMs: number, hops: number): PathCondition {
    const conditions = this.#conditions.get(chainId) ?? [];
    const fromMs = toMs - spanMs;
    const latest = conditions.at(-1);
    let downMs = 0;
    let lostMs = 0;
    let bypassFrom: number | 'none' = 'none';
    for (const [index, { atMs, lostShare, bypassFrom: bypass }] of conditions.entries()) {
      const beginMs = Math.max(fromMs, atMs);
      const endMs = Math.min(toMs, conditions[index + 1]?.atMs ?? Number.POSITIVE_INFINITY);
      const lastedMs = endMs - beginMs;
      if (lastedMs <= 0) continue;
      if (lostShare >= DOWN) downMs += lastedMs;
      else lostMs += lostShare * lastedMs;
      if (bypass !== 'none') bypassFrom = bypass;
    }
    const upMs = spanMs - downMs;
    if (latest !== undefined && latest.atMs <= fromMs) bypassFrom = latest.bypassFrom;
    return {
      lostShare: upMs > 0 ? Math.min(1, lostMs / upMs) : 0,
      downShare: Math.min(1, downMs / spanMs),
      bypassFrom: bypassFrom === 'none' ? hops : bypassFrom,
    };
  }

  #recordGaps(chainId: string, troubles: readonly Trouble[], atMs: number): void {
    const open = this.#open.get(chainId) ?? new Map<string, OpenGap>();
    this.#open.set(chainId, open);
    const now = new Map<string, Trouble>();
    for (const trouble of troubles) {
      const key = `${trouble.kind}/${trouble.hop}/${trouble.reason}`;
      const known = now.get(key);
      now.set(
        key,
        known === undefined ? trouble : { ...known, share: known.share + trouble.share },
      );
    }
    for (const [key, gap] of open) {
      if (now.get(key)?.share === gap.share) continue;
      gap.toMs = atMs;
      open.delete(key);
    }
    for (const [key, trouble] of now) {
      if (open.has(key)) continue;
      const gap: OpenGap = { chainId, ...trouble, fromMs: atMs, toMs: 'open' };
      open.set(key, gap);
      this.#gaps.push(gap);
      if (this.#gaps.length > MAX_GAPS) this.#gaps.shift();
    }
  }
}
