import { type Records, type Stored, update, type Write } from '@sidestep/service-kit';
import type { GuardFacts, GuardrailName } from '../domain/guardrails/consult.ts';
import { type GuardrailLimits, memoryMs } from '../domain/guardrails/limits.ts';
import { isOver, type MaintenanceWindow } from '../domain/guardrails/maintenance.ts';
import type { Move } from '../domain/guardrails/moves.ts';

/** The limits in force, and who set them. */
export type GuardrailSettings = {
  limits: GuardrailLimits;
  updatedAtMs: number | null;
  updatedBy: string | null;
};

/** What a guardrail held back; the same move held back again is counted, not listed once more. */
export type HeldBack = {
  guardrail: GuardrailName;
  serverId: string;
  from: string;
  to: string;
  reason: string;
  firstAtMs: number;
  lastAtMs: number;
  times: number;
  untilMs: number | null;
};

/** When operators closed the breaker, newest last. */
export type BreakerClosures = { closures: { atMs: number; by: string; reason: string }[] };

/** The guardrails' documents in Records. */
export type GuardLedger = {
  settings(): Promise<GuardrailSettings>;
  /** Everything that the guardrails judge by, as it stands now. */
  facts(nowMs: number): Promise<GuardFacts>;
  move(operationId: string): Promise<Stored<Move> | undefined>;
  closures(): Promise<BreakerClosures>;
  windows(): Promise<MaintenanceWindow[]>;
  heldBack(): Promise<HeldBack[]>;
  noteHeldBack(held: readonly HeldBack[]): Promise<void>;
  /** Forgets what no guardrail looks at any more. */
  prune(nowMs: number): Promise<void>;
};

/** Entries that are listed for one guardrail. */
export const maxHeldBack = 20;
const pageSize = 200;

export function createGuardLedger(
  records: Records,
  initial: GuardrailLimits,
  killSwitch: () => Promise<GuardFacts['killSwitch']>,
): GuardLedger {
  const settings = async () =>
    (await records.get<GuardrailSettings>('control', 'guardrails'))?.value ?? {
      limits: initial,
      updatedAtMs: null,
      updatedBy: null,
    };
  const closures = async () =>
    (await records.get<BreakerClosures>('control', 'breaker'))?.value ?? { closures: [] };
  const windows = async () => {
    const page = await records.list<MaintenanceWindow>('maintenance-window', { limit: 1_000 });
    return page.items.map(({ value }) => value);
  };
  const heldBack = async () =>
    (await records.get<{ held: HeldBack[] }>('control', 'held-back'))?.value.held ?? [];
  const recall = moveMemory(records);
  return {
    settings,
    closures,
    windows,
    heldBack,
    facts: async (nowMs) => {
      const [{ limits }, engaged, closed, running] = await Promise.all([
        settings(),
        killSwitch(),
        closures(),
        windows(),
      ]);
      return {
        nowMs,
        limits,
        killSwitch: engaged,
        breakerClosedAtMs: closed.closures.map(({ atMs }) => atMs),
        windows: running,
        moves: await recall(nowMs - memoryMs(limits)),
      };
    },
    move: (operationId) => records.get<Move>('move', operationId),
    noteHeldBack: async (held) => {
      if (held.length === 0) return;
      await update<{ held: HeldBack[] }>(records, 'control', 'held-back', (stored) => ({
        value: { held: withHeldBack(stored?.held ?? [], held) },
      }));
    },
    prune: async (nowMs) => {
      const { limits } = await settings();
      const goneMs = nowMs - memoryMs(limits);
      const oldest = await records.list<Move>('move', { order: 'oldest', limit: pageSize });
      const over = await records.list<MaintenanceWindow>('maintenance-window', { limit: 1_000 });
      const gone: Write[] = [
        ...oldest.items
          .filter(({ value }) => value.endedAtMs !== null && value.endedAtMs < goneMs)
          .map(({ id, version }) => ({ kind: 'move', id, expected: version, value: null })),
        ...over.items
          .filter(({ value }) => isOver(value, nowMs))
          .map(({ id, version }) => ({
            kind: 'maintenance-window',
            id,
            expected: version,
            value: null,
          })),
      ];
      if (gone.length > 0) await records.commit(gone);
    },
  };
}

export function moveWrite(move: Move, expected: Write['expected']): Write {
  const { operationId, serverId } = move;
  return { kind: 'move', id: operationId, expected, value: move, keys: { serverId } };
}

/**
 * Recalls the moves that are live or ended since. A move that has ended never changes, so a full page of such is read
 * once; what every look reads again is the tail behind it.
 */
function moveMemory(records: Records): (sinceMs: number) => Promise<Move[]> {
  const settled = new Map<string, Move>();
  let settledUpTo: string | undefined;
  return async (sinceMs) => {
    const recalled = new Map<string, Move>();
    let onlyEnded = true;
    let cursor = settledUpTo;
    for (;;) {
      const page = await records.list<Move>('move', { order: 'oldest', limit: pageSize, cursor });
      const moves = page.items.map(({ value }) => value);
      onlyEnded &&= page.nextCursor !== null && moves.every(({ endedAtMs }) => endedAtMs !== null);
      for (const move of moves) (onlyEnded ? settled : recalled).set(move.operationId, move);
      if (page.nextCursor === null) break;
      cursor = page.nextCursor;
      if (onlyEnded) settledUpTo = cursor;
    }
    const isOld = ({ endedAtMs }: Move) => endedAtMs !== null && endedAtMs < sinceMs;
    for (const [id, move] of settled) if (isOld(move)) settled.delete(id);
    return [...new Map([...settled, ...recalled]).values()].filter((move) => !isOld(move));
  };
}

function withHeldBack(before: readonly HeldBack[], held: readonly HeldBack[]): HeldBack[] {
  const keyOf = ({ guardrail, serverId, from, to }: HeldBack) =>
    [guardrail, serverId, from, to].join(' ');
  const all = new Map(before.map((each) => [keyOf(each), each]));
  for (const each of held) {
    const known = all.get(keyOf(each));
    all.set(keyOf(each), {
      ...each,
      firstAtMs: known?.firstAtMs ?? each.firstAtMs,
      times: (known?.times ?? 0) + each.times,
    });
  }
  const newest = [...all.values()].toSorted((a, b) => b.lastAtMs - a.lastAtMs);
  return [...Map.groupBy(newest, ({ guardrail }) => guardrail).values()].flatMap((each) =>
    each.slice(0, maxHeldBack),
  );
}
