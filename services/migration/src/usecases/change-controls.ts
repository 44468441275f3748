import { ProblemError, update } from '@sidestep/service-kit';
import type { Mode } from '../domain/decision.ts';
import type { KillSwitch, Ledger, Settings } from './ledger.ts';

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
  await update<Settings>(ledger.records, 'control', 'settings', () => ({ value }));
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
  await update<KillSwitch>(ledger.records, 'control', 'kill-switch', () => ({ value }));
  return value;
}

export function unknownPolicy(name: string): ProblemError {
  const detail = `There is no policy ${name}`;
  return new ProblemError('UNPROCESSABLE', detail, {
    errors: [{ pointer: '/body/policy', detail }],
  });
}
