import {
  answer,
  fleetMirror,
  type MonitoringClient,
  serviceClient,
  serviceNames,
} from '@sidestep/contracts';
import { ConfigError, openStackLoginOf } from '@sidestep/service-kit';
import { refuseDemoFolder } from '../demo/demo-folder.ts';
import { makeFolder } from '../make-folder.ts';
import type { Output } from '../output.ts';
import { startStack } from '../stack.ts';
import { untilInterrupted } from '../until-interrupted.ts';
import { UsageError } from '../usage-error.ts';

export type StartOptions = {
  portBase: number;
  collectdPort: number;
  dataDir: string;
  redisUrl?: string;
};

/** Runs the four services against the OpenStack that the OS_… variables name, until interrupted. */
export async function start(options: StartOptions, output: Output): Promise<number> {
  const missing = missingVariables(process.env);
  if (missing.length > 0) {
    throw new UsageError(
      `set ${missing.join(', ')} (README, "Your own OpenStack, InfluxDB and Redis")`,
    );
  }
  demandLogin(process.env);
  refuseDemoFolder(options.dataDir);
  makeFolder(options.dataDir, '--data-dir');
  const stack = await startStack({
    dataDir: options.dataDir,
    portBase: options.portBase,
    collectdPort: options.collectdPort,
    ...(options.redisUrl === undefined ? {} : { redisUrl: options.redisUrl }),
    openstack: {},
  });
  for (const name of serviceNames) output.line(`${name.padEnd(10)} ${stack.url[name]}/docs/`);
  output.line(
    `collectd   udp 127.0.0.1:${options.collectdPort}; agents sign as in ${stack.collectdUser.usersFile}`,
  );
  output.line(`tokens     ${stack.access.tokenFile.viewer}, …/operator.token, …/admin.token`);
  output.line(`logs       ${stack.logDir}`);
  const monitoring = serviceClient('monitoring', {
    baseUrl: stack.url.monitoring,
    token: stack.access.token.viewer,
    timeoutMs: 10_000,
  });
  let ending = false;
  const started = {
    stop: () => {
      ending = true;
      return stack.stop();
    },
  };
  return untilInterrupted(started, output, () =>
    Promise.race([tellOpenStack(monitoring, output, () => ending), stack.processes.watch()]),
  );
}

/** Refuses a login that no service could read: each of them would end for it, and say so only in its log. */
export function demandLogin(env: Record<string, string | undefined>): void {
  try {
    openStackLoginOf(env);
  } catch (error) {
    if (error instanceof ConfigError) throw new UsageError(error.faults.join('\n'));
    throw error;
  }
}

const lookEachMs = 2_000;

/** Says whether OpenStack answers, and each time that this changes, until `ending`. */
export async function tellOpenStack(
  monitoring: MonitoringClient,
  output: Output,
  ending: () => boolean,
): Promise<undefined> {
  let told: string | undefined;
  // Of a large cloud only what changed is read each time.
  const readFleet = fleetMirror(async (query) => {
    const fleet = await answer('monitoring', monitoring.GET('/fleet', { params: { query } }));
    return { fleet, change: fleet };
  });
  while (!ending()) {
    // Monitoring itself is watched; an answer that does not come is asked for again.
    const fleet = await readFleet().catch(() => undefined);
    const now = fleet === undefined ? undefined : openStackLine(fleet);
    if (now !== undefined && now.told !== told) {
      told = now.told;
      output.line(now.line);
    }
    await new Promise((resolve) => setTimeout(resolve, lookEachMs));
  }
}

/** What is said of OpenStack; undefined until it was asked for the first time. */
export function openStackLine(fleet: {
  observedAt: string | null;
  problem: string | null;
  hosts: readonly unknown[];
  servers: readonly unknown[];
}): { told: string; line: string } | undefined {
  if (fleet.problem !== null) {
    return {
      told: 'no answer',
      line: `openstack  cannot be read, and is tried again: ${fleet.problem}`,
    };
  }
  if (fleet.observedAt === null) return undefined;
  return {
    told: 'answers',
    line: `openstack  answers: ${fleet.hosts.length} hosts, ${fleet.servers.length} servers`,
  };
}

/** What is needed to log in to OpenStack and is not there. */
export function missingVariables(env: Record<string, string | undefined>): string[] {
  const missing = (names: readonly string[]) => names.filter((name) => !env[name]);
  const credential = ['OS_APPLICATION_CREDENTIAL_ID', 'OS_APPLICATION_CREDENTIAL_SECRET_FILE'];
  if (env.OS_APPLICATION_CREDENTIAL_ID) return missing(['OS_AUTH_URL', ...credential]);
  return missing(['OS_AUTH_URL', 'OS_USERNAME', 'OS_PASSWORD_FILE', 'OS_PROJECT_NAME']);
}
