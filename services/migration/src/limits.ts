import type { MigrationConfig } from './config.ts';
import type { IncidentLimits } from './usecases/hosts/change-incident.ts';
import type { PlacingLimits } from './usecases/hosts/place-next.ts';
import type { OperateLimits } from './usecases/operate/step.ts';
import type { ReconcileLimits } from './usecases/reconcile.ts';

/** Calls that may get lost before an operation gives up: each is waited out, and Nova looked at, before the next. */
const maxCalls = 3;

/** The settings as the use cases take them. */
export function limitsOf(config: MigrationConfig): {
  decide: ReconcileLimits & { vetoRestMs: number };
  operate: OperateLimits;
  hosts: { placing: PlacingLimits; incidents: IncidentLimits };
} {
  const decide = {
    triggerMetrics: new Set(config.SIDESTEP_TRIGGER_METRICS),
    maxInventoryAgeMs: config.SIDESTEP_MAX_INVENTORY_AGE_MS,
    slots: {
      perHost: config.SIDESTEP_HOST_MIGRATION_SLOTS,
      perLink: config.SIDESTEP_LINK_MIGRATION_SLOTS ?? null,
    },
    vetoRestMs: config.SIDESTEP_VETO_REST_MS,
    rules: {
      pinnedTag: config.SIDESTEP_PINNED_TAG,
      overcomes: new Set(config.SIDESTEP_LIVE_MIGRATES),
    },
  };
  return {
    decide,
    operate: {
      slots: decide.slots,
      leaseMs: config.SIDESTEP_LEASE_MS,
      pollMs: config.SIDESTEP_POLL_MS,
      callTimeoutMs: config.SIDESTEP_CALL_TIMEOUT_MS,
      maxCalls,
      migrationTimeoutMs: config.SIDESTEP_MIGRATION_TIMEOUT_MS,
      conductorTimeoutMs: config.SIDESTEP_CONDUCTOR_TIMEOUT_MS,
      stallMs: config.SIDESTEP_STALL_MS,
      onNonConvergence: config.SIDESTEP_NON_CONVERGENCE,
      convergenceMs: config.SIDESTEP_CONVERGENCE_MS,
      abortTimeoutMs: config.SIDESTEP_ABORT_TIMEOUT_MS,
      verifyTimeoutMs: config.SIDESTEP_VERIFY_TIMEOUT_MS,
      patienceMs: config.SIDESTEP_PATIENCE_MS,
      onFailure: config.SIDESTEP_ON_FAILURE,
      maxMoveRetries: config.SIDESTEP_MOVE_RETRIES,
      operatorWaitMs: config.SIDESTEP_OPERATOR_WAIT_MS,
      maxRepathRetries: config.SIDESTEP_REPATH_RETRIES,
      retryMs: config.SIDESTEP_RETRY_MS,
      onBroken: config.SIDESTEP_ON_BROKEN_CHAIN,
      maxCompensations: config.SIDESTEP_COMPENSATIONS,
      probeTimeoutMs: config.SIDESTEP_PROBE_TIMEOUT_MS,
      settleMs: config.SIDESTEP_SETTLE_MS,
      hostRestMs: config.SIDESTEP_HOST_REST_MS,
    },
    hosts: {
      placing: {
        ...decide,
        leaving: {
          maxTries: config.SIDESTEP_LEAVE_TRIES,
          retryMs: config.SIDESTEP_LEAVE_RETRY_MS,
        },
      },
      incidents: {
        hookTries: config.SIDESTEP_FENCING_TRIES,
        hookRetryMs: config.SIDESTEP_FENCING_RETRY_MS,
        quietMs: config.SIDESTEP_FENCING_QUIET_MS,
        localDisksMayBeRebuilt: config.SIDESTEP_SHARED_STORAGE || config.SIDESTEP_EVACUATE_REBUILD,
      },
    },
  };
}
