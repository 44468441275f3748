import type { HostId } from '@sidestep/fleet';
import type { Abort, MoveIntent, NovaMove, Operation, WayBack } from './operation.ts';
import { isTerminalRecord } from './own-move.ts';

/** One live migration of an operation: where from, where to, and how far it is known to have come. */
export type MoveLeg = {
  from: HostId;
  to: HostId;
  intent: MoveIntent | null;
  nova: NovaMove | null;
  abort: Abort | null;
};
type Progress = Pick<MoveLeg, 'intent' | 'nova' | 'abort'>;

/** Where a leg is kept in an operation. */
export type Leg = {
  /** Under which name a test finds its points. */
  name: 'migrate' | 'go-back';
  of(operation: Operation): MoveLeg;
  with(operation: Operation, progress: Partial<Progress>): Operation;
};

export const thereLeg: Leg = {
  name: 'migrate',
  of: ({ from, to, intent, nova, abort }) => ({ from, to, intent, nova, abort }),
  with: (operation, progress) => ({ ...operation, ...progress }),
};

export const backLeg: Leg = {
  name: 'go-back',
  of: (operation) => {
    const { intent, nova, abort } = wayBackOf(operation);
    return { from: operation.to, to: operation.from, intent, nova, abort };
  },
  with: (operation, progress) => ({
    ...operation,
    back: { ...wayBackOf(operation), ...progress },
  }),
};

/** The way back of an operation that is known to be on it. */
export function wayBackOf({ id, back }: Operation): WayBack {
  if (back === null) throw new Error(`operation ${id} is not on its way back`);
  return back;
}

/** Is it certain that no live migration of the leg is on its way? */
export function legIsOver({ intent, nova }: Pick<MoveLeg, 'intent' | 'nova'>): boolean {
  if (intent === null) return true;
  return nova === null
    ? !intent.outstanding
    : nova.status !== null && isTerminalRecord(nova.status);
}

/** The intent of a leg that is known to have one. */
export function intentOf(leg: Leg, operation: Operation): MoveIntent {
  const { intent } = leg.of(operation);
  if (intent === null) throw new Error(`operation ${operation.id} has no intent`);
  return intent;
}
