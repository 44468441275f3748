import type { OpenStackOptions } from '@sidestep/openstack';
import { ConfigError, commonSettings, readConfig, setting } from '@sidestep/service-kit';
import { z } from 'zod';
import { probesFile } from './adapters/probes/probe-settings.ts';
import type { MonitoringTarget } from './domain/user-data.ts';
import { leaseTtlMs } from './usecases/locks.ts';

const dayMs = 86_400_000;

const schema = z.object({
  ...commonSettings,
  SIDESTEP_NFVO_PORT: setting.port().default(8604),
  OS_AUTH_URL: setting.url(),
  OS_USERNAME: setting.text().optional(),
  OS_PASSWORD_FILE: setting.secretFile().optional(),
  OS_APPLICATION_CREDENTIAL_ID: setting.text().optional(),
  OS_APPLICATION_CREDENTIAL_SECRET_FILE: setting.secretFile().optional(),
  OS_PROJECT_NAME: setting.text().optional(),
  OS_USER_DOMAIN_NAME: setting.text().default('Default'),
  OS_PROJECT_DOMAIN_NAME: setting.text().default('Default'),
  OS_REGION_NAME: setting.text().optional(),
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
  /** How long re-renders, drains and standbys are kept after their end. Default: 90 days. */
  SIDESTEP_NFVO_KEEP_MS: setting.integer(60_000, 10 * 365 * dayMs).default(90 * dayMs),
  SIDESTEP_PREDICTION_URL: setting.url().default('http://127.0.0.1:8602'),
  /** What may be run to try a chain from end to end; without it, no chain is probed. */
  SIDESTEP_NFVO_PROBES_FILE: probesFile().optional(),
});

export type NfvoSettings = z.output<typeof schema>;
export type NfvoConfig = {
  readonly settings: Readonly<NfvoSettings>;
  readonly openstack: OpenStackOptions;
};

/** The environment, or every fault in it. */
export function readNfvoConfig(env: Record<string, string | undefined>): NfvoConfig {
  const settings = readConfig(schema, env);
  const auth = authOf(settings);
  if ('faults' in auth) throw new ConfigError(auth.faults);
  return {
    settings,
    openstack: {
      authUrl: settings.OS_AUTH_URL,
      auth,
      timeoutMs: settings.SIDESTEP_NFVO_OPENSTACK_TIMEOUT_MS,
      ...(settings.OS_REGION_NAME === undefined ? {} : { region: settings.OS_REGION_NAME }),
    },
  };
}

function monitoringTarget() {
  return z.string().transform((text, context): MonitoringTarget => {
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

function authOf(settings: NfvoSettings): OpenStackOptions['auth'] | { faults: string[] } {
  const id = settings.OS_APPLICATION_CREDENTIAL_ID;
  const secret = settings.OS_APPLICATION_CREDENTIAL_SECRET_FILE;
  if (id !== undefined && secret !== undefined)
    return { kind: 'application-credential', id, secret };
  if (id !== undefined || secret !== undefined)
    return {
      faults: [
        'OS_APPLICATION_CREDENTIAL_ID and OS_APPLICATION_CREDENTIAL_SECRET_FILE go together',
      ],
    };
  const {
    OS_USERNAME: username,
    OS_PASSWORD_FILE: password,
    OS_PROJECT_NAME: projectName,
  } = settings;
  if (username === undefined || password === undefined || projectName === undefined) {
    const needed = {
      OS_USERNAME: username,
      OS_PASSWORD_FILE: password,
      OS_PROJECT_NAME: projectName,
    };
    return {
      faults: Object.entries(needed).flatMap(([name, value]) =>
        value === undefined ? [`${name}: is needed where no application credential is set`] : [],
      ),
    };
  }
  return {
    kind: 'password',
    username,
    password,
    projectName,
    userDomainName: settings.OS_USER_DOMAIN_NAME,
    projectDomainName: settings.OS_PROJECT_DOMAIN_NAME,
  };
}
