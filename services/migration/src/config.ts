import { policyNamed } from '@sidestep/policies';
import {
  ConfigError,
  commonSettings,
  openStackSettings,
  readConfig,
  setting,
} from '@sidestep/service-kit';
import { z } from 'zod';
import { modes } from './domain/modes.ts';
import { overcomable } from './domain/movability.ts';
import { guardrailSetting } from './guardrail-settings.ts';

const day = 86_400_000;
const duration = (least: number, most = day) => setting.integer(least, most);

const schema = z.object({
  ...commonSettings,
  ...openStackSettings,
  SIDESTEP_MIGRATION_PORT: setting.port().default(8603),
  SIDESTEP_MONITORING_URL: setting.url().default('http://127.0.0.1:8601'),
  SIDESTEP_PREDICTION_URL: setting.url().default('http://127.0.0.1:8602'),
  SIDESTEP_NFVO_URL: setting.url().default('http://127.0.0.1:8604'),
  SIDESTEP_END_WITH_STDIN: setting.flag().default(false),

  /** In force until somebody changes the settings through the API. */
  SIDESTEP_MODE: z.enum(modes).default('recommend'),
  SIDESTEP_POLICY: setting
    .text()
    .refine((name) => policyNamed(name) !== undefined, 'is no policy')
    .default('least-risk'),

  /** Metrics whose alarms, raised on a host, ask for a move. */
  SIDESTEP_TRIGGER_METRICS: setting.list().default(['host.cpuPercent', 'forecast.failureRisk']),
  /** How often alarms are looked at without a wake-up. */
  SIDESTEP_RECONCILE_MS: duration(100).default(10_000),
  /** How often operations without a worker are looked for. */
  SIDESTEP_RECOVER_MS: duration(100).default(5_000),
  /** A server with this tag stays where it is. */
  SIDESTEP_PINNED_TAG: setting.text().default('sidestep:pinned'),
  /** What this cloud moves live although others cannot: local-disk (by block migration), numa, hugepages, cpu-pinning, sriov, vtpm. */
  SIDESTEP_LIVE_MIGRATES: setting
    .list()
    .pipe(z.array(z.enum(overcomable)))
    .default(['local-disk']),
  /** The guardrails' limits, as JSON; in force until somebody changes them through the API. */
  SIDESTEP_GUARDRAILS: guardrailSetting(),
  /** The share of alarms, 0–0.5, that is left without action in recommend, until somebody changes it through the API. */
  SIDESTEP_CONTROL_SHARE: setting.number(0, 0.5).default(0.05),
  /** Events of decisions that are kept, two or three a decision; older ones are forgotten with their decisions. */
  SIDESTEP_KEEP_DECISION_EVENTS: setting.integer(1_000, 10_000_000).default(200_000),
  /** How long host drains and incidents are kept after their end, and until their hosts are given back. Default: 90 days. */
  SIDESTEP_KEEP_HOST_WORK_MS: duration(60_000, 3_650 * day).default(90 * day),
  /** How long after a decision the hosts that policies chose are watched. */
  SIDESTEP_SCORE_HORIZON_MS: duration(1_000).default(300_000),
  /** A host that reaches this CPU meanwhile was no healthy choice. */
  SIDESTEP_OVERLOAD_PERCENT: setting.number(1, 100).default(90),
  /** How often the newest event of the decisions' chain is told of outside. */
  SIDESTEP_HEAD_EXPORT_MS: duration(100).default(60_000),
  /** Operations that this process works at once. */
  SIDESTEP_WORKERS: setting.integer(1, 1_000).default(32),
  /** Moves that may cross one link at once, or one pair of hosts where no way between them is known. Default: any number. */
  SIDESTEP_LINK_MIGRATION_SLOTS: setting.integer(1, 1_000).optional(),
  SIDESTEP_HOST_MIGRATION_SLOTS: setting.integer(1, 64).default(1),
  /** A re-placement that nobody approved in time expires; what is left of an approved one is given up. */
  SIDESTEP_OPTIMIZATION_EXPIRY_MS: duration(1_000, 7 * day).default(7_200_000),
  /** Bound of the JavaScript heap of the thread that searches. */
  SIDESTEP_OPTIMIZER_HEAP_MIB: setting.integer(64, 65_536).default(1_024),
  /** An inventory older than this decides nothing. */
  SIDESTEP_MAX_INVENTORY_AGE_MS: duration(1_000).default(120_000),
  /** A host is left alone so long after an operation from it: its alarm needs that to clear. */
  SIDESTEP_HOST_REST_MS: duration(0).default(60_000),
  /** A host is left alone so long after a veto. */
  SIDESTEP_VETO_REST_MS: duration(0, 7 * day).default(600_000),

  /** One call to another service. */
  SIDESTEP_SERVICE_TIMEOUT_MS: duration(100).default(3_000),
  /** What a move asks before the call, but can do without: whether its hops may lose it, and what it should take. */
  SIDESTEP_ADVICE_TIMEOUT_MS: duration(10).default(1_000),
  /** One call to NFVO's re-path, which answers when it is done. */
  SIDESTEP_REPATH_TIMEOUT_MS: duration(1_000).default(60_000),
  /** One call to OpenStack. */
  SIDESTEP_OPENSTACK_TIMEOUT_MS: duration(100).default(10_000),
  /** The live-migration call; waited out before it is believed not to have been made. */
  SIDESTEP_CALL_TIMEOUT_MS: duration(100).default(30_000),
  SIDESTEP_POLL_MS: duration(50).default(1_000),
  SIDESTEP_LEASE_MS: duration(500).default(15_000),
  SIDESTEP_MIGRATION_TIMEOUT_MS: duration(1_000).default(900_000),
  /** How long Nova's conductor may take to begin with a live migration. */
  SIDESTEP_CONDUCTOR_TIMEOUT_MS: duration(1_000).default(180_000),
  /** A move that comes no nearer to its end for so long has its source's compute looked at. */
  SIDESTEP_STALL_MS: duration(100).default(30_000),
  /** What is done about a copy of which no less has been left for so long. */
  SIDESTEP_NON_CONVERGENCE: z.enum(['abort', 'force', 'wait']).default('abort'),
  SIDESTEP_CONVERGENCE_MS: duration(100).default(120_000),
  SIDESTEP_ABORT_TIMEOUT_MS: duration(1_000).default(120_000),
  SIDESTEP_VERIFY_TIMEOUT_MS: duration(1_000).default(120_000),
  /** How long a step waits for outside systems that do not answer. */
  SIDESTEP_PATIENCE_MS: duration(0).default(120_000),
  /** After a failed move: `recover` begins it again SIDESTEP_MOVE_RETRIES times and rolls it back; `wait` asks an operator. */
  SIDESTEP_ON_FAILURE: z.enum(['recover', 'wait']).default('recover'),
  SIDESTEP_MOVE_RETRIES: setting.integer(0, 10).default(0),
  /** How long an operator is waited for where no rule tells what follows a failure; 0: not at all. */
  SIDESTEP_OPERATOR_WAIT_MS: duration(0, 7 * day).default(600_000),
  /** After a move that does not pass verification: render the hops anew and then ask, or then move back; or ask at once. */
  SIDESTEP_ON_BROKEN_CHAIN: z.enum(['repath', 'move-back', 'wait']).default('repath'),
  SIDESTEP_COMPENSATIONS: setting.integer(0, 10).default(2),
  /** How long a chain may take to pass its probe after the re-path. */
  SIDESTEP_PROBE_TIMEOUT_MS: duration(0).default(15_000),
  SIDESTEP_REPATH_RETRIES: setting.integer(0, 100).default(6),
  SIDESTEP_RETRY_MS: duration(10).default(1_000),
  /** How long chains and hosts are watched, and measured, before and after a move. */
  SIDESTEP_SETTLE_MS: duration(0).default(15_000),

  /** How often a server of a host that is being emptied is tried before it is left there. */
  SIDESTEP_LEAVE_TRIES: setting.integer(1, 100).default(3),
  /** Wait after its first failure; doubled after each. */
  SIDESTEP_LEAVE_RETRY_MS: duration(10).default(30_000),
  /** A program that fences a host, called with the host and the incident. */
  SIDESTEP_FENCING_COMMAND: setting.text().optional(),
  /** Or an address that does (POST). */
  SIDESTEP_FENCING_URL: setting.url().optional(),
  SIDESTEP_FENCING_TOKEN_FILE: setting.secretFile().optional(),
  SIDESTEP_FENCING_TIMEOUT_MS: duration(100).default(30_000),
  SIDESTEP_FENCING_TRIES: setting.integer(1, 20).default(3),
  SIDESTEP_FENCING_RETRY_MS: duration(10).default(5_000),
  /** A host that Nova still calls up has to be silent so long after it was fenced: a few of its reports. */
  SIDESTEP_FENCING_QUIET_MS: duration(0).default(30_000),
  /** The servers' disks are on storage that all hosts share: a dead host takes none along. */
  SIDESTEP_SHARED_STORAGE: setting.flag().default(false),
  /** A server whose disk died with its host may be made anew from its image: what it had written is lost. */
  SIDESTEP_EVACUATE_REBUILD: setting.flag().default(false),
});

export type MigrationConfig = Readonly<z.output<typeof schema>>;

/** The environment as settings, or every fault in it (ConfigError). */
export function migrationConfig(env: Record<string, string | undefined>): MigrationConfig {
  const config = readConfig(schema, env);
  if (config.SIDESTEP_FENCING_COMMAND !== undefined && config.SIDESTEP_FENCING_URL !== undefined) {
    throw new ConfigError([
      'SIDESTEP_FENCING_URL: there is a fencing hook already (SIDESTEP_FENCING_COMMAND)',
    ]);
  }
  return config;
}
