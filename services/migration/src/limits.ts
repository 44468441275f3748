import type { MigrationConfig } from './config.ts';
import type { OperateLimits } from './usecases/operate/step.ts';
import type { ReconcileLimits } from './usecases/reconcile.ts';

/** Calls that may get lost before an operation gives up: each is waited out, and Nova looked at, before the next. */
const maxCalls = 3;

/** The settings as the use cases take them. */
export function limitsOf(config: MigrationConfig): {
  decide: ReconcileLimits & { vetoRestMs: number };
  operate: OperateLimits;
} {
  return {
    decide: {
      triggerMetrics: new Set(config.SIDESTEP_TRIGGER_METRICS),
      maxInventoryAgeMs: config.SIDESTEP_MAX_INVENTORY_AGE_MS,
      vetoRestMs: config.SIDESTEP_VETO_REST_MS,
      rules: {
        pinnedTag: config.SIDESTEP_PINNED_TAG,
        overcomes: new Set(config.SIDESTEP_LIVE_MIGRATES),
      },
    },
    operate: {
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
  };
}
