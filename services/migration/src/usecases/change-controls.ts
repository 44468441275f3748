import type { Policy } from '@sidestep/policies';
import { ProblemError } from '@sidestep/service-kit';
import type { Mode, ModeRule, Ownership } from '../domain/modes.ts';
import { inRound } from './in-round.ts';
import type { KillSwitch, Ledger, ModeSettings, OwnerSettings, Settings } from './ledger.ts';

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
  given: {
    mode: Mode;
    policy: string;
    policyParams?: Readonly<Record<string, number>>;
    by: string;
  },
  policyNamed: (name: string) => Policy | undefined,
): Promise<Settings> {
  const policy = policyNamed(given.policy);
  if (policy === undefined) throw unknownPolicy(given.policy);
  demandParams(policy, given.policyParams ?? {});
  const value: Settings = {
    mode: given.mode,
    policy: given.policy,
    policyParams: given.policyParams ?? {},
    updatedAtMs: now(),
    updatedBy: given.by,
  };
  await changeControl(ledger, 'settings', () => value);
  return value;
}

/** Sets the modes of rules, aggregates and servers; none may be said twice. */
export async function changeModes(
  { ledger, now }: Needs,
  given: { rules: readonly ModeRule[]; controlShare: number; by: string },
): Promise<ModeSettings> {
  const keys = given.rules.map(({ scope, id }) => `${scope} ${id}`);
  demandOnce(keys, '/body/rules');
  const { rules, controlShare, by } = given;
  const value = { rules, controlShare, updatedAtMs: now(), updatedBy: by };
  await changeControl<ModeSettings>(ledger, 'modes', () => value);
  return value;
}

/** Declares whose VNFs are whose; each subject is said once. */
export async function changeOwners(
  { ledger, now }: Needs,
  { owners, by }: { owners: readonly Ownership[]; by: string },
): Promise<OwnerSettings> {
  demandOnce(
    owners.map(({ subject }) => subject),
    '/body/owners',
  );
  const value = { owners, updatedAtMs: now(), updatedBy: by };
  await changeControl<OwnerSettings>(ledger, 'owners', () => value);
  return value;
}

function demandOnce(keys: readonly string[], pointer: string): void {
  const errors = keys.flatMap((key, index) =>
    keys.indexOf(key) < index
      ? [{ pointer: `${pointer}/${index}`, detail: `${key} was said before` }]
      : [],
  );
  if (errors.length > 0) {
    throw new ProblemError('UNPROCESSABLE', 'Something is said twice', { errors });
  }
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

/** The settings' parameters for a policy: they are of the settings' own policy only. */
export const paramsInForce = (
  { policy, policyParams = {} }: Settings,
  { name }: Policy,
): Readonly<Record<string, number>> => (policy === name ? policyParams : {});

/** Refuses what the policy's own schema refuses, every fault at its place. */
export function demandParams(
  { name, params }: Policy,
  given: Readonly<Record<string, number>>,
): void {
  const errors = Object.entries(given).flatMap(([key, value]) => {
    const pointer = `/body/policyParams/${key}`;
    const schema = params[key];
    if (schema === undefined) return [{ pointer, detail: `is no parameter of ${name}` }];
    const { minimum, maximum } = schema;
    const fits = value >= minimum && value <= maximum;
    return fits ? [] : [{ pointer, detail: `must be from ${minimum} to ${maximum}` }];
  });
  if (errors.length > 0)
    throw new ProblemError('UNPROCESSABLE', `These are not parameters of ${name}`, { errors });
}

export function unknownPolicy(name: string): ProblemError {
  const detail = `There is no policy ${name}`;
  return new ProblemError('UNPROCESSABLE', detail, {
    errors: [{ pointer: '/body/policy', detail }],
  });
}
