import type { migration } from '@sidestep/contracts';
import type { Handlers } from '@sidestep/service-kit';
import { changeModes, changeOwners } from '../usecases/change-controls.ts';
import type { Ledger, ModeSettings, OwnerSettings } from '../usecases/ledger.ts';
import { timeOrNull } from './to-contract.ts';

type Schemas = migration.components['schemas'];

/** Modes by rule, aggregate and VNF, and whose VNFs are whose. */
export function controlHandlers(options: {
  ledger: Ledger;
  now(): number;
  nudge(): void;
}): Pick<
  Handlers<migration.operations>,
  'getModes' | 'replaceModes' | 'getOwners' | 'replaceOwners'
> {
  const { ledger, nudge } = options;
  return {
    getModes: async () => ({ status: 200, body: toModes((await ledger.controls()).modes) }),
    replaceModes: async ({ body, principal }) => {
      const rules = body.rules.map(({ approvers = null, ...rule }) => ({ ...rule, approvers }));
      const given = { rules, controlShare: body.controlShare, by: principal.name };
      const modes = await changeModes(options, given);
      nudge();
      return { status: 200, body: toModes(modes) };
    },
    getOwners: async () => ({ status: 200, body: toOwners((await ledger.controls()).owners) }),
    replaceOwners: async ({ body, principal }) => {
      const owners = body.owners.map(({ subject, serverIds = [], tags = [], projectIds = [] }) => ({
        subject,
        serverIds,
        tags,
        projectIds,
      }));
      const given = { owners, by: principal.name };
      return { status: 200, body: toOwners(await changeOwners(options, given)) };
    },
  };
}

function toModes({ rules, controlShare, updatedAtMs, updatedBy }: ModeSettings): Schemas['Modes'] {
  return {
    rules: rules.map(({ approvers, ...rule }) => ({
      ...rule,
      approvers: approvers === null ? null : { ...approvers, subjects: [...approvers.subjects] },
    })),
    controlShare,
    updatedAt: timeOrNull(updatedAtMs),
    updatedBy,
  };
}

function toOwners({ owners, updatedAtMs, updatedBy }: OwnerSettings): Schemas['Owners'] {
  return {
    owners: owners.map(({ subject, serverIds, tags, projectIds = [] }) => ({
      subject,
      serverIds: [...serverIds],
      tags: [...tags],
      projectIds: [...projectIds],
    })),
    updatedAt: timeOrNull(updatedAtMs),
    updatedBy,
  };
}
