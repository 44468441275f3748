import { randomUUID } from 'node:crypto';
import { NotFound, ProblemError } from '@sidestep/service-kit';
import { type GuardrailLimits, limitFaults } from '../domain/guardrails/limits.ts';
import { isOver, type MaintenanceWindow } from '../domain/guardrails/maintenance.ts';
import { changeControl } from './change-controls.ts';
import type { BreakerClosures, GuardrailSettings } from './guard-ledger.ts';
import { inRound } from './in-round.ts';
import type { Ledger } from './ledger.ts';

type Needs = { ledger: Ledger; now(): number };

/** Windows that may be declared at once. */
export const maxWindows = 200;
/** Closures of the breaker that are remembered. */
const maxClosures = 50;

/** Puts other limits in force; refuses those that contradict each other, naming each place. */
export async function changeGuardrails(
  { ledger, now }: Needs,
  limits: GuardrailLimits,
  by: string,
): Promise<void> {
  const faults = limitFaults(limits);
  if (faults.length > 0) {
    throw new ProblemError('UNPROCESSABLE', 'The limits contradict each other', {
      errors: faults.map(({ pointer, detail }) => ({ pointer: `/body${pointer}`, detail })),
    });
  }
  const value: GuardrailSettings = { limits, updatedAtMs: now(), updatedBy: by };
  await changeControl(ledger, 'guardrails', () => value);
}

/** Forgets the failures up to now: an operator has seen to their cause. */
export async function closeBreaker(
  { ledger, now }: Needs,
  { by, reason }: { by: string; reason: string },
): Promise<void> {
  await changeControl<BreakerClosures>(ledger, 'breaker', (stored) => ({
    closures: [...(stored?.closures ?? []), { atMs: now(), by, reason }].slice(-maxClosures),
  }));
}

/** Declares a time in which a host, or every host, is left alone. */
export async function declareWindow(
  { ledger, now }: Needs,
  given: Pick<MaintenanceWindow, 'hostId' | 'times' | 'reason'> & { by: string },
): Promise<MaintenanceWindow> {
  const { by, ...rest } = given;
  const { times } = rest;
  if (times.kind === 'once' && times.untilMs <= Math.max(times.fromMs, now())) {
    const detail = 'must be after its beginning, and in the future';
    throw new ProblemError('UNPROCESSABLE', `The window's end ${detail}`, {
      errors: [{ pointer: '/body/once/until', detail }],
    });
  }
  const declared = await ledger.guard.windows();
  if (declared.filter((each) => !isOver(each, now())).length >= maxWindows) {
    throw new ProblemError('CONFLICT', `${maxWindows} windows are declared, which is the limit`);
  }
  const window: MaintenanceWindow = {
    ...rest,
    id: randomUUID(),
    createdAtMs: now(),
    createdBy: by,
  };
  await inRound(ledger, (round) =>
    round.commit([
      { kind: 'maintenance-window', id: window.id, expected: 'absent', value: window },
    ]),
  );
  return window;
}

/** Ends a window, or takes it back before it begins. */
export async function endWindow({ ledger }: Needs, id: string): Promise<void> {
  const stored = await ledger.records.get<MaintenanceWindow>('maintenance-window', id);
  if (stored === undefined) throw new NotFound('maintenance window', id);
  await ledger.records.commit([
    { kind: 'maintenance-window', id, expected: stored.version, value: null },
  ]);
}
