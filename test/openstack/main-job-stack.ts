import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type MigrationClient,
  type MonitoringClient,
  type NfvoClient,
  type ServiceName,
  serviceClient,
} from '@sidestep/contracts';
import { type CollectdUser, signedOnly } from '../../cli/src/collectd-user.ts';
import { demandFreePort, demandFreeUdpPort } from '../../cli/src/free-ports.ts';
import { type Stack, startStack } from '../../cli/src/stack.ts';
import type { Lab } from './lab.ts';
import { lastLines } from './owned-process.ts';

/** Redis and the four services, against the lab. */
export interface MainJobStack {
  readonly collectdPort: number;
  /** Whom the hosts' collectds sign as. */
  readonly collectdUser: CollectdUser;
  readonly monitoring: MonitoringClient;
  readonly migration: MigrationClient;
  readonly nfvo: NfvoClient;
  /** The last lines of each service's log, for the message of a failure. */
  logs(): string;
  /** kill -9 of Migration; the next one is there when it resolves. */
  replaceMigration(): Promise<void>;
  /** Ends the processes and removes what they wrote. */
  stop(): Promise<void>;
}

// Two cores that others use too answer slowly; a limit that the quiet lab never comes near hides no fault.
const OPENSTACK_LIMIT_MS = 60_000;
const SERVICE_LIMIT_MS = 30_000;
const CALL_LIMIT_MS = 180_000;

const SETTINGS = {
  ...signedOnly,
  SIDESTEP_OPENSTACK_TIMEOUT_MS: String(OPENSTACK_LIMIT_MS),
  SIDESTEP_NFVO_OPENSTACK_TIMEOUT_MS: String(OPENSTACK_LIMIT_MS),
  SIDESTEP_INVENTORY_TIMEOUT_MS: String(OPENSTACK_LIMIT_MS),
  SIDESTEP_CALL_TIMEOUT_MS: String(OPENSTACK_LIMIT_MS),
  SIDESTEP_SERVICE_TIMEOUT_MS: String(SERVICE_LIMIT_MS),
  SIDESTEP_REPATH_TIMEOUT_MS: String(CALL_LIMIT_MS),
  // Nobody is there to answer a failure: what follows without an answer follows at once.
  SIDESTEP_OPERATOR_WAIT_MS: '1000',
};

/** Starts the stack as `sidestep start` does, with a folder of its own. */
export async function startMainJobStack(
  lab: Lab,
  settings: Record<string, string> = {},
): Promise<MainJobStack> {
  const folder = mkdtempSync(join(tmpdir(), 'sidestep-main-job-'));
  const passwordFile = join(folder, 'openstack.password');
  const account = lab.credentials();
  writeFileSync(passwordFile, account.password, { mode: 0o600 });
  const portBase = await freePorts();
  const collectdPort = portBase + SERVICES;
  let stack: Stack;
  try {
    stack = await startStack({
      dataDir: folder,
      portBase,
      collectdPort,
      openstack: {
        OS_AUTH_URL: account.authUrl,
        OS_USERNAME: account.username,
        OS_PASSWORD_FILE: passwordFile,
        OS_PROJECT_NAME: account.projectName,
        OS_USER_DOMAIN_NAME: account.userDomainName,
        OS_PROJECT_DOMAIN_NAME: account.projectDomainName,
        OS_REGION_NAME: account.regionName,
      },
      settings: { ...SETTINGS, ...settings },
    });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  // Changing settings is the admin's; one token for all that a test does.
  const client = <Name extends ServiceName>(name: Name) =>
    serviceClient(name, {
      baseUrl: stack.url[name],
      token: stack.access.token.admin,
      timeoutMs: CALL_LIMIT_MS,
    });
  return {
    collectdPort,
    collectdUser: stack.collectdUser,
    monitoring: client('monitoring'),
    migration: client('migration'),
    nfvo: client('nfvo'),
    logs: () =>
      Object.keys(stack.url)
        .map((name) => `${name}:\n${lastLines(join(stack.logDir, `${name}.log`), 8)}`)
        .join('\n'),
    replaceMigration: async () => {
      const worker = stack.process('migration');
      process.kill(worker.pid, 'SIGKILL');
      await worker.ended;
      await stack.restart('migration');
    },
    stop: async () => {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SERVICES = 4;
// Below the ports that the system gives to outgoing connections.
const FIRST_PORT = 21_000;
const LAST_PORT = 32_000;

/** The first of four free TCP ports in a row, with the UDP port after them free as well. */
async function freePorts(): Promise<number> {
  for (let base = FIRST_PORT; base < LAST_PORT; base += SERVICES + 1) {
    if (await areFree(base)) return base;
  }
  throw new Error(`no ${SERVICES} free ports in a row from ${FIRST_PORT} to ${LAST_PORT}`);
}

async function areFree(base: number): Promise<boolean> {
  try {
    for (let port = base; port < base + SERVICES; port++) await demandFreePort(port, '', '');
    await demandFreeUdpPort(base + SERVICES, '', '');
    return true;
  } catch {
    return false;
  }
}
