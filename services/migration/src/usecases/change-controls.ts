import { ProblemError } from '@sidestep/service-kit';
import type { Mode } from '../domain/decision.ts';
import { inRound } from './in-round.ts';
import type { KillSwitch, Ledger, Settings } from './ledger.ts';

/** Changes what decisions are made by, between two rounds of deciding: none goes by the old once the new is in force. */
export async function changeControl<T extends object>(
  ledger: Ledger,
  id: string,
  change: (stored: T | undefined) => T,
): Promise<void> {
  await inRound(ledger, async (round) => {
    const stored = await ledger.records.get<T>('control', id);
    const expected = stored?.version ?? 'absent';
    await round.commit([{ kind: 'control', id, expected, value: change(stored?.value) }]);
  });
}

type Needs = { ledger: Ledger; now(): number };

export async function changeSettings(
  { ledger, now }: Needs,
  given: { mode: Mode; policy: string; by: string },
  isPolicy: (name: string) => boolean,
): Promise<Settings> {
  if (!isPolicy(given.policy)) throw unknownPolicy(given.policy);
  const value: Settings = {
    mode: given.mode,
    policy: given.policy,
    updatedAtMs: now(),
    updatedBy: given.by,
  };
  await changeControl(ledger, 'settings', () => value);
  return value;
}

export async function setKillSwitch(
  { ledger, now }: Needs,
  given: { engaged: boolean; reason: string; by: string },
): Promise<KillSwitch> {
  const value: KillSwitch = {
    engaged: given.engaged,
    reason: given.reason,
    updatedAtMs: now(),
    updatedBy: given.by,
  };
  await changeControl(ledger, 'kill-switch', () => value);
  return value;
}

export function unknownPolicy(name: string): ProblemError {
  const detail = `There is no policy ${name}`;
  return new ProblemError('UNPROCESSABLE', detail, {
    errors: [{ pointer: '/body/policy', detail }],
  });
}
