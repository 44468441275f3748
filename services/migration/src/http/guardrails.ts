import type { migration } from '@sidestep/contracts';
import type { ServerId } from '@sidestep/fleet';
import { type Handlers, type Principal, ProblemError } from '@sidestep/service-kit';
import { type GuardrailName, guardrailNames } from '../domain/guardrails/consult.ts';
import type { MaintenanceWindow, WindowTimes } from '../domain/guardrails/maintenance.ts';
import { survey } from '../domain/guardrails/survey.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import {
  changeGuardrails,
  closeBreaker,
  declareWindow,
  endWindow,
} from '../usecases/change-guardrails.ts';
import type { Ledger } from '../usecases/ledger.ts';
import { ownServers } from '../usecases/own-moves.ts';
import { time, timeOrNull } from './to-contract.ts';

type Schemas = migration.components['schemas'];
type GuardrailOperation =
  | 'getGuardrails'
  | 'replaceGuardrails'
  | 'closeBreaker'
  | 'listMaintenanceWindows'
  | 'declareMaintenanceWindow'
  | 'endMaintenanceWindow';

/** The guardrails' part of the contract. */
export function guardrailHandlers(options: {
  ledger: Ledger;
  telemetry: Telemetry;
  now(): number;
  nudge(): void;
}): Pick<Handlers<migration.operations>, GuardrailOperation> {
  const { ledger, now, nudge } = options;
  const shown = async (principal: Principal) => {
    const own = await ownServers(options, principal);
    return { status: 200, body: await toGuardrails(ledger, now(), own) } as const;
  };
  return {
    getGuardrails: ({ principal }) => shown(principal),
    replaceGuardrails: async ({ body, principal }) => {
      await changeGuardrails(options, body, principal.name);
      nudge();
      return shown(principal);
    },
    closeBreaker: async ({ body, principal }) => {
      await closeBreaker(options, { by: principal.name, reason: body.reason });
      nudge();
      return shown(principal);
    },
    listMaintenanceWindows: async () => {
      const windows = (await ledger.guard.windows()).map(toWindow);
      return { status: 200, body: { windows } };
    },
    declareMaintenanceWindow: async ({ body, principal }) => {
      const { hostId, reason } = body;
      const given = { hostId, reason, times: timesOf(body), by: principal.name };
      const window = await declareWindow(options, given);
      const headers = { location: `/maintenance-windows/${window.id}` };
      return { status: 201, body: toWindow(window), headers };
    },
    endMaintenanceWindow: async ({ params: { windowId } }) => {
      await endWindow(options, windowId);
      nudge();
      return { status: 204 };
    },
  };
}

/** Guardrails that are filled by one server each. */
const ofServers: ReadonlySet<GuardrailName> = new Set(['cooldown', 'cycle']);

async function toGuardrails(
  ledger: Ledger,
  nowMs: number,
  own: ((serverId: ServerId) => boolean) | null,
): Promise<Schemas['Guardrails']> {
  const [facts, settings, held] = await Promise.all([
    ledger.guard.facts(nowMs),
    ledger.guard.settings(),
    ledger.guard.heldBack(),
  ]);
  const fills = survey(facts);
  return {
    limits: settings.limits,
    updatedAt: timeOrNull(settings.updatedAtMs),
    updatedBy: settings.updatedBy,
    guardrails: guardrailNames.map((name) => ({
      name,
      fill: fills[name]
        .filter(({ of }) => own === null || !ofServers.has(name) || own(of))
        .map(({ untilMs, ...each }) => ({ ...each, until: timeOrNull(untilMs) })),
      heldBack: held
        .filter(({ guardrail, serverId }) => guardrail === name && own?.(serverId) !== false)
        .map(({ serverId, from, to, reason, times, ...each }) => ({
          serverId,
          sourceHostId: from,
          destinationHostId: to,
          reason,
          times,
          firstAt: time(each.firstAtMs),
          lastAt: time(each.lastAtMs),
          until: timeOrNull(each.untilMs),
        })),
    })),
  };
}

function timesOf({ once, weekly }: Schemas['MaintenanceWindowSpec']): WindowTimes {
  if (once !== undefined && weekly === undefined) {
    return { kind: 'once', fromMs: Date.parse(once.from), untilMs: Date.parse(once.until) };
  }
  if (weekly !== undefined && once === undefined) {
    const [hours = 0, minutes = 0] = weekly.at.split(':').map(Number);
    const { days, durationMinutes } = weekly;
    return { kind: 'weekly', days, fromMinute: hours * 60 + minutes, durationMinutes };
  }
  const detail = 'Say either once or weekly';
  throw new ProblemError('UNPROCESSABLE', detail, { errors: [{ pointer: '/body', detail }] });
}

function toWindow(window: MaintenanceWindow): Schemas['MaintenanceWindow'] {
  const { id, hostId, reason, times, createdAtMs, createdBy } = window;
  const common = { id, hostId, reason, createdAt: time(createdAtMs), createdBy };
  if (times.kind === 'once') {
    const once = { from: time(times.fromMs), until: time(times.untilMs) };
    return { ...common, once, weekly: null };
  }
  const two = (value: number) => String(value).padStart(2, '0');
  const at = `${two(Math.floor(times.fromMinute / 60))}:${two(times.fromMinute % 60)}`;
  const weekly = { days: [...times.days], at, durationMinutes: times.durationMinutes };
  return { ...common, once: null, weekly };
}
