import type { migration } from '@sidestep/contracts';
import { policyNamed } from '@sidestep/policies';
import { type Handlers, NotFound } from '@sidestep/service-kit';
import { unknownPolicy } from '../usecases/change-controls.ts';
import {
  type ConfirmOptions,
  confirmFencing,
  dismissIncident,
  releaseFencing,
} from '../usecases/hosts/confirm-fencing.ts';
import { cancelDrain, releaseDrain } from '../usecases/hosts/end-drain.ts';
import { hostLedger } from '../usecases/hosts/host-ledger.ts';
import { type StartDrainOptions, startDrain } from '../usecases/hosts/start-drain.ts';
import { ownServers } from '../usecases/own-moves.ts';
import { toHostDrain, toHostIncident } from './hosts-to-contract.ts';
import { ownDrain, ownIncident } from './own-host-work.ts';

export type HostHandlerOptions = ConfirmOptions &
  StartDrainOptions & {
    /** Something changed about a host that is being emptied. */
    nudgeHosts(): void;
  };

type HostOperation =
  | 'drainHost'
  | 'releaseHost'
  | 'listHostDrains'
  | 'getHostDrain'
  | 'cancelHostDrain'
  | 'confirmFencing'
  | 'releaseFencing'
  | 'listHostIncidents'
  | 'getHostIncident'
  | 'dismissHostIncident';

const defaultLimit = 100;

/** What is asked about hosts, each operation one use case. */
export function hostHandlers(
  options: HostHandlerOptions,
): Pick<Handlers<migration.operations>, HostOperation> {
  const { ledger, nudgeHosts } = options;
  const known = hostLedger(ledger.records);
  return {
    drainHost: async ({ params: { hostId }, body, principal }) => {
      const policy = body.policy ?? (await ledger.settings()).policy;
      if (policyNamed(policy) === undefined) throw unknownPolicy(policy);
      const drain = await startDrain(options, {
        hostId,
        policy,
        reason: body.reason,
        by: principal.name,
        disableService: body.disableService ?? true,
        maxConcurrentMoves: body.maxConcurrentMoves ?? 2,
      });
      nudgeHosts();
      const headers = { location: `/host-drains/${drain.id}` };
      return { status: 202, body: toHostDrain(drain), headers };
    },
    releaseHost: async ({ params: { hostId }, principal }) => ({
      status: 200,
      body: toHostDrain(await releaseDrain(options, hostId, principal.name)),
    }),
    listHostDrains: async ({
      query: { state, hostId, limit = defaultLimit, cursor },
      principal,
    }) => {
      const where = { ...(state ? { state } : {}), ...(hostId ? { hostId } : {}) };
      const [page, own] = await Promise.all([
        known.drains(where, { limit, cursor }),
        ownServers(options, principal),
      ]);
      const hostDrains = page.items.flatMap(({ value }) => {
        const seen = ownDrain(value, own);
        return seen === undefined ? [] : [toHostDrain(seen)];
      });
      return { status: 200, body: { hostDrains, nextCursor: page.nextCursor } };
    },
    getHostDrain: async ({ params: { hostDrainId }, principal }) => {
      const stored = await known.drain(hostDrainId);
      const own = await ownServers(options, principal);
      const seen = stored === undefined ? undefined : ownDrain(stored.value, own);
      if (seen === undefined) throw new NotFound('host drain', hostDrainId);
      return { status: 200, body: toHostDrain(seen) };
    },
    cancelHostDrain: async ({ params: { hostDrainId }, body, principal }) => {
      const who = { by: principal.name, reason: body.reason };
      const drain = await cancelDrain(options, hostDrainId, who);
      nudgeHosts();
      return { status: 202, body: toHostDrain(drain) };
    },

    confirmFencing: async ({ params: { hostId }, body, principal }) => {
      const given = { means: body.means, reason: body.reason, by: principal.name };
      const incident = await confirmFencing(options, hostId, given);
      nudgeHosts();
      const headers = { location: `/host-incidents/${incident.id}` };
      return { status: 202, body: toHostIncident(incident), headers };
    },
    releaseFencing: async ({ params: { hostId }, principal }) => ({
      status: 200,
      body: toHostIncident(await releaseFencing(options, hostId, principal.name)),
    }),
    listHostIncidents: async ({
      query: { state, hostId, limit = defaultLimit, cursor },
      principal,
    }) => {
      const where = { ...(state ? { state } : {}), ...(hostId ? { hostId } : {}) };
      const [page, own] = await Promise.all([
        known.incidents(where, { limit, cursor }),
        ownServers(options, principal),
      ]);
      const hostIncidents = page.items.flatMap(({ value }) => {
        const seen = ownIncident(value, own);
        return seen === undefined ? [] : [toHostIncident(seen)];
      });
      return { status: 200, body: { hostIncidents, nextCursor: page.nextCursor } };
    },
    getHostIncident: async ({ params: { hostIncidentId }, principal }) => {
      const stored = await known.incident(hostIncidentId);
      const own = await ownServers(options, principal);
      const seen = stored === undefined ? undefined : ownIncident(stored.value, own);
      if (seen === undefined) throw new NotFound('incident', hostIncidentId);
      return { status: 200, body: toHostIncident(seen) };
    },
    dismissHostIncident: async ({ params: { hostIncidentId }, body, principal }) => {
      const who = { by: principal.name, reason: body.reason };
      const incident = await dismissIncident(options, hostIncidentId, who);
      return { status: 200, body: toHostIncident(incident) };
    },
  };
}
