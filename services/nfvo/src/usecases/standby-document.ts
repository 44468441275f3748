import { type Fence, type Problem, type Records, type Stored, update } from '@sidestep/service-kit';
import { allOf, kinds } from './documents.ts';

export type StandbyState = 'starting' | 'joining' | 'leaving' | 'undoing' | 'completed' | 'failed';

/** A second instance that takes the place of a hop's only member, saved before each of its calls. */
export type StandbyDocument = {
  readonly serverId: string;
  readonly state: StandbyState;
  readonly chainId: string;
  readonly groupId: string;
  /** What was asked for. */
  readonly wanted: WantedStandby;
  readonly hostId: string | null;
  readonly standbyServerId: string | null;
  readonly startedAtMs: number;
  /** When the second instance was first seen to run; null before. */
  readonly activeAtMs: number | null;
  readonly endedAtMs: number | null;
  /** Failures of the state that it is in. */
  readonly failures: number;
  /** Nothing is tried before (ms since the epoch). */
  readonly notBeforeMs: number;
  readonly problem: Problem | null;
};

export type WantedStandby = {
  readonly hostId: string | null;
  readonly policy: string;
  readonly userData: string | null;
  readonly monitoring: boolean | null;
  readonly warmUpMs: number;
};

export function isOpen({ state }: Pick<StandbyDocument, 'state'>): boolean {
  return state !== 'completed' && state !== 'failed';
}

/** Standbys that are not ended, oldest first. */
export function openStandbys(
  records: Records,
  where: Record<string, string> = {},
): Promise<Stored<StandbyDocument>[]> {
  return allOf<StandbyDocument>(records, kinds.standby, { ...where, open: 'yes' });
}

export async function saveStandby(
  records: Records,
  id: string,
  change: (last: StandbyDocument | undefined) => StandbyDocument,
  fence: Fence,
): Promise<StandbyDocument> {
  const saved = await update<StandbyDocument>(
    records,
    kinds.standby,
    id,
    (last) => {
      const value = change(last);
      return { value, keys: { server: value.serverId, ...(isOpen(value) ? { open: 'yes' } : {}) } };
    },
    { fence },
  );
  if (saved === undefined) throw new Error(`standby ${id} was not saved`);
  return saved;
}
