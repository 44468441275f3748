import type { OpenStackOptions } from '@sidestep/openstack';
import {
  ConfigError,
  commonSettings,
  openStackLogin,
  openStackSettings,
  readConfig,
  setting,
} from '@sidestep/service-kit';
import { z } from 'zod';
import { probesFile } from './adapters/probes/probe-settings.ts';
import type { MonitoringTarget } from './domain/user-data.ts';
import { leaseTtlMs } from './usecases/locks.ts';

const dayMs = 86_400_000;

const schema = z.object({
  ...commonSettings,
  SIDESTEP_NFVO_PORT: setting.port().default(8604),
  ...openStackSettings,
  /** Limit of one call to OpenStack. */
  SIDESTEP_NFVO_OPENSTACK_TIMEOUT_MS: setting.integer(100, 300_000).default(30_000),
  /** How long a lease on a chain outlives a process that died: as long a closed hop stays shut. */
  SIDESTEP_NFVO_LEASE_MS: setting.integer(500, 600_000).default(leaseTtlMs),
  /** Networks that a new VNF is attached to, by name or id, one interface each; none leaves it to Nova. */
  SIDESTEP_NFVO_VNF_NETWORKS: setting.list().default([]),
  /** Image of a new VNF whose request names none. */
  SIDESTEP_NFVO_VNF_IMAGE: setting.text().optional(),
  /** Where a new VNF's collectd reports to, `host:port` as the guests reach it; without it, none is set up. */
  SIDESTEP_NFVO_VNF_MONITORING: monitoringTarget().optional(),
  /** A user of Monitoring's that new VNFs sign their reports as, and its password; without it, they are unsigned. */
  SIDESTEP_NFVO_VNF_MONITORING_USER: setting.text().pipe(inScript()).optional(),
  SIDESTEP_NFVO_VNF_MONITORING_PASSWORD_FILE: setting.secretFile().pipe(inScript()).optional(),
  /** How long re-renders, drains and standbys are kept after their end. Default: 90 days. */
  SIDESTEP_NFVO_KEEP_MS: setting.integer(60_000, 10 * 365 * dayMs).default(90 * dayMs),
  SIDESTEP_PREDICTION_URL: setting.url().default('http://127.0.0.1:8602'),
  /** What may be run to try a chain from end to end; without it, no chain is probed. */
  SIDESTEP_NFVO_PROBES_FILE: probesFile().optional(),
});

export type NfvoSettings = z.output<typeof schema>;
export type NfvoConfig = {
  readonly settings: Readonly<NfvoSettings>;
  /** Where new VNFs report to; null where nothing is set up in them. */
  readonly monitoring: MonitoringTarget | null;
  readonly openstack: OpenStackOptions;
};

/** The environment, or every fault in it. */
export function readNfvoConfig(env: Record<string, string | undefined>): NfvoConfig {
  const settings = readConfig(schema, env);
  const target = targetOf(settings);
  if (target !== null && 'faults' in target) throw new ConfigError(target.faults);
  return {
    settings,
    monitoring: target,
    openstack: {
      ...openStackLogin(settings),
      timeoutMs: settings.SIDESTEP_NFVO_OPENSTACK_TIMEOUT_MS,
    },
  };
}

function monitoringTarget() {
  return z.string().transform((text, context): Omit<MonitoringTarget, 'signer'> => {
    // The name goes into a script: letters that mean something to a shell are no part of one.
    const [, name, literal, digits] =
      /^(?:([A-Za-z0-9.-]{1,253})|\[([0-9A-Fa-f:.]{2,45})\]):(\d{1,5})$/.exec(text) ?? [];
    const host = name ?? literal;
    const port = Number(digits);
    if (host !== undefined && port >= 1 && port <= 65_535) return { host, port };
    context.addIssue({ code: 'custom', message: 'must be like monitoring.example:25826' });
    return z.NEVER;
  });
}

/** What stands in a script between quotes: nothing that a shell or collectd takes for more than itself. */
function inScript() {
  return z
    .string()
    .regex(/^[A-Za-z0-9._~+/=@:-]{1,255}$/, 'may have letters, digits and ._~+/=@:- only');
}

function targetOf({
  SIDESTEP_NFVO_VNF_MONITORING: address,
  SIDESTEP_NFVO_VNF_MONITORING_USER: user,
  SIDESTEP_NFVO_VNF_MONITORING_PASSWORD_FILE: password,
}: NfvoSettings): MonitoringTarget | { faults: string[] } | null {
  if ((user === undefined) !== (password === undefined))
    return {
      faults: [
        'SIDESTEP_NFVO_VNF_MONITORING_USER and SIDESTEP_NFVO_VNF_MONITORING_PASSWORD_FILE go together',
      ],
    };
  if (address === undefined)
    return user === undefined
      ? null
      : { faults: ['SIDESTEP_NFVO_VNF_MONITORING_USER: goes with SIDESTEP_NFVO_VNF_MONITORING'] };
  const signer = user === undefined || password === undefined ? null : { user, password };
  return { ...address, signer };
}
